package notification

import (
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	events "kith/api/events/notification"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

// history brings every branch of the folds.
func history() []es.Recorded {
	tie := membership.Tie{Community: "c", Person: "p"}
	shut := func(s string) sealed.Text {
		return sealed.Seal(sealed.Box{Person: "p", Class: sealed.Content, Event: "e", Field: "f", Bytes: []byte(s)})
	}
	var log []es.Recorded
	add := func(context, aggregate, id string, e es.Event) {
		log = append(log, at(uint64(len(log)+1), context, aggregate, id, "x", e))
	}
	add("membership", "person", "p", membership.PersonRegistered{Name: shut("a"), Email: shut("b")})
	add("membership", "person", "p", membership.PersonChanged{Name: shut("c"), Email: shut("d")})
	add("community", "community", "c", community.CommunityFounded{Founder: "p"})
	add("membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaFounding, Role: "host"})
	add("membership", "role", "p", membership.RoleGranted{Role: "auditor"})
	add("membership", "role", "p", membership.RoleGranted{Role: "coordinator"})
	add("membership", "role", "p", membership.RoleRevoked{Role: "auditor"})
	add("community", "request", "q", community.RequestRaised{Community: "c", Asker: "a", Title: shut("t")})
	add("community", "request", "q", community.RequestCorrected{Title: shut("u")})
	add("matching", "proposal", "q", matching.HelpersProposed{Request: "q", Asker: "a", Helpers: []matching.ProposedHelper{{Person: "p"}, {Person: "o"}}})
	add("community", "request", "q", community.RequestResponded{Response: "r", Author: "p"})
	add("notification", "preferences", "p", events.PreferencesChanged{Rules: []events.Rule{{Mail: true}}})
	add("notification", "preferences", "p", events.PreferencesChanged{Rules: []events.Rule{{Inbox: true}}})
	add("notification", "inbox", "p", events.InboxRead{Items: []string{"8", "11"}})
	add("notification", "inbox", "p", events.InboxRead{Items: []string{"10"}})
	add("notification", "inbox", "p", events.InboxRead{UpTo: 9})
	add("community", "request", "q", community.RequestRetracted{})
	add("membership", "membership", "m", membership.MembershipRemoved{Tie: tie})
	add("membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaOpen})
	add("membership", "membership", "m", membership.MembershipLeft{Tie: tie})
	add("membership", "role", "p", membership.RoleRevoked{Role: "coordinator"})
	add("membership", "role", "p", membership.RoleGranted{Role: "coordinator"})
	add("community", "link", "l", community.LinkAgreed{Ends: community.Ends{Proposer: "c", Other: "d"}})
	add("membership", "person", "p", membership.PersonErased{})
	add("membership", "person", "o", membership.PersonErased{})
	return log
}

func TestAnEventIsOneDocumentForAllItsAudiences(t *testing.T) {
	v, err := view.Open(t.Context(), viewmem.Backend{}, itemsView(nowhere))
	if err != nil {
		t.Fatal(err)
	}
	tie := membership.Tie{Community: "c", Person: "p"}
	if err := v.Apply(t.Context(), []es.Recorded{
		at(1, "matching", "proposal", "q", "x", matching.HelpersProposed{Request: "q", Asker: "a", Helpers: []matching.ProposedHelper{{Person: "p"}, {Person: "o"}}}),
		at(2, "membership", "membership", "m", "x", membership.MembershipJoined{Tie: tie, Via: membership.ViaAdmission}),
		at(3, "membership", "membership", "m", "x", membership.MembershipLeft{Tie: tie}),
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := v.Len(t.Context()); err != nil || n != 2 {
		t.Fatalf("%d documents, error %v", n, err)
	}
	for audience, want := range map[string]string{
		"person:p": "admitted , asked_to_help a", "person:o": "asked_to_help a", "hosts:c": "member_joined p", "person:a": "", "members:c": "",
	} {
		page, err := v.Find(t.Context(), view.Query{Index: "audience", Equal: []any{inDoc(audience)}, Limit: 10}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range page.Items {
			it := nowhere.item(d, audience)
			got = append(got, it.Kind+" "+it.Person)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s is told %q, want %q", audience, got, want)
		}
	}
}

func TestViewsArePure(t *testing.T) {
	asker := whereabouts(func(string) (string, string) { return "a", "c" })
	viewtest.Pure(t, itemsView(asker), history())
	viewtest.Pure(t, preferencesView(), history())
	viewtest.Pure(t, marksView(), history())
	viewtest.Pure(t, tiesView(), history())
	viewtest.Pure(t, addressesView(), history())
	viewtest.Pure(t, titlesView(), history())
}
