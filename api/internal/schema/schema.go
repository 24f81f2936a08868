// Package schema writes down the published language for those who do not read
// Go: a JSON Schema for every event, an AsyncAPI document, and a catalogue.
package schema

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"kith/api/events"
	"kith/api/sealed"
)

// textPattern is the stored form of a sealed text, or nothing.
const textPattern = `^(v1:[^:]+:(identity|content):[^:]+:[^:]+:[A-Za-z0-9_-]*)?$`

// Doc is one event, described.
type Doc struct {
	events.Entry
	Type   string
	Path   string // of its schema below the api module: schema/<context>/<type>.v<N>.json
	Schema *jsonschema.Schema
}

// Describe derives the schema of every event from its struct and from the
// comments in its source. The working directory MUST be the root of the
// module kith/api, where the source is read.
func Describe() ([]Doc, error) {
	r := &jsonschema.Reflector{Anonymous: true, DoNotReference: true, Mapper: text}
	if err := r.AddGoComments("kith/api", "./events", jsonschema.WithFullComment()); err != nil {
		return nil, fmt.Errorf("schema: read comments: %w", err)
	}
	for k, v := range r.CommentMap {
		r.CommentMap[k] = strings.Join(strings.Fields(v), " ")
	}
	var all []Doc
	for _, e := range events.All() {
		typ, version := e.Event.EventType(), e.Version()
		s := r.Reflect(e.Event)
		allowNull(s, reflect.TypeOf(e.Event))
		s.Version = "http://json-schema.org/draft-07/schema#"
		s.ID = jsonschema.ID(fmt.Sprintf("urn:kith:event:%s:%s:%d", e.Context, typ, version))
		s.Title = typ
		all = append(all, Doc{
			Entry: e, Type: typ, Schema: s,
			Path: path.Join("schema", e.Context, fmt.Sprintf("%s.v%d.json", typ, version)),
		})
	}
	return all, nil
}

// Files are the generated files: path relative to the module kith/api → content.
// The working directory is that of Describe.
func Files() (map[string][]byte, error) {
	docs, err := Describe()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, d := range docs {
		b, err := json.MarshalIndent(d.Schema, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("schema: %s: %w", d.Type, err)
		}
		files[d.Path] = append(b, '\n')
	}
	if files["asyncapi.yaml"], err = asyncAPI(docs); err != nil {
		return nil, err
	}
	files["../docs/events.md"] = catalogue(docs)
	return files, nil
}

// text describes sealed.Text by its stored form.
func text(t reflect.Type) *jsonschema.Schema {
	if t != reflect.TypeFor[sealed.Text]() {
		return nil
	}
	return &jsonschema.Schema{Type: "string", Pattern: textPattern, Extras: map[string]any{"x-sealed": true}}
}

// allowNull lets lists that are always written be null, which is how Go writes
// an empty one.
func allowNull(s *jsonschema.Schema, t reflect.Type) {
	switch t.Kind() {
	case reflect.Slice:
		allowNull(s.Items, t.Elem())
	case reflect.Struct:
		if s.Properties == nil {
			return
		}
		for _, f := range reflect.VisibleFields(t) {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			p, ok := s.Properties.Get(name)
			if !ok || f.Anonymous {
				continue
			}
			allowNull(p, f.Type)
			if list := f.Type.Kind() == reflect.Slice || f.Type.Kind() == reflect.Map; list && options == "" {
				p.Extras = map[string]any{"type": []string{p.Type, "null"}}
				p.Type = ""
			}
		}
	default:
	}
}

// NewVersion says what to do about a schema that changes.
const NewVersion = "a released schema stays as it is; if only optional fields are added, give the event a SchemaVersion one higher " +
	"and ReadableSince, and keep the old schema's file; anything else is a new event type. " +
	"(Before the first release: delete the file and generate again.)"
