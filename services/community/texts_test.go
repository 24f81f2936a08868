package community_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/services/community"
)

// logTexts are all texts that the log holds of a request, opened.
func (h house) logTexts(request string) string {
	h.t.Helper()
	var all []string
	for rec, err := range h.App.Core.Events.Load(h.t.Context(), stream("community", "request", request), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		_, err := sealed.Map(rec.Data, func(_ string, t sealed.Text) (sealed.Text, error) {
			s, err := h.App.Core.Vault.Open(h.t.Context(), t)
			all = append(all, s)
			return t, err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	return strings.Join(all, " | ")
}

// everywhere is all that a person can read about a request.
func (h house) everywhere(person, request string) string {
	h.t.Helper()
	var all strings.Builder
	for _, path := range []string{"/requests", "/requests?mine=true", "/requests/" + request, "/requests/" + request + "/timeline"} {
		all.Write(h.Do(person, "GET", base+path, nil).Body)
	}
	return all.String()
}

func TestCorrectingAndRetracting(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", obj{"title": "oldtitle", "tried": "oldtried", "body": "oldbody"})
	r := h.create("bob", "/requests/"+q+"/responses", obj{"body": "oldanswer"})
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/thank", obj{"note": "thanknote"})

	tag := h.do(200, "ada", "GET", "/requests/"+q, nil).Header.Get("ETag")
	h.do(200, "ada", "PUT", "/requests/"+q, obj{"title": "newtitle", "tried": "newtried", "tags": []string{"newtag"}}, match(tag))
	h.do(412, "ada", "PUT", "/requests/"+q, obj{"title": "newertitle", "tried": "x"}, match(tag))
	h.do(200, "bob", "PUT", "/requests/"+q+"/responses/"+r, obj{"body": "newanswer"}, match(h.conversation("bob", q).Responses[0].Etag))
	h.do(412, "bob", "PUT", "/requests/"+q+"/responses/"+r, obj{"body": "neweranswer"}, match(`"1"`))
	absent(t, h, q, "oldtitle", "oldtried", "oldbody", "oldanswer")
	c := h.conversation("eve", q)
	if c.Corrected == nil || c.Responses[0].Corrected == nil || *c.Request.Title != "newtitle" || *c.Responses[0].Body != "newanswer" {
		t.Errorf("eve sees %+v", c)
	}

	h.do(200, "bob", "POST", "/requests/"+q+"/responses/"+r+"/retract", nil)
	h.do(200, "bob", "POST", "/requests/"+q+"/responses/"+r+"/retract", nil)
	absent(t, h, q, "newanswer", "thanknote")
	s := h.create("cem", "/requests/"+q+"/responses", obj{"body": "cemsanswer"})
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+s+"/thank", obj{"note": "thankcem"})
	h.do(200, "ada", "POST", "/requests/"+q+"/retract", nil)
	absent(t, h, q, "newtitle", "newtried", "newtag", "thankcem")
	c = h.conversation("eve", q)
	if c.Request.State != "retracted" || c.Request.Title != nil || len(c.Responses) != 1 || *c.Responses[0].Body != "cemsanswer" || len(c.May) > 0 {
		t.Errorf("eve sees %+v", c)
	}
	if got := h.Do("eve", "GET", base+"/requests", nil); strings.Contains(string(got.Body), q) {
		t.Errorf("a retracted request is listed: %s", got.Body)
	}
	h.do(409, "ada", "POST", "/requests/"+q+"/reopen", obj{"reason": "again"})

	log := h.logTexts(q)
	for _, text := range []string{"oldtitle", "oldtried", "oldbody", "oldanswer", "thanknote", "newtitle", "newtried", "newanswer", "thankcem"} {
		if !strings.Contains(log, text) {
			t.Errorf("the log has lost %q: %s", text, log)
		}
	}
}

func absent(t *testing.T, h house, request string, texts ...string) {
	t.Helper()
	for _, person := range []string{"ada", "bob", "cem", "eve"} {
		all := h.everywhere(person, request)
		for _, text := range texts {
			if strings.Contains(all, text) {
				t.Errorf("%s still reads %q: %s", person, text, all)
			}
		}
	}
}

func TestErasedPeopleAreFormer(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", obj{"title": "adastitle"})
	kept := h.ask("cem", "", obj{"title": "cemstitle"})
	h.create("bob", "/requests/"+q+"/responses", obj{"body": "bobsanswer"})
	vault := h.App.Core.Vault
	for person, texts := range map[string]bool{"ada": true, "cem": false} {
		h.Append("adm", stream(membership.Context, membership.Person, person), membership.PersonErased{Texts: texts})
		if texts {
			if err := vault.Shred(t.Context(), person, sealed.Content, "erasure"); err != nil {
				t.Fatal(err)
			}
		}
		if err := vault.Shred(t.Context(), person, sealed.Identity, "erasure"); err != nil {
			t.Fatal(err)
		}
	}
	c := h.conversation("bob", q)
	if c.Request.Title != nil || c.Request.Asker.Former == nil || !*c.Request.Asker.Former || *c.Responses[0].Body != "bobsanswer" {
		t.Errorf("bob sees %+v", c)
	}
	if c = h.conversation("bob", kept); *c.Request.Title != "cemstitle" || !*c.Request.Asker.Former {
		t.Errorf("texts that stay are shown as %+v", c)
	}
	h.do(200, "bob", "GET", "/requests", nil)
}

func TestRebuiltViewsAreTheSame(t *testing.T) {
	h := start(t, community.Config{})
	id := h.found("Rebuilt", "open")
	q := h.ask("ada", id, nil)
	r := h.create("bob", "/requests/"+q+"/responses", obj{"body": "answer"})
	h.do(200, "ada", "POST", "/requests/"+q+"/responses/"+r+"/accept", nil)
	h.do(200, "ada", "PUT", "/communities/"+id+"/charter", obj{"purpose": "p"}, match(`"0"`))
	follower := h.App.Core.Follower
	names := follower.Rebuildable()
	for _, want := range []string{"communities", "charters", "requests", "conversations", "similar"} {
		if !slices.Contains(names, "community-"+want) {
			t.Errorf("%s cannot be rebuilt; there are %v", want, names)
		}
	}
	before := h.conversation("eve", q)
	for _, name := range names {
		got, err := follower.Rebuild(t.Context(), name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Before != got.After {
			t.Errorf("%s was not what the log says", name)
		}
	}
	if after := h.conversation("eve", q); !reflect.DeepEqual(before, after) {
		t.Errorf("after the rebuild eve sees %+v, before %+v", after, before)
	}
}
