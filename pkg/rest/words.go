package rest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"kith/pkg/fault"
)

const (
	wordRequired = "is required"
	wordUnknown  = "is not a known field"
)

// parameterFields says what is wrong with p.
func parameterFields(p *openapi3.Parameter, err error) []fault.Field {
	one := func(reason string) []fault.Field { return []fault.Field{{Field: p.Name, Reason: reason}} }
	var schema *openapi3.SchemaError
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return one(wordRequired)
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		return one("must not be empty")
	case errors.As(err, &schema):
		var request *openapi3filter.RequestError
		if errors.As(err, &request) {
			err = request.Err
		}
		return schemaFields(p.Name, err)
	}
	if p.Schema != nil {
		return one("must be " + typeWord(p.Schema.Value.Type))
	}
	return one("does not have the expected form")
}

// schemaFields turns the validator's errors into fields below root ("" for the body).
func schemaFields(root string, err error) []fault.Field {
	if many, ok := listOf(err); ok {
		var fields []fault.Field
		for _, e := range many {
			fields = append(fields, schemaFields(root, e)...)
		}
		return fields
	}
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return []fault.Field{{Field: orBody(root), Reason: "must not be given"}} // a read-only property
	}
	path := joinPath(root, e.JSONPointer())
	switch e.SchemaField {
	case "properties":
		return []fault.Field{{Field: shown(joinPath(path, []string{quoted(e.Reason)})), Reason: wordUnknown}}
	case "discriminator":
		d := e.Schema.Discriminator
		reason := "must be one of " + strings.Join(sortedKeys(d.Mapping), ", ")
		if e.Value == nil {
			reason = wordRequired
		}
		return []fault.Field{{Field: joinPath(path, []string{d.PropertyName}), Reason: reason}}
	case "allOf", "oneOf":
		var inner openapi3.MultiError
		if alternatives, ok := alternativesOf(e); ok && (e.SchemaField == "allOf" || len(alternatives) == 1) {
			inner = alternatives
		}
		if len(inner) > 0 {
			return schemaFields(root, inner)
		}
	}
	return []fault.Field{{Field: shown(orBody(path)), Reason: reasonOf(e)}}
}

// listOf returns err itself if it is a list. Looking through the chain, as
// errors.As does, would find only the first error of a list in a list.
func listOf(err any) (openapi3.MultiError, bool) {
	m, ok := err.(openapi3.MultiError)
	return m, ok
}

// alternativesOf are the errors of the parts of a composed schema. Their paths
// start at the root.
func alternativesOf(e *openapi3.SchemaError) (openapi3.MultiError, bool) {
	for err := e.Origin; err != nil; err = errors.Unwrap(err) {
		if m, ok := listOf(err); ok {
			return m, true
		}
	}
	return nil, false
}

// reasonOf says what would be right. A schema can say it better for its
// pattern, in the extension x-kith-reason.
func reasonOf(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "type":
		if e.Reason == "value must be an integer" {
			return "must be a whole number"
		}
		return "must be " + typeWord(s.Type)
	case "nullable":
		return "must not be null"
	case "required":
		return wordRequired
	case "enum":
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return "must be one of " + strings.Join(values, ", ")
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("at least %d characters are needed", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("at most %d characters are allowed", *s.MaxLength)
	case "pattern":
		if r, ok := s.Extensions["x-kith-reason"].(string); ok {
			return r
		}
		return "must match " + s.Pattern
	case "format":
		return formatWord(s.Format)
	case "minimum":
		return "must be at least " + number(*s.Min)
	case "maximum":
		return "must be at most " + number(*s.Max)
	case "exclusiveMinimum":
		return "must be more than " + number(*s.Min)
	case "exclusiveMaximum":
		return "must be less than " + number(*s.Max)
	case "multipleOf":
		return "must be a multiple of " + number(*s.MultipleOf)
	case "minItems":
		return fmt.Sprintf("must have at least %d entries", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have at most %d entries", *s.MaxItems)
	case "uniqueItems":
		return "must not have the same entry twice"
	case "minProperties":
		return fmt.Sprintf("must have at least %d fields", s.MinProps)
	case "maxProperties":
		return fmt.Sprintf("must have at most %d fields", *s.MaxProps)
	case "oneOf", "anyOf":
		return "does not fit any of the allowed forms"
	}
	return "does not have the expected form"
}

func formatWord(format string) string {
	switch format {
	case "date-time":
		return "must be a time such as 2026-01-31T09:30:00Z"
	case "date":
		return "must be a date such as 2026-01-31"
	case "uri":
		return "must be an address such as https://example.org/page"
	case "int32", "int64":
		return "is out of range"
	}
	return "must have the format " + format
}

func typeWord(types *openapi3.Types) string {
	var words []string
	for _, t := range types.Slice() {
		switch t {
		case openapi3.TypeString:
			words = append(words, "text")
		case openapi3.TypeInteger:
			words = append(words, "a whole number")
		case openapi3.TypeNumber:
			words = append(words, "a number")
		case openapi3.TypeBoolean:
			words = append(words, "true or false")
		case openapi3.TypeArray:
			words = append(words, "a list")
		case openapi3.TypeObject:
			words = append(words, "an object")
		}
	}
	if len(words) == 0 {
		return "of the expected type"
	}
	return strings.Join(words, " or ")
}

func kindWord(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number in range"
	}
	return "of the expected type"
}

// joinPath writes a path as people do: steps[0].due.
func joinPath(root string, path []string) string {
	var b strings.Builder
	b.WriteString(root)
	for _, p := range path {
		if _, err := strconv.Atoi(p); err == nil && b.Len() > 0 {
			b.WriteString("[" + p + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}

func orBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}

// shown makes a name that the caller chose fit to be repeated.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	if name == "" {
		return `""`
	}
	return name
}

// quoted is what stands between the first and the last quote of s.
func quoted(s string) string {
	from, to := strings.IndexByte(s, '"'), strings.LastIndexByte(s, '"')
	if from < 0 || to <= from {
		return ""
	}
	if u, err := strconv.Unquote(s[from : to+1]); err == nil {
		return u
	}
	return s[from+1 : to]
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
