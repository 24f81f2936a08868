package schema

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"
)

// catalogue is docs/events.md.
func catalogue(docs []Doc) []byte {
	var b bytes.Buffer
	b.WriteString(`<!-- Generated from api/events by make generate; do not edit. -->
# The events

Every fact of Kith, by the service that owns it. An event lies on the subject
of its stream, and only its owner may publish there. Fields marked 🔒 are
encrypted with a key of the person they belong to; fields marked * are always
present. The schemas are in [api/schema](../api/schema), the envelope is in
[api/asyncapi.yaml](../api/asyncapi.yaml).

| event | owner | stream |
|---|---|---|
`)
	for _, d := range docs {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | `evt.%s.%s.<id>` |\n", d.Type, anchor(d), d.Context, d.Context, d.Aggregate)
	}
	context := ""
	for _, d := range docs {
		if d.Context != context {
			context = d.Context
			fmt.Fprintf(&b, "\n## %s\n", context)
		}
		fmt.Fprintf(&b, "\n### %s v%d\n\n%s\n\n", d.Type, d.Version(), d.Schema.Description)
		if d.Schema.Properties.Len() == 0 {
			b.WriteString("It has no fields.\n")
			continue
		}
		b.WriteString("| field | type | |\n|---|---|---|\n")
		rows(&b, "", d.Schema)
	}
	return b.Bytes()
}

// anchor is what Markdown renderers make of the event's heading.
func anchor(d Doc) string {
	return fmt.Sprintf("%sv%d", strings.ReplaceAll(d.Type, ".", "")+"-", d.Version())
}

func rows(b *bytes.Buffer, prefix string, s *jsonschema.Schema) {
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		mark := ""
		if required[p.Key] {
			mark = " *"
		}
		name := prefix + p.Key
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", name, mark, typeName(p.Value), strings.ReplaceAll(p.Value.Description, "|", "\\|"))
		if items := p.Value.Items; items != nil && items.Properties != nil {
			rows(b, name+"[].", items)
		}
	}
}

func typeName(s *jsonschema.Schema) string {
	switch {
	case s.Extras["x-sealed"] == true:
		return "text 🔒"
	case s.Items != nil:
		return "list of " + typeName(s.Items)
	case s.AdditionalProperties != nil && s.Properties.Len() == 0 && s.AdditionalProperties.Type != "":
		return "map of " + typeName(s.AdditionalProperties)
	case s.Format == "date-time":
		return "time"
	default:
		return s.Type
	}
}
