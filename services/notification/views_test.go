package notification

import (
	"testing"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	events "kith/api/events/notification"
	"kith/api/sealed"
	"kith/pkg/es"
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
	add("membership", "person", "p", membership.PersonErased{})
	add("membership", "person", "o", membership.PersonErased{})
	return log
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
