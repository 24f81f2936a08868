package community_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/pkg/es"
	"kith/services/community"
)

func (h house) importAll(items ...obj) []api.ImportedItem {
	h.t.Helper()
	var out api.ImportOutcome
	before, _ := h.App.Core.Events.Last(h.t.Context())
	r := h.do(200, "adm", "POST", "/imports/questions", obj{"items": items})
	h.decode(r, &out)
	if last, _ := h.App.Core.Events.Last(h.t.Context()); last > before && r.Header.Get("Kith-Seq") != strconv.FormatUint(last, 10) {
		h.t.Errorf("the import reached %d, but says %s", last, r.Header.Get("Kith-Seq"))
	}
	return out.Items
}

func TestImports(t *testing.T) {
	h := start(t, community.Config{})
	body := obj{"origin": "android", "name": "Android", "language": "en"}
	id := h.create("adm", "/imports/communities", body)
	if again := h.create("adm", "/imports/communities", body); again != id || id != es.ID("import", "community", "android") {
		t.Errorf("the same origin is %s and %s", id, again)
	}
	body["name"] = "Renamed there"
	h.create("adm", "/imports/communities", body)
	var d api.CommunityDetail
	h.decode(h.do(200, "dan", "GET", "/communities/"+id, nil), &d)
	if d.Community.State != "active" || d.Community.Visibility != "open" || d.Community.Joining != "open" || d.Role != nil || d.Community.Name != "Android" {
		t.Errorf("the community is %+v", d)
	}
	// It never had a host: that somebody leaves opens no succession.
	h.join(id, "dan", "member")
	h.tie(id, "dan", membership.MembershipLeft{Tie: membership.Tie{Community: id, Person: "dan"}})
	if got := h.successions(id); got != "" {
		t.Errorf("a community without hosts opened a succession: %s", got)
	}

	item := obj{"origin": "q/1", "community": id, "asker": "ada", "title": "how do i root it", "tags": []string{"Root"}, "occurred_at": "2012-05-01T10:00:00Z",
		"answers": []obj{
			{"origin": "a/1", "author": "bob", "body": "you do not", "score": 3, "accepted": true, "thanked": true, "occurred_at": "2012-05-02T10:00:00Z"},
			{"origin": "a/2", "author": "ada", "score": -1},
			{"origin": "a/3", "author": "old"},
		}}
	open := obj{"origin": "q/2", "community": id, "asker": "bob", "title": "nobody knew", "order": 2}
	older := obj{"origin": "q/0", "community": id, "asker": "bob", "title": "nobody knew before", "order": 1}
	bad := obj{"origin": "q/3", "community": id, "asker": "nobody", "title": " ", "answers": []obj{{"origin": "a", "author": "ghost"}}}
	twice := obj{"origin": "q/4", "community": id, "asker": "ada", "title": "t", "answers": []obj{
		{"origin": "a", "author": "bob", "accepted": true}, {"origin": "b", "author": "bob", "accepted": true}}}
	long := obj{"origin": "q/5", "community": id, "asker": "ada", "title": "t", "body": strings.Repeat("ä", 40_001)}
	got := h.importAll(item, open, older, bad, twice, long)
	for i, want := range []int{6, 2, 2, 0, 0, 0} {
		if got[i].Events != want || (got[i].Error != nil) != (want == 0) {
			t.Errorf("item %d: %+v, want %d events", i, got[i], want)
		}
	}
	if f := got[3].Error.Fields; len(f) != 3 || f[0].Field != "title" || f[1].Field != "asker" || f[2].Field != "answers.0.author" {
		t.Errorf("the bad item names %+v", f)
	}
	c := h.conversation("eve", got[0].Request)
	if c.Request.State != "resolved" || c.Request.Kind != "information" || c.Request.Imported == nil || c.Request.Created.Year() != 2012 || len(c.Responses) != 3 || !c.Responses[0].Accepted || c.Responses[0].Thanks == nil || c.Responses[1].Body != nil {
		t.Errorf("the question is %+v", c)
	}
	if c = h.conversation("eve", got[1].Request); c.Request.State != "unresolved" {
		t.Errorf("an unanswered question is %s", c.Request.State)
	}
	var page api.RequestPage
	h.decode(h.do(200, "eve", "GET", "/requests?state=open", nil), &page)
	if len(page.Items) > 0 {
		t.Errorf("imported questions look open: %+v", page.Items)
	}
	if position(h, got[2].Request) > position(h, got[1].Request) {
		t.Error("questions without a time are not in their order")
	}
	for rec, err := range h.App.Core.Events.Load(t.Context(), stream("community", "request", got[0].Request), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !rec.Meta.Imported || rec.Meta.Actor == "adm" || rec.Type == "request.raised" && !rec.Meta.OccurredAt.Equal(time.Date(2012, 5, 1, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%s has %+v", rec.Type, rec.Meta)
		}
	}

	t.Run("the same items again add nothing", func(t *testing.T) {
		before, _ := h.App.Core.Events.Last(t.Context())
		for _, i := range h.importAll(item, open, older) {
			if i.Events != 0 || i.Error != nil {
				t.Errorf("%+v", i)
			}
		}
		if after, _ := h.App.Core.Events.Last(t.Context()); after != before {
			t.Errorf("the log grew from %d to %d", before, after)
		}
	})
	t.Run("half an item is completed", func(t *testing.T) {
		half := obj{"origin": "q/9", "community": id, "asker": "ada", "title": "half", "answers": []obj{{"origin": "1", "author": "bob"}, {"origin": "2", "author": "ghost"}}}
		if got := h.importAll(half)[0]; got.Error == nil || got.Events != 0 {
			t.Errorf("%+v", got)
		}
		half["answers"] = []obj{{"origin": "1", "author": "bob"}}
		h.importAll(half)
		half["answers"] = []obj{{"origin": "1", "author": "bob"}, {"origin": "2", "author": "cem", "accepted": true}}
		if got := h.importAll(half)[0]; got.Error != nil || got.Events != 2 {
			t.Errorf("%+v, want the new answer and its acceptance", got)
		}
		if c := h.conversation("eve", es.ID("import", "request", "q/9")); c.Request.State != "resolved" || len(c.Responses) != 2 {
			t.Errorf("%+v", c)
		}
	})
}

func position(h house, request string) uint64 {
	for rec := range h.App.Core.Events.Load(h.t.Context(), stream("community", "request", request), 0) {
		return rec.Seq
	}
	return 0
}

// Many items at once, the same file by two administrators at the same time.
func TestImportsRace(t *testing.T) {
	h := start(t, community.Config{})
	id := h.create("adm", "/imports/communities", obj{"origin": "x", "name": "X", "language": "en"})
	var items []obj
	for i := range 100 {
		items = append(items, obj{"origin": fmt.Sprint(i), "community": id, "asker": "ada", "title": "t", "answers": []obj{{"origin": "a", "author": "bob", "accepted": i%2 == 0}}})
	}
	before, _ := h.App.Core.Events.Last(t.Context())
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() {
			r := post(t, h.URL+base+"/imports/questions", "adm", fmt.Sprintf("race-%d", n), obj{"items": items})
			if r != 200 {
				t.Errorf("answered %d", r)
			}
		})
	}
	wg.Wait()
	h.Settle()
	if after, _ := h.App.Core.Events.Last(t.Context()); after-before != 300 {
		t.Errorf("%d events were added, want 300", after-before)
	}
}
