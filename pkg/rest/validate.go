package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// maxFields bounds a problem; a caller with more errors than that has another problem.
const maxFields = 20

// validate holds the request against its operation and names all that is
// wrong at once. The document's router is not asked: echo has found the route,
// and the operation was bound to it when it was mounted.
func (k *call) validate(c echo.Context) error {
	var fields []fault.Field
	if k.op.command {
		key, reason := idempotencyKey(c.Request().Header)
		if reason != "" {
			fields = append(fields, fault.Field{Field: headerKey, Reason: reason})
		}
		k.key = key
	}
	for _, name := range []string{headerSeq, headerLastEvent, headerContentType} {
		if len(c.Request().Header[name]) > 1 {
			fields = append(fields, fault.Field{Field: name, Reason: "may be given only once"})
		}
	}
	fields = append(fields, k.parameters(c)...)
	wrong, err := k.content(c.Request().Header.Get(headerContentType))
	if err != nil {
		return err
	}
	if fields = append(fields, wrong...); len(fields) > 0 {
		return invalid(fields)
	}
	if k.op.ifMatch { // here, for generated code would call its absence a bad request
		_, err = IfMatch(c)
	}
	return err
}

// invalid is one error for all fields; its detail shows the first three.
func invalid(fields []fault.Field) *fault.Error {
	var unique []fault.Field
	for _, f := range fields {
		if !slices.Contains(unique, f) && len(unique) < maxFields {
			unique = append(unique, f)
		}
	}
	var said []string
	for _, f := range unique[:min(3, len(unique))] {
		said = append(said, f.Field+": "+f.Reason)
	}
	if len(unique) > 3 {
		said = append(said, "and more")
	}
	return &fault.Error{Code: fault.Invalid, Detail: strings.Join(said, "; "), Fields: unique}
}

func (k *call) parameters(c echo.Context) []fault.Field {
	var fields []fault.Field
	r := c.Request()
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fields = append(fields, fault.Field{Field: "query", Reason: "is not well encoded"})
	}
	for name, values := range query {
		repeats, known := k.op.query[name]
		switch {
		case !known && k.op.strange:
		case !known:
			fields = append(fields, fault.Field{Field: shown(name), Reason: "is not a parameter of this address"})
		case len(values) > 1 && !repeats:
			fields = append(fields, fault.Field{Field: name, Reason: "may be given only once"})
		case slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }):
			fields = append(fields, fault.Field{Field: name, Reason: "must be UTF-8"})
		}
	}
	// Go's maps have no order, an answer should have one.
	slices.SortFunc(fields, func(a, b fault.Field) int { return strings.Compare(a.Field, b.Field) })
	if len(k.op.params) == 0 {
		return fields
	}
	names, values := c.ParamNames(), c.ParamValues()
	in := &openapi3filter.RequestValidationInput{
		Request: r, QueryParams: query, Route: k.op.route, Options: k.op.options,
		PathParams: make(map[string]string, len(names)),
	}
	for i, n := range names {
		v := values[i]
		if r.URL.RawPath != "" { // echo leaves those encoded
			if v, err = url.PathUnescape(v); err != nil {
				fields = append(fields, fault.Field{Field: n, Reason: "is not well encoded"})
			}
		}
		if !utf8.ValidString(v) {
			fields = append(fields, fault.Field{Field: n, Reason: "must be UTF-8"})
		}
		in.PathParams[n] = v
	}
	for _, p := range k.op.params {
		if err := openapi3filter.ValidateParameter(r.Context(), in, p); err != nil {
			fields = append(fields, parameterFields(p, err)...)
		}
	}
	return fields
}

// content judges the body. Content that is not JSON is left to the handler.
func (k *call) content(contentType string) ([]fault.Field, error) {
	body := k.op.body
	switch {
	case len(k.body) == 0 && (body == nil || !body.Required):
		return nil, nil
	case len(k.body) == 0:
		return []fault.Field{{Field: "body", Reason: wordRequired}}, nil
	case body == nil:
		return []fault.Field{{Field: "body", Reason: "must be empty"}}, nil
	}
	media := body.Content.Get(contentType)
	if media == nil || contentType == "" {
		return nil, fault.New(fault.Unsupported, "The body must have one of these content types: %s.", strings.Join(mediaTypes(body.Content), ", "))
	}
	if media.Schema == nil || !isJSON(contentType) {
		return nil, nil
	}
	if !utf8.Valid(k.body) {
		return []fault.Field{{Field: "body", Reason: "must be UTF-8"}}, nil
	}
	var v any
	if err := json.Unmarshal(k.body, &v); err != nil {
		var f *fault.Error
		if errors.As(decodeFault(err, k.body), &f) {
			return f.Fields, nil
		}
		return nil, err
	}
	if err := media.Schema.Value.VisitJSON(v, k.srv.schemas...); err != nil {
		return schemaFields("", err), nil
	}
	return nil, nil
}

func mediaTypes(content openapi3.Content) []string {
	var types []string
	for t := range content {
		types = append(types, t)
	}
	slices.Sort(types)
	return types
}

// schemaOptions are those of every body: all errors at once, and formats that
// decode into the types which generated code uses for them.
func schemaOptions() []openapi3.SchemaValidationOption {
	format := func(f func(string) error) openapi3.StringFormatValidator { return openapi3.NewCallbackValidator(f) }
	return []openapi3.SchemaValidationOption{
		openapi3.VisitAsRequest(),
		openapi3.MultiErrors(),
		openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
			"date-time": format(func(s string) error { _, err := time.Parse(time.RFC3339, s); return err }),
			"date":      format(func(s string) error { _, err := time.Parse(time.DateOnly, s); return err }),
			"uri": format(func(s string) error {
				u, err := url.Parse(s)
				if err == nil && !u.IsAbs() {
					err = errors.New("not absolute")
				}
				return err
			}),
		}),
	}
}

// idempotencyKey returns the key, or what is wrong with it.
func idempotencyKey(h http.Header) (key, reason string) {
	sent := h[headerKey]
	switch {
	case len(sent) == 0 || sent[0] == "":
		return "", "is required: a value of your choice that is the same when you repeat this command"
	case len(sent) > 1:
		return "", "may be given only once"
	}
	key = sent[0]
	if len(key) > 128 || strings.ContainsFunc(key, func(r rune) bool { return r <= 0x20 || r > 0x7e }) {
		return "", "must be 1 to 128 printable ASCII characters without spaces"
	}
	return key, ""
}
