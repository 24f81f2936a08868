package community_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kith/api/events"
	"kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/pkg/rest"
	"kith/services/community"
)

const base = "/api/community"

// house is a running module with people in it.
type house struct {
	*apptest.System
	t *testing.T
}

// start runs the module. There are ada and bob in unit u1, cem in u2, dan and
// eve in u3, kit the coordinator, adm the administrator; old is deactivated.
func start(t *testing.T, cfg community.Config) house {
	t.Helper()
	return startWith(t, func(ctx context.Context, core app.Core) (app.Module, error) { return community.New(ctx, core, cfg) })
}

func startWith(t *testing.T, module app.Constructor) house {
	t.Helper()
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	h := house{apptest.Start(t, es.NewCodec(types...), module), t}
	for person, unit := range map[string]string{"ada": "u1", "bob": "u1", "cem": "u2", "dan": "u3", "eve": "u3", "kit": "u4", "adm": "u4", "old": "u1"} {
		h.person(person, unit)
	}
	h.Append("adm", stream(membership.Context, membership.Role, "kit"), membership.RoleGranted{Role: "coordinator"})
	h.Append("adm", stream(membership.Context, membership.Role, "adm"), membership.RoleGranted{Role: "administrator"})
	h.Append("adm", stream(membership.Context, membership.Person, "old"), membership.PersonDeactivated{})
	return h
}

func stream(context, aggregate, id string) es.Stream {
	return es.Stream{Context: context, Aggregate: aggregate, ID: id}
}

func (h house) person(id, unit string) {
	h.t.Helper()
	if err := h.App.Core.Vault.Create(h.t.Context(), id); err != nil {
		h.t.Fatal(err)
	}
	h.Append("adm", stream(membership.Context, membership.Person, id),
		membership.PersonRegistered{Name: sealed.New(id, sealed.Identity, id), Unit: unit, Language: "en"})
}

func (h house) tie(community, person string, e es.Event) {
	h.t.Helper()
	h.Append(person, stream(membership.Context, membership.Membership, es.ID(community, person)), e)
}

func (h house) join(community, person, role string) {
	h.t.Helper()
	h.tie(community, person, membership.MembershipJoined{Tie: membership.Tie{Community: community, Person: person}, Via: membership.ViaOpen, Role: role})
}

// found makes a community of ada, forming, with the given visibility.
func (h house) found(name, visibility string) string {
	h.t.Helper()
	id := h.create("ada", "/communities", map[string]any{"name": name, "purpose": "We read contracts.", "kind": "community",
		"visibility": visibility, "joining": "open", "language": "en", "topics": []string{"Law"}, "shown": []string{}})
	h.do(200, "ada", "POST", "/communities/"+id+"/state", obj{"to": "forming", "reason": "we begin"})
	return id
}

type obj = map[string]any

func (h house) do(want int, person, method, path string, body any, opts ...apptest.Option) apptest.Response {
	h.t.Helper()
	return h.Must(want, person, method, base+path, body, opts...)
}

// create executes a command that answers with an id.
func (h house) create(person, path string, body any) string {
	h.t.Helper()
	var c api.Created
	h.decode(h.do(201, person, "POST", path, body), &c)
	return c.Id
}

func (h house) decode(r apptest.Response, v any) {
	h.t.Helper()
	if err := r.JSON(v); err != nil {
		h.t.Fatalf("%v: %s", err, r.Body)
	}
}

func (h house) conversation(person, id string) api.Conversation {
	h.t.Helper()
	var c api.Conversation
	h.decode(h.do(200, person, "GET", "/requests/"+id, nil), &c)
	return c
}

func (h house) ask(person, community string, more obj) string {
	h.t.Helper()
	body := obj{"kind": "problem", "title": "Clause seven", "body": "What does it mean?", "tried": "reading it", "tags": []string{"law"}}
	if community != "" {
		body["community"] = community
	}
	for k, v := range more {
		body[k] = v
	}
	return h.create(person, "/requests", body)
}

// route proposes helpers as matching does.
func (h house) route(request, asker string, helpers ...string) {
	h.t.Helper()
	e := matching.HelpersProposed{Request: request, Asker: asker, Kind: "problem", Round: 1}
	for _, p := range helpers {
		e.Helpers = append(e.Helpers, matching.ProposedHelper{Person: p})
	}
	h.Append("reactor:router", stream(matching.Context, matching.Proposal, request), e)
}

func match(etag string) apptest.Option { return apptest.Header("If-Match", etag) }

func words[T ~string](list []T) string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (h house) timelineOf(person, request string) []string {
	h.t.Helper()
	var got []string
	for cursor := ""; ; {
		var page api.TimelinePage
		h.decode(h.do(200, person, "GET", "/requests/"+request+"/timeline?limit=2"+cursor, nil), &page)
		for _, e := range page.Items {
			who := string(rest.Value(e.Step))
			if e.Who != nil {
				who = e.Who.Id
			}
			got = append(got, string(e.What)+":"+who)
		}
		if page.Next == nil {
			return got
		}
		cursor = "&cursor=" + *page.Next
	}
}

// offer lets helper say "I can help", and somebody else "not me".
func (h house) offer(request, asker, helper string) {
	h.t.Helper()
	s := stream(matching.Context, matching.Proposal, request)
	h.Append(helper, s, matching.HelpOffered{Request: request, Helper: helper, Asker: asker, Proposed: true})
	h.Append("cem", s, matching.HelpDeclined{Request: request, Helper: "cem"})
}

// post sends a command and returns the status; unlike do it may be called at
// the same time as itself.
func post(t *testing.T, url, person, key string, body any) int {
	data, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return 0
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+person)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
