package mydata

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kith/api/sealed"
	"kith/pkg/es"
)

// entry is one event as the person is told of it.
type entry struct {
	Seq        uint64         `json:"seq"`
	Type       string         `json:"type"`
	Time       time.Time      `json:"time"`
	Occurred   time.Time      `json:"occurred,omitzero"` // of imported history
	About      string         `json:"about"`             // kind of thing: "community.request"
	ID         string         `json:"id,omitempty"`      // of that thing
	By         string         `json:"by,omitempty"`      // person id, or reactor:name
	Reason     string         `json:"reason,omitempty"`  // a code
	Imported   bool           `json:"imported,omitempty"`
	Unreadable bool           `json:"unreadable,omitempty"` // this version cannot decode it
	Data       map[string]any `json:"data,omitempty"`
	Erased     []string       `json:"erased,omitempty"`   // texts whose key was destroyed
	Withheld   []string       `json:"withheld,omitempty"` // texts of others that the person does not see
}

// written is a text that was sealed, to be told from codes and ids.
type written string

// entry tells of an event that concerns the person.
func (a *Archive) entry(ctx context.Context, r es.Recorded) (entry, error) {
	t := a.tell(r)
	e := entry{
		Seq: r.Seq, Type: r.Type, Time: r.Time, Occurred: r.Meta.OccurredAt, About: r.Stream.Context + "." + r.Stream.Aggregate,
		Imported: r.Meta.Imported,
	}
	_, e.Unreadable = r.Data.(es.Unreadable)
	if !t.veil {
		e.ID, e.By, e.Reason = r.Stream.ID, r.Meta.Actor, r.Meta.Reason
		for _, id := range []string{e.ID, e.By} {
			if err := a.names.meet(ctx, id); err != nil {
				return e, err
			}
		}
	}
	var err error
	if t.show == nil {
		err = a.ownTexts(ctx, r.Data, &e)
	} else {
		err = a.data(ctx, t, &e)
	}
	if err != nil {
		return e, fmt.Errorf("tell of event %d: %w", r.Seq, err)
	}
	return e, nil
}

// ownTexts fills in the person's own texts, by their place, and nothing else.
func (a *Archive) ownTexts(ctx context.Context, from es.Event, e *entry) error {
	_, err := sealed.Map(from, func(path string, t sealed.Text) (sealed.Text, error) {
		text, ok, err := a.open(ctx, path, t, false, e)
		if err == nil && ok {
			if e.Data == nil {
				e.Data = map[string]any{}
			}
			e.Data[path] = text
		}
		return t, err
	})
	e.Withheld = nil // of such an event others' words are not even counted
	return err
}

// data fills in what the event says, with the texts that are for the person
// open in their places.
func (a *Archive) data(ctx context.Context, t told, e *entry) error {
	texts := map[string]any{} // sealed form → text, nil: not for the person
	hidden := func(name string) bool { return slices.Contains(t.hide, name) }
	_, err := sealed.Map(t.show, func(path string, s sealed.Text) (sealed.Text, error) {
		if slices.ContainsFunc(strings.Split(path, "."), hidden) {
			return s, nil // goes with what it is in
		}
		text, ok, err := a.open(ctx, path, s, t.reads, e)
		if err != nil {
			return s, err
		}
		form, err := formOf(s)
		if texts[form] = nil; ok {
			texts[form] = text
		}
		return s, err
	})
	if err != nil {
		return err
	}
	stored, err := json.Marshal(t.show)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(stored))
	d.UseNumber() // positions do not fit a float
	if err := d.Decode(&e.Data); err != nil {
		return err
	}
	return cleaner{names: &a.names, hidden: hidden, texts: texts}.object(ctx, e.Data)
}

// open opens a text of the person, or of another if it is for the person, and
// notes in e where it cannot be read.
func (a *Archive) open(ctx context.Context, path string, t sealed.Text, others bool, e *entry) (written, bool, error) {
	box, err := t.Box()
	if err != nil {
		return "", false, err
	}
	if box.Person != a.person && !others {
		e.Withheld = append(e.Withheld, path)
		return "", false, nil
	}
	text, ok, err := a.w.Vault.Reveal(ctx, t)
	if err == nil && !ok {
		e.Erased = append(e.Erased, path)
	}
	return written(text), ok, err
}

// formOf is a sealed text as it stands in data.
func formOf(t sealed.Text) (form string, err error) {
	stored, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(stored, &form)
	}
	return form, err
}

// cleaner takes out of data what is not for the person, and learns the names
// of what is left.
type cleaner struct {
	names  *names
	hidden func(name string) bool
	texts  map[string]any
}

func (c cleaner) object(ctx context.Context, data map[string]any) error {
	for name, v := range data {
		if c.hidden(name) {
			delete(data, name)
			continue
		}
		kept, err := c.value(ctx, v)
		if err != nil {
			return err
		}
		if data[name] = kept; kept == nil {
			delete(data, name)
		}
	}
	return nil
}

// value is v as it is kept, nil if it is not.
func (c cleaner) value(ctx context.Context, v any) (any, error) {
	switch v := v.(type) {
	case string:
		if text, sealedText := c.texts[v]; sealedText {
			return text, nil
		}
		if v == "" {
			return nil, nil
		}
		return v, c.names.meet(ctx, v)
	case map[string]any:
		return v, c.object(ctx, v)
	case []any:
		kept := v[:0]
		for _, one := range v {
			one, err := c.value(ctx, one)
			if err != nil {
				return nil, err
			}
			if one != nil {
				kept = append(kept, one)
			}
		}
		return kept, nil
	}
	return v, nil
}

// byReactor reports whether nobody in person has acted.
func byReactor(actor string) bool { return strings.HasPrefix(actor, "reactor:") }
