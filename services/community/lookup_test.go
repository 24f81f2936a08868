package community_test

import (
	"slices"
	"strings"
	"testing"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/pkg/es"
	"kith/services/community"
)

func (h house) lookUp(person string, ids ...string) []api.Request {
	h.t.Helper()
	var out api.RequestList
	h.decode(h.do(200, person, "POST", "/requests/lookup", obj{"ids": ids}), &out)
	return out.Items
}

func idsOf(list []api.Request) string {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Id)
	}
	return strings.Join(ids, " ")
}

func TestRequestsAreLookedUpByThoseWhoSeeThem(t *testing.T) {
	h := startClosed(t)
	open := h.ask("ada", h.found("Open readers", "open"), nil)
	gone := h.ask("ada", "", nil)
	h.do(200, "ada", "POST", "/requests/"+gone+"/retract", nil)
	all := []string{h.inner, open, es.ID("guess"), gone, h.beyond, open}
	for person, want := range map[string]string{
		"bob": h.inner + " " + open + " " + h.beyond, // a member
		"cem": open + " " + h.beyond,                 // asked beyond the community
		"dan": open, "kit": open, "adm": open,        // no role opens a closed community
	} {
		if got := idsOf(h.lookUp(person, all...)); got != want {
			t.Errorf("%s sees %q, want %q", person, got, want)
		}
	}
	// What is hidden looks like what there is none of.
	hidden, none := h.do(200, "dan", "POST", "/requests/lookup", obj{"ids": []string{h.inner}}), h.do(200, "dan", "POST", "/requests/lookup", obj{"ids": []string{es.ID("guess")}})
	if string(hidden.Body) != string(none.Body) {
		t.Errorf("dan tells a hidden request from none: %s and %s", hidden.Body, none.Body)
	}
	h.tie(h.id, "bob", membership.MembershipLeft{Tie: membership.Tie{Community: h.id, Person: "bob"}})
	if got := idsOf(h.lookUp("bob", all...)); got != h.inner+" "+open+" "+h.beyond {
		t.Errorf("who has left sees %q, want the own requests and the open one", got)
	}
	h.do(403, "old", "POST", "/requests/lookup", obj{"ids": []string{open}})
	h.do(422, "bob", "POST", "/requests/lookup", obj{"ids": []string{}})
	h.do(422, "bob", "POST", "/requests/lookup", obj{"ids": slices.Repeat([]string{open}, 201)})
}

func TestListsCountResponsesAndNameTheNewest(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", h.found("Readers", "open"), nil)
	check := func(count int, author string) {
		t.Helper()
		var page api.RequestPage
		h.decode(h.do(200, "dan", "GET", "/requests", nil), &page)
		for from, r := range map[string]api.Request{"list": page.Items[0], "lookup": h.lookUp("dan", q)[0], "conversation": h.conversation("dan", q).Request} {
			by := ""
			if r.NewestResponse != nil {
				by = r.NewestResponse.Author.Id
			}
			if r.Responses != count || by != author {
				t.Errorf("%s: %d responses, the newest by %q; want %d by %q", from, r.Responses, by, count, author)
			}
		}
	}
	check(0, "")
	h.create("bob", "/requests/"+q+"/responses", obj{"body": "one"})
	second := h.create("cem", "/requests/"+q+"/responses", obj{"body": "two"})
	check(2, "cem")
	h.do(200, "cem", "POST", "/requests/"+q+"/responses/"+second+"/retract", nil)
	check(1, "bob")
}

func TestCommunitiesAreLookedUp(t *testing.T) {
	h := startClosed(t)
	open := h.found("Open readers", "open")
	look := func(person string) string {
		t.Helper()
		var out api.CommunityList
		r := h.do(200, person, "POST", "/communities/lookup", obj{"ids": []string{open, es.ID("guess"), h.id, open}})
		h.decode(r, &out)
		if strings.Contains(string(r.Body), "secret") && !strings.Contains(string(r.Body), "Secret readers") {
			t.Errorf("%s reads what is inside: %s", person, r.Body)
		}
		var names []string
		for _, c := range out.Items {
			names = append(names, c.Name)
		}
		return strings.Join(names, ", ")
	}
	// Of a closed community everybody may know what the directory says.
	for _, person := range []string{"bob", "dan", "adm"} {
		if got := look(person); got != "Open readers, Secret readers" {
			t.Errorf("%s finds %s", person, got)
		}
	}
	h.do(403, "old", "POST", "/communities/lookup", obj{"ids": []string{open}})
	h.do(422, "bob", "POST", "/communities/lookup", obj{"ids": slices.Repeat([]string{open}, 201)})
}
