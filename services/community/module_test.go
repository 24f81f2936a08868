package community_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kith/api/events/matching"
	api "kith/api/openapi/communityapi"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/community"
)

func TestJourney(t *testing.T) {
	h := start(t, community.Config{})
	first := h.found("Contract readers", "open")

	var similar api.SimilarCommunities
	h.decode(h.do(200, "bob", "GET", "/communities/similar?name=Reading+a+contract&topics=law&topics=tax", nil), &similar)
	if len(similar.Items) != 1 || similar.Items[0].Community.Id != first || !slices.Contains(similar.Items[0].Shared, "contract") {
		t.Fatalf("similar are %+v, want the first community sharing contract", similar)
	}
	h.do(422, "bob", "POST", "/communities", obj{"name": "n", "purpose": "p", "kind": "community", "visibility": "open", "joining": "open", "language": "en"})
	id := h.create("bob", "/communities", obj{"name": "Contract writers", "purpose": "p", "kind": "network", "visibility": "open", "joining": "request",
		"language": "de", "shown": []string{first}})

	// A draft takes no requests yet.
	if p := h.do(409, "bob", "POST", "/requests", obj{"community": id, "kind": "problem", "title": "t", "tried": "x"}); p.Problem() != "conflict" {
		t.Errorf("asking a draft is %s", p.Problem())
	}
	h.do(200, "bob", "POST", "/communities/"+id+"/state", obj{"to": "forming", "reason": "go"})

	r := h.do(200, "bob", "GET", "/communities/"+id+"/charter", nil)
	h.do(200, "bob", "PUT", "/communities/"+id+"/charter", obj{"purpose": "To write well", "norms": []string{"be kind"}, "note": "first"}, match(r.Header.Get("ETag")))
	done := h.do(200, "bob", "PUT", "/communities/"+id+"/charter", obj{"purpose": "To write clearly", "norms": []string{"be kind"}}, match(`"1"`))
	if tag := done.Header.Get("ETag"); tag != `"2"` {
		t.Errorf("the new version is %s", tag)
	}
	h.do(412, "bob", "PUT", "/communities/"+id+"/charter", obj{"purpose": "To write at all"}, match(`"1"`))
	h.do(428, "bob", "PUT", "/communities/"+id+"/charter", obj{"purpose": "To write at all"})
	var diff api.CharterDiff
	h.decode(h.do(200, "cem", "GET", "/communities/"+id+"/charter/diff?from=1&to=2", nil), &diff)
	if len(diff.Fields) != 1 || diff.Fields[0].Field != "purpose" || len(diff.Fields[0].Pieces) != 3 {
		t.Errorf("the diff is %+v", diff)
	}
	var versions api.CharterVersionPage
	h.decode(h.do(200, "cem", "GET", "/communities/"+id+"/charter/versions?limit=1", nil), &versions)
	if len(versions.Items) != 1 || versions.Items[0].Version != 2 || versions.Next == nil {
		t.Fatalf("versions are %+v", versions)
	}
	h.decode(h.do(200, "cem", "GET", "/communities/"+id+"/charter/versions?limit=1&cursor="+*versions.Next, nil), &versions)
	if versions.Items[0].Version != 1 || *versions.Items[0].Note != "first" {
		t.Errorf("the second page is %+v", versions)
	}

	h.join(id, "ada", "member")
	q := h.ask("ada", id, nil)
	if c := h.conversation("bob", q); c.Request.State != "open" || words(c.May) != "respond" || *c.Tried != "reading it" {
		t.Errorf("bob sees %+v", c)
	}
	h.route(q, "ada", "cem")
	h.Append("reactor:router", stream(matching.Context, matching.Proposal, q), matching.RoutingWidened{Request: q, Asker: "ada", Step: matching.StepConnectors, Told: []string{"eve"}})
	h.Append("reactor:router", stream(matching.Context, matching.Proposal, q), matching.RoutingEnded{Request: q, Asker: "ada"})
	if c := h.conversation("ada", q); c.Request.State != "routed" || words(c.May) != "correct retract unresolved withdraw" {
		t.Errorf("ada sees %+v", c)
	}
	answer := h.create("cem", "/requests/"+q+"/responses", obj{"body": "It means nothing."})
	c := h.conversation("ada", q)
	if c.Request.State != "responded" || len(c.Responses) != 1 || words(c.Responses[0].May) != "accept thank" {
		t.Errorf("ada sees %+v", c)
	}
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+answer+"/accept", nil)
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+answer+"/thank", obj{"note": "You helped."})
	c = h.conversation("eve", q)
	if c.Request.State != "resolved" || !c.Responses[0].Accepted || *c.Responses[0].Thanks.Note != "You helped." || len(c.May) != 0 {
		t.Errorf("eve sees %+v", c)
	}
	h.do(409, "eve", "POST", "/requests/"+q+"/responses", obj{"body": "late"})
	h.do(200, "ada", "POST", "/requests/"+q+"/reopen", obj{"reason": "it came back"})
	c = h.conversation("ada", q)
	if c.Request.State != "responded" || c.Responses[0].Accepted || *c.Reason != "it came back" {
		t.Errorf("after reopening ada sees %+v", c)
	}
	h.do(200, "ada", "POST", "/requests/"+q+"/withdraw", obj{})
	if c = h.conversation("ada", q); c.Request.State != "withdrawn" || words(c.May) != "correct reopen retract" {
		t.Errorf("after withdrawing ada sees %+v", c)
	}
	if got := strings.Join(h.timelineOf("ada", q), " "); got != "raised:ada routed: widened:connectors unanswered: responded:cem accepted:ada thanked:ada reopened:ada withdrawn:ada" {
		t.Errorf("the timeline is %s", got)
	}
	if dead := h.Dead(); len(dead) > 0 {
		t.Errorf("reactors gave up: %v", dead)
	}
}

func TestKindsCloseInTheirOwnWay(t *testing.T) {
	h := start(t, community.Config{})
	state := func(q, want string) api.Conversation {
		t.Helper()
		c := h.conversation("dan", q)
		if string(c.Request.State) != want {
			t.Errorf("the request is %s, want %s", c.Request.State, want)
		}
		return c
	}
	t.Run("an experience takes several answers and is resolved by its asker", func(t *testing.T) {
		q := h.create("ada", "/requests", obj{"kind": "experience", "title": "Merging two teams", "situation": "it is hard"})
		h.do(409, "ada", "POST", "/requests/"+q+"/resolve", nil)
		for _, helper := range []string{"bob", "cem"} {
			r := h.create(helper, "/requests/"+q+"/responses", obj{"body": "been there"})
			h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/accept", nil)
			state(q, "responded")
		}
		if may := words(h.conversation("ada", q).May); may != "correct resolve retract unresolved withdraw" {
			t.Errorf("ada may %s", may)
		}
		h.do(200, "ada", "POST", "/requests/"+q+"/resolve", nil)
		if c := state(q, "resolved"); !c.Responses[0].Accepted || !c.Responses[1].Accepted || *c.Situation != "it is hard" {
			t.Errorf("dan sees %+v", c)
		}
	})
	t.Run("information is resolved by one answer", func(t *testing.T) {
		q := h.create("ada", "/requests", obj{"kind": "information", "title": "Where is the form?", "purpose": "a trip"})
		h.do(409, "ada", "POST", "/requests/"+q+"/resolve", nil)
		one := h.create("bob", "/requests/"+q+"/responses", obj{"body": "here"})
		two := h.create("cem", "/requests/"+q+"/responses", obj{"body": "there"})
		h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+two+"/accept", nil)
		state(q, "resolved")
		h.do(409, "ada", "POST", "/requests/"+q+"/responses/"+one+"/accept", nil)
		h.do(404, "ada", "POST", "/requests/"+q+"/responses/"+es.ID("guess")+"/accept", nil)
	})
	t.Run("a problem without an answer is given up with a reason", func(t *testing.T) {
		q := h.ask("ada", "", nil)
		h.do(422, "ada", "POST", "/requests/"+q+"/unresolved", obj{})
		h.do(422, "ada", "POST", "/requests/"+q+"/unresolved", obj{"reason": "  "})
		h.do(200, "ada", "POST", "/requests/"+q+"/unresolved", obj{"reason": "nobody knew"})
		if c := state(q, "unresolved"); *c.Reason != "nobody knew" {
			t.Errorf("the reason is %v", c.Reason)
		}
		var page api.RequestPage
		h.decode(h.do(200, "dan", "GET", "/requests?state=unresolved&kind=problem", nil), &page)
		if len(page.Items) != 1 || page.Items[0].Id != q {
			t.Errorf("the list is %+v", page.Items)
		}
	})
}

func TestThanksSayWhetherUnitsDiffer(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", nil)
	for helper, across := range map[string]bool{"bob": false, "cem": true} {
		r := h.create(helper, "/requests/"+q+"/responses", obj{"body": "answer"})
		h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/thank", obj{})
		h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/thank", obj{})
		seen := 0
		for rec, err := range h.App.Core.Events.Load(t.Context(), stream("community", "request", q), 0) {
			if err != nil {
				t.Fatal(err)
			}
			var e struct {
				To     string `json:"to"`
				Across bool   `json:"across"`
			}
			if rec.Type != "request.thanked" || json.Unmarshal(rec.Stored.Data, &e) != nil || e.To != helper {
				continue
			}
			seen++
			if e.Across != across {
				t.Errorf("thanks to %s are across: %v", helper, e.Across)
			}
		}
		if seen != 1 {
			t.Errorf("%s was thanked %d times", helper, seen)
		}
	}
}

func TestThanksCanBeSwitchedOff(t *testing.T) {
	h := start(t, community.Config{NoThanks: true})
	q := h.ask("ada", "", nil)
	r := h.create("bob", "/requests/"+q+"/responses", obj{"body": "answer"})
	h.do(403, "ada", "POST", "/requests/"+q+"/responses/"+r+"/thank", obj{})
	if may := words(h.conversation("ada", q).Responses[0].May); may != "accept" {
		t.Errorf("ada may %s", may)
	}
}

func TestCommandsAreIdempotent(t *testing.T) {
	h := start(t, community.Config{})
	key := apptest.Header("Idempotency-Key", "once")
	body := obj{"kind": "information", "title": "Where?", "purpose": "to know"}
	one := h.do(201, "ada", "POST", "/requests", body, key)
	two := h.do(201, "ada", "POST", "/requests", body, key)
	if string(one.Body) != string(two.Body) || one.Header.Get("Kith-Seq") != two.Header.Get("Kith-Seq") {
		t.Errorf("the retry answered %s after %s", two.Body, one.Body)
	}
	body["title"] = "Where else?"
	if p := h.do(http.StatusUnprocessableEntity, "ada", "POST", "/requests", body, key); p.Problem() != "idempotency-key-reused" {
		t.Errorf("another body under the same key is %s", p.Problem())
	}
	var page api.RequestPage
	h.decode(h.do(200, "ada", "GET", "/requests?mine=true", nil), &page)
	if len(page.Items) != 1 {
		t.Errorf("there are %d requests", len(page.Items))
	}
}

func TestClosedForGood(t *testing.T) {
	h := start(t, community.Config{})
	id := h.found("Short lived", "open")
	h.join(id, "bob", "member")
	q := h.ask("ada", id, nil)
	r := h.create("bob", "/requests/"+q+"/responses", obj{"body": "answer"})
	other := h.ask("bob", id, nil)
	h.do(200, "bob", "POST", "/requests/"+other+"/withdraw", obj{})
	h.do(200, "kit", "POST", "/communities/"+id+"/state", obj{"to": "closed", "reason": "done"})
	for _, c := range []struct {
		person, method, path string
		body                 any
	}{
		{"ada", "POST", "/communities/" + id + "/state", obj{"to": "active", "reason": "again"}},
		{"bob", "POST", "/requests", obj{"community": id, "kind": "problem", "title": "t", "tried": "x"}},
		{"eve", "POST", "/requests/" + q + "/responses", obj{"body": "late"}},
		{"bob", "POST", "/requests/" + other + "/reopen", obj{"reason": "again"}},
	} {
		if p := h.do(409, c.person, c.method, c.path, c.body); p.Problem() != "conflict" {
			t.Errorf("%s %s is %s", c.method, c.path, p.Problem())
		}
	}
	h.do(409, "ada", "PUT", "/communities/"+id+"/settings", obj{"name": "n", "purpose": "p", "kind": "community", "visibility": "open", "joining": "open", "language": "en"}, match(`"1"`))
	h.do(409, "ada", "PUT", "/communities/"+id+"/charter", obj{"purpose": "p"}, match(`"0"`))
	// What was begun can be ended.
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/accept", nil)
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/thank", obj{})
	var d api.CommunityDetail
	h.decode(h.do(200, "ada", "GET", "/communities/"+id, nil), &d)
	if d.Community.State != "closed" || words(d.May) != "read" || *d.StateReason != "done" || len(d.NextStates) > 0 {
		t.Errorf("ada sees %+v", d)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	h := start(t, community.Config{})
	for name, c := range map[string]struct {
		body  obj
		field string
	}{
		"a kind without its field": {obj{"kind": "experience", "title": "t"}, "situation"},
		"a field of another kind":  {obj{"kind": "experience", "title": "t", "situation": "s", "tried": "x"}, "tried"},
		"a blank title":            {obj{"kind": "problem", "title": "  ", "tried": "x"}, "title"},
		"an unknown field":         {obj{"kind": "problem", "title": "t", "tried": "x", "urgent": true}, "urgent"},
		"an unknown kind":          {obj{"kind": "order", "title": "t"}, "kind"},
		"a title too long":         {obj{"kind": "problem", "title": strings.Repeat("x", 201), "tried": "x"}, "title"},
	} {
		t.Run(name, func(t *testing.T) {
			var p api.Problem
			h.decode(h.do(422, "ada", "POST", "/requests", c.body), &p)
			if len(p.Fields) != 1 || p.Fields[0].Field != c.field {
				t.Errorf("fields are %+v, want %s", p.Fields, c.field)
			}
		})
	}
	h.do(422, "ada", "POST", "/communities", obj{"name": "n", "purpose": "p", "kind": "community", "visibility": "open", "joining": "open", "language": "en", "shown": []string{"nothing"}})
	h.do(404, "ada", "POST", "/requests", obj{"community": "nothing", "kind": "problem", "title": "t", "tried": "x"})
}

func TestDirectory(t *testing.T) {
	h := start(t, community.Config{})
	h.found("beta", "closed")
	h.found("Alpha", "open")
	names := func(query string) string {
		t.Helper()
		var got []string
		for cursor := ""; ; {
			var page api.CommunityPage
			h.decode(h.do(200, "dan", "GET", "/communities?limit=1"+query+cursor, nil), &page)
			for _, c := range page.Items {
				got = append(got, c.Name)
			}
			if page.Next == nil {
				return strings.Join(got, " ")
			}
			cursor = "&cursor=" + *page.Next
		}
	}
	for query, want := range map[string]string{
		"": "Alpha beta", "&query=ALPH": "Alpha", "&query=contracts+be": "beta", "&topic=law": "Alpha beta", "&topic=tax": "",
		"&state=forming": "Alpha beta", "&state=active": "", "&language=en": "Alpha beta", "&language=de": "",
	} {
		if got := names(query); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	h.do(422, "dan", "GET", "/communities?cursor=bm9uc2Vuc2U", nil)
}

func TestSettingsAreEdited(t *testing.T) {
	h := start(t, community.Config{})
	id := h.found("Old name", "open")
	body := obj{"name": "New name", "purpose": "p", "kind": "network", "visibility": "closed", "joining": "invitation", "language": "de"}
	tag := h.do(200, "ada", "GET", "/communities/"+id, nil).Header.Get("ETag")
	if got := h.do(200, "ada", "PUT", "/communities/"+id+"/settings", body, match(tag)).Header.Get("ETag"); got != `"2"` {
		t.Errorf("the new version is %s", got)
	}
	h.do(412, "ada", "PUT", "/communities/"+id+"/settings", body, match(tag))
	h.do(422, "ada", "PUT", "/communities/"+id+"/settings", body, match("*"))
	var d api.CommunityDetail
	h.decode(h.do(200, "dan", "GET", "/communities/"+id, nil), &d)
	if d.Community.Name != "New name" || d.Community.Visibility != "closed" || d.Role != nil {
		t.Errorf("dan sees %+v", d)
	}
}
