package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"kith/services/kith/client"
)

// TestPermissions walks every operation of every service as people of every
// role, with a body that is valid in form, against what x-kith-roles says.
// Everything named in paths belongs to a closed community.
func TestPermissions(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	host, member, stranger, gone := who["bela"], who["eda"], who["finn"], who["cora"]

	closed := community(host, "Difficult conversations", "closed", "invitation")
	after(member, host)
	host.post("/api/membership/communities/"+closed+"/invitations", map[string]any{"person": member.id}, nil)
	after(member, host)
	member.post("/api/membership/communities/"+closed+"/invitation/accept", nil, nil)
	host.edit("/api/community/communities/"+closed+"/charter", map[string]any{"purpose": "To speak about it."})
	var question, answer created
	after(host, member)
	member.post("/api/community/requests", map[string]any{"community": closed, "kind": "experience",
		"title": "How do I begin?", "situation": "I have never done it.", "language": "en"}, &question)
	after(host, member)
	host.post("/api/community/requests/"+question.ID+"/responses", map[string]string{"body": "With a question."}, &answer)
	who["admin"].post("/api/membership/people/"+gone.id+"/deactivate", nil, nil)
	for _, p := range who {
		after(p, host, member, who["admin"])
	}
	fill := strings.NewReplacer("{community}", closed, "{request}", question.ID, "{response}", answer.ID, "{person}", who["dario"].id,
		"{unit}", "none", "{token}", "none", "{role}", "coordinator", "{version}", "1", "{view}", "access", "{letter}", "none.1", "{seq}", "1")

	personas := []struct {
		name  string
		p     *person
		words []string // of x-kith-roles that fit; "person" fits everybody who is active
	}{
		{"administrator", who["admin"], []string{"administrator"}},
		{"auditor", who["auditor"], []string{"auditor"}},
		{"host", host, []string{"host", "member", "reader", "author"}},
		{"member", member, []string{"member", "reader", "asker"}},
		{"stranger", stranger, nil},
	}
	for _, op := range w.operations(t) {
		path := fill.Replace(op.path)
		if strings.Contains(path, "{") {
			t.Errorf("%s %s: the test knows no value for a part of the path", op.method, op.path)
			continue
		}
		t.Run(op.id, func(t *testing.T) {
			who.in(t)
			try := func(p *client.Client) int { return status(t, p, op, path) }
			if slices.Contains(op.roles, "public") {
				return
			}
			if got := try(&client.Client{Base: w.url, Token: "none", HTTP: http.DefaultClient}); got != http.StatusUnauthorized {
				t.Errorf("with a token that is none: %d, want 401", got)
			}
			if got := try(gone.Client); got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("deactivated: %d, want 401 or 403", got)
			}
			for _, persona := range personas {
				got := try(persona.p.Client)
				refused := got == http.StatusForbidden || got == http.StatusNotFound ||
					got == http.StatusConflict && slices.Contains(op.roles, "invitee") // there is no invitation to them
				switch {
				case op.open() || slices.ContainsFunc(op.roles, func(r string) bool { return slices.Contains(persona.words, r) }):
					if got == http.StatusUnauthorized || got == http.StatusForbidden && op.plain() {
						t.Errorf("%s: %d, but one of %v may", persona.name, got, op.roles)
					}
				case persona.name == "stranger" && !refused:
					t.Errorf("%s: %d, want 403 or 404: only %v may", persona.name, got, op.roles)
				case !refused && got < 300:
					t.Errorf("%s: %d, want a refusal: only %v may", persona.name, got, op.roles)
				}
			}
		})
	}
}

// operation is one operation of a document.
type operation struct {
	id, method, path string
	roles            []string
	op               *openapi3.Operation
}

// open reports whether every active person may call the operation: about
// themselves, or about nothing that belongs to others.
func (o operation) open() bool {
	return slices.Contains(o.roles, "person") ||
		slices.Contains(o.roles, "self") && !strings.Contains(o.path, "{person}") && !strings.Contains(o.path, "{token}")
}

// plain reports whether a role alone decides, and not the state of something.
func (o operation) plain() bool {
	return slices.Contains(o.roles, "administrator") || slices.Contains(o.roles, "auditor")
}

func (w *world) operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for _, doc := range w.specs {
		base, err := doc.Servers.BasePath()
		if err != nil {
			t.Fatal(err)
		}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				o := operation{id: op.OperationID, method: method, path: base + path, op: op}
				for _, r := range op.Extensions["x-kith-roles"].([]any) {
					o.roles = append(o.roles, fmt.Sprint(r))
				}
				all = append(all, o)
			}
		}
	}
	// What ends things comes last, so that the others find something.
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(order(a), order(b)) })
	return all
}

func order(o operation) string {
	switch {
	case o.method == http.MethodGet:
		return "0" + o.path
	case strings.HasSuffix(o.path, "/me/erase"):
		return "3" + o.path
	case strings.Contains(o.path, "erase") || strings.HasSuffix(o.path, "/settings") || strings.Contains(o.path, "/state") || strings.Contains(o.path, "retract"):
		return "2" + o.path
	}
	return "1" + o.path
}

// status calls the operation with what is valid in form.
func status(t *testing.T, c *client.Client, o operation, path string) int {
	t.Helper()
	r := client.Request{Method: o.method, Path: path + query(o.op), Header: http.Header{"If-Match": {`"1"`}}}
	if o.op.RequestBody != nil {
		for kind, media := range o.op.RequestBody.Value.Content {
			r.Type = kind
			if kind == "application/json" {
				r.Body = example(media.Schema.Value)
			} else {
				r.Body = strings.NewReader("a,b\n")
			}
		}
	}
	plain := &client.Client{Base: c.Base, Token: c.Token, HTTP: &http.Client{Timeout: 3 * time.Second}}
	body, err := plain.Open(t.Context(), r)
	if err == nil {
		_ = body.Close()
		return http.StatusOK
	}
	if p, ok := asProblem(err); ok {
		return p.Status
	}
	t.Fatalf("%s %s: %v", o.method, path, err)
	return 0
}

// query gives every required parameter a value.
func query(op *openapi3.Operation) string {
	var parts []string
	for _, p := range op.Parameters {
		if p.Value.In == "query" && p.Value.Required {
			parts = append(parts, fmt.Sprintf("%s=%v", p.Value.Name, example(p.Value.Schema.Value)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

// example is the smallest value that s allows.
func example(s *openapi3.Schema) any {
	switch {
	case len(s.AllOf) > 0:
		return example(s.AllOf[0].Value)
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("object"):
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = example(s.Properties[name].Value)
		}
		return out
	case s.Type.Is("array"):
		out := []any{}
		for range s.MinItems {
			out = append(out, example(s.Items.Value))
		}
		return out
	case s.Type.Is("integer"), s.Type.Is("number"):
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case s.Type.Is("boolean"):
		return false
	case s.Format == "date-time":
		return time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	case strings.Contains(s.Pattern, "a-z") && s.MaxLength != nil && *s.MaxLength <= 35:
		return "en"
	default:
		return strings.Repeat("x", max(1, int(s.MinLength)))
	}
}
