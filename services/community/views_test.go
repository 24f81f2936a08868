package community

import (
	"testing"
	"time"

	events "kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view/viewtest"
)

// TestViewsArePure folds a past in which everything happens at least once.
func TestViewsArePure(t *testing.T) {
	past := everything()
	viewtest.Pure(t, communitiesView(), past)
	viewtest.Pure(t, chartersView(), past)
	viewtest.Pure(t, requestsView(), past)
	viewtest.Pure(t, conversationsView(), past)
	viewtest.Pure(t, linksView(), past)
	viewtest.Pure(t, helpView(), past)
	viewtest.Pure(t, affiliationsView(), past)
	viewtest.Pure(t, growthView(), past)
}

func shut(text string) sealed.Text {
	return sealed.Seal(sealed.Box{Person: "p", Class: sealed.Content, Event: "e", Field: "f", Bytes: []byte(text)})
}

func everything() []es.Recorded {
	var all []es.Recorded
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	add := func(context, aggregate, id string, list ...es.Event) {
		for _, e := range list {
			at = at.Add(time.Minute)
			all = append(all, es.Recorded{
				Seq: uint64(len(all) + 1), Stream: es.Stream{Context: context, Aggregate: aggregate, ID: id},
				Type: e.EventType(), Time: at, Meta: es.Meta{Actor: "ada"}, Data: e,
			})
		}
	}
	tie := membership.Tie{Community: "c", Person: "bob"}
	add(events.Context, events.Community, "c",
		founded(), events.CommunitySettingsChanged{Settings: someSettings()},
		events.CommunityStateChanged{From: events.Draft, To: events.Forming, Reason: shut("why")},
		events.SuccessionOpened{Last: "ada", Cause: "left", Asked: []string{"bob"}}, events.SuccessionSettled{Host: "bob"})
	add(membership.Context, membership.Membership, "m", membership.MembershipJoined{Tie: tie, Role: "host"}, membership.MembershipRoleChanged{Tie: tie, Role: "host"})
	for i, id := range []string{"m2", "m3", "m4"} {
		other := membership.Tie{Community: []string{"c", "d", "d"}[i], Person: id}
		add(membership.Context, membership.Membership, id, membership.MembershipJoined{Tie: other, Role: "member"}, membership.MembershipLeft{Tie: other},
			membership.MembershipJoined{Tie: other, Role: "member"}, membership.MembershipRemoved{Tie: other, Reason: shut("why")})
	}
	for _, id := range []string{"ada", "bob"} {
		add(membership.Context, membership.Person, id, membership.PersonRegistered{Name: shut("n"), Unit: "u", Language: "de"}, membership.PersonMoved{Unit: "v"})
	}
	add(events.Context, events.Charter, "c",
		events.CharterRevised{Version: 1, Purpose: "p", Norms: []string{"n"}}, events.CharterRevised{Version: 2, Purpose: "q", Note: shut("note")})
	for _, id := range []string{"q1", "q2"} {
		add(events.Context, events.Request, id,
			events.RequestRaised{Community: "c", Asker: "ada", Kind: events.Problem, Title: shut("t"), Tried: shut("x"), Tags: []string{"law"}, Language: "en"},
			events.RequestCorrected{Title: shut("t2"), Tried: shut("x2"), Tags: []string{"tax"}})
		add(matching.Context, matching.Proposal, id,
			matching.HelpersProposed{Request: id, Helpers: []matching.ProposedHelper{{Person: "bob"}}},
			matching.HelpersProposed{Request: id, Step: matching.StepLinked, Helpers: []matching.ProposedHelper{{Person: "eve"}}},
			matching.RoutingWidened{Request: id, Step: matching.StepHosts, Told: []string{"hal"}}, matching.RoutingEnded{Request: id},
			matching.HelpOffered{Request: id, Helper: "bob", Asker: "ada"}, matching.HelpDeclined{Request: id, Helper: "cem"})
		add(events.Context, events.Request, id,
			events.RequestResponded{Response: "r", Author: "bob", Body: shut("a")}, events.RequestResponded{Response: "s", Author: "cem", Body: shut("b")},
			events.ResponseCorrected{Response: "r", Body: shut("a2")}, events.ResponseAccepted{Response: "r", Author: "bob", Resolves: true},
			events.Thanked{Response: "r", From: "ada", To: "bob", Note: shut("thanks")}, events.Thanked{Response: "s", From: "ada", To: "cem", Note: shut("thanks")},
			events.RequestReopened{Reason: shut("why")},
			events.ResponseRetracted{Response: "s"}, events.RequestUnresolved{Reason: shut("why")}, events.RequestReopened{Reason: shut("why")},
			events.RequestWithdrawn{Reason: shut("why")}, events.RequestReopened{Reason: shut("why")}, events.RequestResolved{})
	}
	for _, id := range []string{"l1", "l2"} {
		e := ends(events.Sister)
		add(events.Context, events.Link, id,
			events.LinkProposed{Ends: e, Reason: shut("why")}, events.LinkDeclined{Ends: e, Reason: shut("no")},
			events.LinkProposed{Ends: e, Reason: shut("why")}, events.LinkWithdrawn{Ends: e},
			events.LinkProposed{Ends: e, Reason: shut("why")}, events.LinkAgreed{Ends: e, Reason: shut("yes")},
			events.LinkEnded{Ends: e, Side: "a", Reason: shut("done")}, events.LinkProposed{Ends: e, Reason: shut("again")})
	}
	add(events.Context, events.Request, "q2", events.RequestRetracted{}, events.ResponseCorrected{Response: "r", Body: shut("a3")}, events.ResponseRetracted{Response: "r"})
	return all
}

// A retraction leaves no text of its author in any document.
func TestRetractionLeavesNothing(t *testing.T) {
	docs := map[string]*conversationDoc{"q1": {}, "q2": {}}
	for _, r := range everything() {
		if d := docs[r.Stream.ID]; d != nil {
			foldConversationDoc(r.Stream.ID, d, r)
		}
	}
	if w := docs["q1"].Words[1]; !w.Body.IsZero() || !w.Thanks.IsZero() {
		t.Error("a retracted response still has its text, or the thanks for it")
	}
	d := docs["q2"]
	for name, text := range map[string]sealed.Text{"title": d.Title, "body": d.Body, "tried": d.Tried, "reason": d.Reason,
		"response": d.Words[0].Body, "thanks": d.Words[0].Thanks, "other response": d.Words[1].Body} {
		if !text.IsZero() {
			t.Errorf("%s is still there", name)
		}
	}
	if d.Tags != nil {
		t.Errorf("tags are still there: %v", d.Tags)
	}
	var l requestDoc
	keep := true
	for _, r := range everything() {
		if r.Stream.ID == "q2" {
			if _, ok := r.Data.(events.ResponseCorrected); ok || len(requestsView().Keys(r)) == 0 {
				continue
			}
			if keep = foldRequestDoc("q2", &l, r); !keep {
				l = requestDoc{}
			}
		}
	}
	if keep {
		t.Errorf("a retracted request is still listed: %+v", l)
	}
}
