package openapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

var (
	camel   = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	snake   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	segment = regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][a-z0-9]*(_[a-z0-9]+)*\})$`)
	roles   = []string{
		"public", "person", "reader", "self", "asker", "author", "helper", "invitee",
		"member", "sponsor", "host", "core", "peripheral", "guest",
		"coordinator", "connector", "ombudsperson", "auditor", "administrator",
	}
)

// checker collects what is wrong with one document.
type checker struct {
	doc   *openapi3.T
	seen  map[visit]bool
	found []string
}

type visit struct {
	schema *openapi3.Schema
	closed bool
}

// violations names every place where doc breaks a rule of README.md, sorted.
func violations(doc *openapi3.T, service string) []string {
	c := &checker{doc: doc, seen: map[visit]bool{}}
	if doc.OpenAPI != "3.0.3" {
		c.add("openapi must be 3.0.3")
	}
	base := "/api/" + service
	if service == "portal" {
		base = "/portal" // it is for browsers, and in front of the others
	}
	if len(doc.Servers) != 1 || doc.Servers[0].URL != base {
		c.add("servers must be [{url: %s}]", base)
	}
	if len(doc.Security) != 1 || doc.Security[0]["bearer"] == nil {
		c.add("security must be [{bearer: []}]")
	}
	ids := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for _, s := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
			if !segment.MatchString(s) {
				c.add("%s: segment %q must be kebab-case, or a parameter in snake_case", path, s)
			}
		}
		for method, op := range item.Operations() {
			at := method + " " + path
			if ids[op.OperationID] {
				c.add("%s: operationId %q is used twice", at, op.OperationID)
			}
			ids[op.OperationID] = true
			c.operation(at, method, op, append(slices.Clone(item.Parameters), op.Parameters...))
		}
	}
	for name, s := range doc.Components.Schemas {
		c.schema(name, s, false)
	}
	sort.Strings(c.found)
	return c.found
}

func (c *checker) add(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func (c *checker) operation(at, method string, op *openapi3.Operation, params openapi3.Parameters) {
	if !camel.MatchString(op.OperationID) {
		c.add("%s: operationId %q must be in camelCase", at, op.OperationID)
	}
	if op.Summary == "" || strings.Contains(op.Summary, "\n") {
		c.add("%s: a one-line summary is missing", at)
	}
	if len(op.Tags) != 1 || c.doc.Tags.Get(op.Tags[0]) == nil {
		c.add("%s: exactly one tag of the document's is needed", at)
	}
	c.roles(at, op)
	for _, p := range params {
		if (p.Value.In == "query" || p.Value.In == "path") && !snake.MatchString(p.Value.Name) {
			c.add("%s: parameter %q must be in snake_case", at, p.Value.Name)
		}
		c.schema(at+" "+p.Value.Name, p.Value.Schema, false)
	}
	if (params.GetByInAndName("query", "cursor") == nil) != (params.GetByInAndName("query", "limit") == nil) {
		c.add("%s: cursor and limit belong together", at)
	}
	command := method != http.MethodGet && method != http.MethodHead && op.Extensions["x-kith-command"] != false
	if command && params.GetByInAndName("header", "Idempotency-Key") == nil {
		c.add("%s: a command needs the Idempotency-Key parameter, else say x-kith-command: false", at)
	}
	if op.RequestBody != nil {
		for media, m := range op.RequestBody.Value.Content {
			c.schema(at+" "+media, m.Schema, true)
		}
	}
	c.responses(at, op, command)
}

func (c *checker) roles(at string, op *openapi3.Operation) {
	list, _ := op.Extensions["x-kith-roles"].([]any)
	if len(list) == 0 {
		c.add("%s: x-kith-roles is missing", at)
	}
	public := false
	for _, r := range list {
		word, _ := r.(string)
		if !slices.Contains(roles, word) {
			c.add("%s: x-kith-roles: there is no role %v", at, r)
		}
		public = public || word == "public"
	}
	tokenless := op.Security != nil && len(*op.Security) == 0
	if public && len(list) > 1 {
		c.add("%s: x-kith-roles: public stands alone", at)
	}
	if public != tokenless {
		c.add("%s: x-kith-roles: [public] and security: [] belong together", at)
	}
}

func (c *checker) responses(at string, op *openapi3.Operation, command bool) {
	success := 0
	for code, r := range op.Responses.Map() {
		if code == "default" {
			if r.Ref != "#/components/responses/Problem" {
				c.add("%s: the default response must be $ref: '#/components/responses/Problem'", at)
			}
			continue
		}
		if code == "303" {
			success++
		}
		if strings.HasPrefix(code, "2") {
			success++
			if command && r.Value.Headers["Kith-Seq"] == nil {
				c.add("%s: response %s of a command needs the header Kith-Seq", at, code)
			}
		}
		for media, m := range r.Value.Content {
			// Streams and files have no length that could be promised.
			if strings.HasSuffix(media, "json") && !strings.Contains(media, "ndjson") {
				c.schema(at+" "+code, m.Schema, false)
			}
		}
	}
	if op.Responses.Default() == nil {
		c.add("%s: the default response is missing", at)
	}
	if success == 0 {
		c.add("%s: a success response is missing", at)
	}
}

// schema checks limits; closed also demands that objects refuse unknown fields.
func (c *checker) schema(at string, ref *openapi3.SchemaRef, closed bool) {
	if ref == nil || ref.Value == nil || c.seen[visit{ref.Value, closed}] {
		return
	}
	s := ref.Value
	c.seen[visit{s, closed}] = true
	switch {
	case s.Type.Is("string"):
		if s.MaxLength == nil && len(s.Enum) == 0 && s.Format == "" {
			c.add("%s: a string needs maxLength, enum or format", at)
		}
		if words, _ := s.Extensions["x-kith-reason"].(string); s.Pattern != "" && words == "" {
			c.add("%s: a pattern needs x-kith-reason", at)
		}
	case s.Type.Is("array"):
		if s.MaxItems == nil {
			c.add("%s: an array needs maxItems", at)
		}
		c.schema(at+"[]", s.Items, closed)
	case s.Type.Is("object"):
		sub := s.AdditionalProperties.Schema
		if closed && sub == nil && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) {
			c.add("%s: an object of a request body needs additionalProperties: false", at)
		}
		if sub != nil && s.MaxProps == nil {
			c.add("%s: an object with free keys needs maxProperties", at)
		}
		c.schema(at+".*", sub, closed)
	}
	if closed && len(s.AllOf) > 0 {
		c.add("%s: allOf cannot refuse unknown fields; write the object out", at)
	}
	for name, p := range s.Properties {
		if !snake.MatchString(name) {
			c.add("%s.%s: fields are in snake_case", at, name)
		}
		c.schema(at+"."+name, p, closed)
	}
	for _, many := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
		for _, p := range many {
			c.schema(at, p, closed)
		}
	}
}
