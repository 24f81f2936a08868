package e2e

import (
	"encoding/json"
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
// Everything named in paths belongs to a community: a closed one, where only
// members read, and an open one, where everybody does.
func TestPermissions(t *testing.T) {
	for _, visibility := range []string{"closed", "open"} {
		t.Run("in a community that is "+visibility, func(t *testing.T) { walkPermissions(t, visibility) })
	}
}

// persona is somebody with the words of x-kith-roles that fit them; "person"
// fits everybody who is active.
type persona struct {
	name  string
	p     *person
	words []string
}

func walkPermissions(t *testing.T, visibility string) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	host, member, gone := who["bela"], who["eda"], who["cora"]
	fill := fixture(w, who, visibility)
	personas := []persona{
		{"administrator", who["admin"], []string{"administrator"}},
		{"auditor", who["auditor"], []string{"auditor"}},
		{"host", host, []string{"host", "member", "reader", "author"}},
		{"member", member, []string{"member", "reader", "asker"}},
		{"stranger", who["finn"], nil},
	}
	if visibility == "open" {
		for i := range personas {
			personas[i].words = append(personas[i].words, "reader")
		}
	}
	for _, op := range w.operations(t) {
		path := fill.Replace(op.path)
		if strings.Contains(path, "{") {
			t.Errorf("%s %s: the test knows no value for a part of the path", op.method, op.path)
			continue
		}
		t.Run(op.id, func(t *testing.T) {
			who.in(t)
			if slices.Contains(op.roles, "public") {
				return
			}
			none := &client.Client{Base: w.url, Token: "none", HTTP: http.DefaultClient}
			if got := status(t, none, op, path); got != http.StatusUnauthorized {
				t.Errorf("with a token that is none: %d, want 401", got)
			}
			if got := status(t, gone.Client, op, path); got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("deactivated: %d, want 401 or 403", got)
			}
			for _, someone := range personas {
				judge(t, op, someone, status(t, someone.p.Client, op, path))
			}
		})
	}
}

// fixture brings about a community with a charter, a member, a request, a
// response and a link to another one, and returns what stands for the parts of paths.
func fixture(w *world, who people, visibility string) *strings.Replacer {
	host, member := who["bela"], who["eda"]
	id := community(host, "Difficult conversations", visibility, "invitation")
	after(member, host)
	host.post("/api/membership/communities/"+id+"/invitations", map[string]any{"person": member.id}, nil)
	after(member, host)
	member.post("/api/membership/communities/"+id+"/invitation/accept", nil, nil)
	host.edit("/api/community/communities/"+id+"/charter", map[string]any{"purpose": "To speak about it."})
	var question, answer created
	after(host, member)
	member.post("/api/community/requests", map[string]any{"community": id, "kind": "experience",
		"title": "How do I begin?", "situation": "I have never done it.", "language": "en"}, &question)
	after(host, member)
	host.post("/api/community/requests/"+question.ID+"/responses", map[string]string{"body": "With a question."}, &answer)
	sister := community(host, "Easy conversations", visibility, "invitation")
	var link created
	host.post("/api/community/communities/"+id+"/links", map[string]any{"other": sister, "kind": "sister", "reason": "We know each other."}, &link)
	host.post("/api/community/links/"+link.ID+"/agree", map[string]any{}, nil)
	who["admin"].post("/api/membership/people/"+who["cora"].id+"/deactivate", nil, nil)
	for _, p := range who {
		after(p, host, member, who["admin"])
	}
	return strings.NewReplacer("{community}", id, "{request}", question.ID, "{response}", answer.ID,
		"{link}", link.ID, "{other}", sister, "{person}", who["dario"].id, "{buddy}", "none", "{introduction}", "none",
		"{unit}", "none", "{token}", "none", "{role}", "coordinator", "{version}", "1", "{view}", "access", "{letter}", "none.1", "{seq}", "1")
}

// judge compares what somebody was answered with who may call the operation.
func judge(t *testing.T, op operation, someone persona, got int) {
	t.Helper()
	refused := got == http.StatusForbidden || got == http.StatusNotFound ||
		got == http.StatusConflict && slices.Contains(op.roles, "invitee") // there is no invitation to them
	switch {
	case op.open() || slices.ContainsFunc(op.roles, func(r string) bool { return slices.Contains(someone.words, r) }):
		if got == http.StatusUnauthorized || got == http.StatusForbidden && op.plain() {
			t.Errorf("%s: %d, but one of %v may", someone.name, got, op.roles)
		}
	case someone.name == "stranger" && !refused:
		t.Errorf("%s: %d, want 403 or 404: only %v may", someone.name, got, op.roles)
	case !refused && got < 300:
		t.Errorf("%s: %d, want a refusal: only %v may", someone.name, got, op.roles)
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
				body := example(media.Schema.Value)
				if err := media.Schema.Value.VisitJSON(plainJSON(t, body)); err != nil {
					t.Fatalf("%s: the test's body is not valid in form, so it proves nothing: %v", o.id, err)
				}
				r.Body = body
			} else {
				r.Body = strings.NewReader("a,b\n")
			}
		}
	}
	plain := &client.Client{Base: c.Base, Token: c.Token, HTTP: &http.Client{Timeout: 30 * time.Second}}
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

// plainJSON is v as a decoder of JSON returns it.
func plainJSON(t *testing.T, v any) (out any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
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
		for name, p := range s.Properties {
			if uint64(len(out)) >= s.MinProps {
				break
			}
			out[name] = example(p.Value)
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
	case s.Format == "date":
		return time.Now().Add(24 * time.Hour).UTC().Format(time.DateOnly)
	case s.Format == "date-time":
		return time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	case strings.Contains(s.Pattern, "a-z") && s.MaxLength != nil && *s.MaxLength <= 35:
		return "en"
	default:
		return strings.Repeat("x", max(1, int(s.MinLength)))
	}
}
