package mydata

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kith/pkg/access"
	"kith/pkg/es"
)

// Format names the shape of the JSON, which docs/mydata.md describes.
const Format = "kith-my-data/1"

// Names of the files in an archive.
const (
	JSONFile = "my-data.json"
	PageFile = "my-data.html"
)

// head is what an archive says of itself.
type head struct {
	Format  string    `json:"format"`
	Person  string    `json:"person"`
	Made    time.Time `json:"made"`
	Through uint64    `json:"through"` // last position of the log that was read
	Events  int       `json:"events"`
}

// present is who the person is now.
type present struct {
	Identity    map[string]any `json:"identity"`
	Profile     map[string]any `json:"profile"`
	Roles       []string       `json:"roles"`
	Memberships []member       `json:"memberships"`
}

type member struct {
	Community string      `json:"community"`
	Role      access.Role `json:"role"`
}

// Write writes the archive, a ZIP, as it goes along: an error leaves one that
// does not open. Made is the time that it states.
func (a *Archive) Write(ctx context.Context, to io.Writer, made time.Time) error {
	z := zip.NewWriter(to)
	h := head{Format: Format, Person: a.person, Made: made.UTC(), Through: a.through, Events: a.count()}
	now, err := a.present(ctx)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(context.Context, io.Writer, head, present) error
	}{{JSONFile, a.json}, {PageFile, a.page}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: h.Made})
		if err != nil {
			return err
		}
		if err := file.write(ctx, w, h, now); err != nil {
			return fmt.Errorf("write %s: %w", file.name, err)
		}
	}
	return z.Close()
}

// json writes one object: the head, now, parts, names; an event a line.
func (a *Archive) json(ctx context.Context, to io.Writer, h head, now present) error {
	w := jsonWriter{to: to}
	w.begin(h)
	w.text(`,"now":`)
	w.value(now)
	w.text(`,"parts":{`)
	for i, part := range parts {
		if i > 0 {
			w.text(",\n")
		}
		w.value(part)
		w.text(":[")
		between := "\n"
		err := a.each(ctx, a.found[part], func(r es.Recorded) error {
			e, err := a.entry(ctx, r)
			if err != nil {
				return err
			}
			w.text(between)
			between = ",\n"
			w.value(e)
			return w.err
		})
		if err != nil {
			return err
		}
		w.text("]")
	}
	w.text(`},"names":`)
	w.value(a.names)
	w.text("}\n")
	return w.err
}

// jsonWriter keeps the first error.
type jsonWriter struct {
	to  io.Writer
	err error
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.to, s)
	}
}

func (w *jsonWriter) value(v any) {
	data, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	w.text(string(data))
}

// begin writes v, an object, without its end, so that more can follow.
func (w *jsonWriter) begin(v any) {
	data, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	w.text(strings.TrimSuffix(string(data), "}"))
}

// present puts together who the person is now, from the newest events that say so.
func (a *Archive) present(ctx context.Context) (present, error) {
	known, _ := a.w.Access.Person(a.person)
	now := present{Identity: map[string]any{}, Profile: map[string]any{}, Roles: []string{}, Memberships: []member{}}
	take := func(seq uint64, into map[string]any, fields ...string) error {
		if seq == 0 {
			return nil
		}
		return a.each(ctx, []uint64{seq}, func(r es.Recorded) error {
			e, err := a.entry(ctx, r)
			for name, v := range e.Data {
				if len(fields) == 0 || slices.Contains(fields, name) {
					into[name] = v
				}
			}
			return err
		})
	}
	if err := take(a.registered, now.Identity, "staff_number"); err != nil {
		return now, err
	}
	if err := take(a.renamed, now.Identity, "name", "email"); err != nil {
		return now, err
	}
	if err := take(a.profiled, now.Profile); err != nil {
		return now, err
	}
	for name, v := range map[string]string{"unit": known.Unit, "site": known.Site, "language": known.Language} {
		if v != "" {
			now.Identity[name] = v
		}
	}
	if err := a.names.meet(ctx, known.Unit); err != nil {
		return now, err
	}
	for _, role := range known.Roles {
		now.Roles = append(now.Roles, string(role))
	}
	for community, role := range a.w.Access.CommunitiesOf(a.person) {
		now.Memberships = append(now.Memberships, member{community, role})
		if err := a.names.meet(ctx, community); err != nil {
			return now, err
		}
	}
	slices.SortFunc(now.Memberships, func(x, y member) int { return strings.Compare(x.Community, y.Community) })
	return now, nil
}
