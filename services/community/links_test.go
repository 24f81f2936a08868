package community_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/services/community"
)

// pair has two communities: of ada, the open one "Readers", with bob as member,
// and of dan, "Writers", with eve as member, closed or open.
type pair struct {
	house
	a, b string
}

func startPair(t *testing.T, visibility string) pair {
	h := start(t, community.Config{})
	p := pair{house: h, a: h.found("Readers", "open")}
	p.b = h.create("dan", "/communities", obj{"name": "Writers", "purpose": "We write contracts.", "kind": "community",
		"visibility": visibility, "joining": "open", "language": "en", "shown": []string{}})
	h.join(p.a, "bob", "member")
	h.join(p.b, "eve", "member")
	return p
}

func (p pair) propose() string {
	p.t.Helper()
	return p.create("ada", "/communities/"+p.a+"/links", obj{"other": p.b, "kind": "sister", "reason": "becauseproposal"})
}

func (p pair) link(person, id string) api.Link {
	p.t.Helper()
	var l api.Link
	p.decode(p.do(200, person, "GET", "/links/"+id, nil), &l)
	return l
}

// listed are the ids of the links at a path, of all pages.
func (p pair) listed(person, path string) string {
	p.t.Helper()
	var ids []string
	for cursor := ""; ; {
		var page api.LinkPage
		p.decode(p.do(200, person, "GET", path+cursor, nil), &page)
		for _, l := range page.Items {
			ids = append(ids, l.Id)
		}
		if page.Next == nil {
			return strings.Join(ids, " ")
		}
		cursor = "&cursor=" + *page.Next
	}
}

func TestLinkIsAgreedByBothSides(t *testing.T) {
	p := startPair(t, "open")
	id := p.propose()
	if l := p.link("ada", id); words(l.May) != "withdraw" || l.State != "proposed" || *l.Reason != "becauseproposal" ||
		l.Proposer.Name != "Readers" || l.Other.Name != "Writers" {
		t.Errorf("ada sees %+v", l)
	}
	if l := p.link("dan", id); words(l.May) != "agree decline" {
		t.Errorf("dan sees %+v", l)
	}
	p.do(403, "ada", "POST", "/links/"+id+"/agree", obj{})
	p.do(200, "dan", "POST", "/links/"+id+"/agree", obj{"reason": "gladly"})
	if got := p.App.Core.Access.Linked(p.b); len(got) != 1 || got[0] != p.a {
		t.Errorf("linked with %v", got)
	}
	for _, person := range []string{"ada", "bob", "dan", "eve", "cem"} { // everybody reads both
		l := p.link(person, id)
		if l.State != "agreed" || *l.Answer != "gladly" {
			t.Errorf("%s sees %+v", person, l)
		}
		if host := person == "ada" || person == "dan"; host != (words(l.May) == "end") {
			t.Errorf("%s may %v", person, l.May)
		}
		for _, path := range []string{"/links?limit=1", "/communities/" + p.a + "/links?limit=1", "/communities/" + p.b + "/links?limit=1"} {
			if got := p.listed(person, path); got != id {
				t.Errorf("%s lists %q at %s", person, got, path)
			}
		}
	}
	if got := p.listed("cem", "/links?kind=bridge"); got != "" {
		t.Errorf("of another kind: %q", got)
	}
	p.do(403, "bob", "POST", "/links/"+id+"/end", obj{"reason": "r"})
	p.do(403, "kit", "POST", "/links/"+id+"/end", obj{"reason": "r"})
	p.do(200, "ada", "POST", "/links/"+id+"/end", obj{"reason": "done"})
	p.do(404, "bob", "GET", "/links/"+id, nil)
	if l := p.link("dan", id); l.State != "ended" || *l.Answer != "done" || len(l.May) > 0 {
		t.Errorf("dan sees %+v", l)
	}
	if got := p.listed("dan", "/communities/"+p.b+"/links?state=ended&limit=1"); got != id {
		t.Errorf("ended: %q", got)
	}
}

func TestLinkIsProposed(t *testing.T) {
	p := startPair(t, "open")
	path := "/communities/" + p.a + "/links"
	body := obj{"other": p.b, "kind": "bridge", "reason": "r"}
	for _, person := range []string{"bob", "dan", "cem", "kit", "adm"} {
		p.do(403, person, "POST", path, body)
	}
	p.do(422, "ada", "POST", path, obj{"other": "nowhere", "kind": "bridge", "reason": "r"})
	p.do(422, "ada", "POST", path, obj{"other": p.a, "kind": "bridge", "reason": "r"})
	p.do(422, "ada", "POST", path, obj{"other": p.b, "kind": "spawned", "reason": "r"})
	p.do(422, "ada", "POST", path, obj{"other": p.b, "kind": "bridge", "reason": " "})
	p.do(404, "ada", "POST", "/communities/nowhere/links", body)
	p.do(404, "ada", "GET", "/communities/nowhere/links", nil)
	p.do(404, "ada", "POST", "/links/nowhere/agree", obj{})
	id := p.create("ada", path, body)
	if again := p.create("ada", path, body); again != id {
		t.Errorf("proposed again it is %s, not %s", again, id)
	}
	p.do(200, "ada", "POST", "/links/"+id+"/withdraw", obj{})
	p.do(409, "dan", "POST", "/links/"+id+"/agree", obj{})
	p.create("dan", "/communities/"+p.b+"/links", obj{"other": p.a, "kind": "bridge", "reason": "anew"})
	p.do(200, "ada", "POST", "/links/"+id+"/decline", obj{"reason": "not now"})
	if l := p.link("dan", id); l.State != "declined" || *l.Answer != "not now" || l.Proposer.Id != p.b {
		t.Errorf("dan sees %+v", l)
	}
}

// Both sides propose at once, as often as they like: it is one link, agreed.
func TestTwoProposalsAtOnceAreOneLink(t *testing.T) {
	p := startPair(t, "open")
	var g sync.WaitGroup
	for _, of := range [][3]string{{"ada", p.a, p.b}, {"dan", p.b, p.a}} {
		g.Go(func() {
			got := post(t, p.URL+base+"/communities/"+of[1]+"/links", of[0], "k", obj{"other": of[2], "kind": "sister", "reason": "r"})
			if got != http.StatusCreated {
				t.Errorf("%s: %d", of[0], got)
			}
		})
	}
	g.Wait()
	p.Settle()
	if got := p.listed("cem", "/links?limit=5"); got == "" || strings.Contains(got, " ") {
		t.Errorf("links: %q", got)
	}
}

func TestLinkEndsWithItsCommunity(t *testing.T) {
	p := startPair(t, "open")
	id := p.propose()
	p.do(200, "dan", "POST", "/links/"+id+"/agree", obj{})
	open := p.create("dan", "/communities/"+p.b+"/links", obj{"other": p.a, "kind": "bridge", "reason": "r"})
	p.do(200, "dan", "POST", "/communities/"+p.b+"/state", obj{"to": "closed", "reason": "over"})
	if got := p.listed("bob", "/links?limit=5"); got != "" {
		t.Errorf("links: %q", got)
	}
	if l := p.link("ada", id); l.State != "ended" || len(l.May) > 0 {
		t.Errorf("ada sees %+v", l)
	}
	if got := p.App.Core.Access.Linked(p.a); len(got) > 0 {
		t.Errorf("still linked with %v", got)
	}
	p.do(409, "ada", "POST", "/links/"+open+"/agree", obj{})
	p.do(409, "ada", "POST", "/communities/"+p.a+"/links", obj{"other": p.b, "kind": "spawned", "origin": p.a, "reason": "r"})
}

// Of links of a closed community those outside learn nothing; a member of the
// other side knows what their own community has agreed on.
func TestLinkOfAClosedCommunity(t *testing.T) {
	p := startPair(t, "closed")
	id := p.propose()
	hidden := func(when string, people ...string) {
		t.Helper()
		nothing := p.Do("cem", "GET", base+"/links/nowhere", nil)
		for _, person := range people {
			for _, path := range []string{"/links?limit=5", "/communities/" + p.a + "/links?limit=5", "/communities/" + p.b + "/links?limit=5",
				"/communities/" + p.a + "/links?state=proposed&limit=5", "/communities/" + p.b + "/links?state=ended&limit=5"} {
				if got := p.listed(person, path); got != "" {
					t.Errorf("%s: %s finds %s at %s", when, person, got, path)
				}
			}
			for _, command := range []string{"agree", "decline", "withdraw", "end"} {
				r := p.Do(person, "POST", base+"/links/"+id+"/"+command, obj{"reason": "r"})
				if string(r.Body) != string(nothing.Body) {
					t.Errorf("%s: %s is answered %s for %s", when, person, r.Body, command)
				}
			}
			if r := p.Do(person, "GET", base+"/links/"+id, nil); string(r.Body) != string(nothing.Body) || strings.Contains(string(r.Body), "because") {
				t.Errorf("%s: %s reads %s", when, person, r.Body)
			}
		}
	}
	hidden("proposed", "bob", "eve", "cem", "kit", "adm")
	p.do(200, "dan", "POST", "/links/"+id+"/agree", obj{})
	hidden("agreed", "cem", "kit", "adm")
	for _, person := range []string{"ada", "bob", "dan", "eve"} {
		if l := p.link(person, id); l.State != "agreed" {
			t.Errorf("%s sees %+v", person, l)
		}
	}
	p.do(200, "dan", "POST", "/links/"+id+"/end", obj{"reason": "r"})
	hidden("ended", "bob", "eve", "cem", "kit", "adm")
	p.do(403, "old", "GET", "/links", nil)
}

// Who takes their texts along takes the reasons that they gave; the link stays.
func TestErasureTakesReasonsOfLinksAlong(t *testing.T) {
	p := startPair(t, "open")
	id := p.propose()
	p.do(200, "dan", "POST", "/links/"+id+"/agree", obj{"reason": "gladly"})
	p.Append("adm", stream(membership.Context, membership.Person, "ada"), membership.PersonErased{Texts: true})
	if err := p.App.Core.Vault.Shred(t.Context(), "ada", sealed.Content, "erasure"); err != nil {
		t.Fatal(err)
	}
	if l := p.link("bob", id); l.State != "agreed" || l.Reason != nil || *l.Answer != "gladly" {
		t.Errorf("bob sees %+v", l)
	}
}
