// Package openapi_test holds every HTTP contract to the rules of README.md.
package openapi_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every document there is keeps the rules.
func TestContracts(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shared := readmeBlock(t)
	for _, file := range files {
		service := strings.TrimSuffix(file, ".yaml")
		t.Run(service, func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc := load(t, b)
			for _, v := range append(violations(doc, service), unlikeShared(doc, shared)...) {
				t.Error(v)
			}
		})
	}
}

// The block that README.md offers for copying is itself correct.
func TestReadmeBlock(t *testing.T) {
	for _, v := range violations(readmeBlock(t), "community") {
		t.Error(v)
	}
}

// Each rule notices its violation.
func TestRulesNotice(t *testing.T) {
	for _, c := range []struct{ rule, old, new, want string }{
		{"the OpenAPI version", "openapi: 3.0.3", "openapi: 3.0.1", "openapi must be 3.0.3"},
		{"the server", "url: /api/community", "url: /community", "servers must be"},
		{"path style", "  /requests:", "  /Requests:", "kebab-case"},
		{"an operationId", "operationId: raiseRequest", "operationId: RaiseRequest", "camelCase"},
		{"a summary", "      summary: Ask for help\n", "", "summary"},
		{"a tag", "tags: [requests]\n      x-kith-roles: [member]", "tags: [others]\n      x-kith-roles: [member]", "tag"},
		{"roles", "      x-kith-roles: [member]\n", "", "x-kith-roles"},
		{"a role's word", "x-kith-roles: [member]", "x-kith-roles: [boss]", "boss"},
		{"public routes", "x-kith-roles: [member]", "x-kith-roles: [public]", "security: []"},
		{"the problem response", "        default: {$ref: '#/components/responses/Problem'}\n    post:", "    post:", "default response"},
		{"the idempotency key", "        - $ref: '#/components/parameters/IdempotencyKey'\n", "", "Idempotency-Key"},
		{"the command's position", "          headers:\n            Kith-Seq: {$ref: '#/components/headers/Kith-Seq'}\n", "", "Kith-Seq"},
		{"page parameters", "        - $ref: '#/components/parameters/Limit'\n", "", "limit"},
		{"a string's length", "body: {type: string, maxLength: 20000}", "body: {type: string}", "NewRequest.body"},
		{"a pattern's words", "      x-kith-reason: 'must be an id: letters, digits, - and _'\n", "", "x-kith-reason"},
		{"an array's length", "tags: {type: array, maxItems: 10,", "tags: {type: array,", "NewRequest.tags"},
		{"open request bodies", "      additionalProperties: false\n      required: [kind, title]", "      required: [kind, title]", "additionalProperties"},
		{"property style", "        body: {type: string", "        bodyText: {type: string", "snake_case"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			text := readmeText(t)
			if !strings.Contains(text, c.old) {
				t.Fatalf("README.md does not contain %q", c.old)
			}
			got := violations(load(t, []byte(strings.Replace(text, c.old, c.new, 1))), "community")
			if !slices.ContainsFunc(got, func(v string) bool { return strings.Contains(v, c.want) }) {
				t.Errorf("violations are %q, want one with %q", got, c.want)
			}
		})
	}
	t.Run("shared components that differ", func(t *testing.T) {
		doc := load(t, []byte(strings.Replace(readmeText(t), "maximum: 200, default: 50", "maximum: 500, default: 50", 1)))
		if got := unlikeShared(doc, readmeBlock(t)); len(got) != 1 || !strings.Contains(got[0], "Limit") {
			t.Errorf("violations are %q, want one about Limit", got)
		}
	})
}

// readmeText is the first YAML block of README.md.
func readmeText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```yaml\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("README.md has no YAML block")
	}
	return block
}

func readmeBlock(t *testing.T) *openapi3.T {
	t.Helper()
	return load(t, []byte(readmeText(t)))
}

func load(t *testing.T, b []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// unlikeShared names the components of doc that bear the name of a shared one
// and differ from it.
func unlikeShared(doc, shared *openapi3.T) []string {
	var found []string
	compare := func(kind, name string, a, b any) {
		if !reflect.DeepEqual(plain(a), plain(b)) {
			found = append(found, "components."+kind+"."+name+" differs from README.md")
		}
	}
	for name, p := range shared.Components.Parameters {
		if q := doc.Components.Parameters[name]; q != nil {
			compare("parameters", name, p.Value, q.Value)
		}
	}
	for name, p := range shared.Components.Headers {
		if q := doc.Components.Headers[name]; q != nil {
			compare("headers", name, p.Value, q.Value)
		}
	}
	for _, name := range []string{"Id", "Created", "Problem", "ProblemField"} {
		if q := doc.Components.Schemas[name]; q != nil {
			compare("schemas", name, shared.Components.Schemas[name].Value, q.Value)
		}
	}
	if q := doc.Components.Responses["Problem"]; q != nil {
		compare("responses", "Problem", shared.Components.Responses["Problem"].Value, q.Value)
	}
	return found
}

func plain(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var p any
	if err := json.Unmarshal(b, &p); err != nil {
		return err.Error()
	}
	return p
}
