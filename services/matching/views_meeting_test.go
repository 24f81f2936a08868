package matching

import (
	"testing"
	"time"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

// on puts an event on a stream of the service, or of a person.
func on(aggregate, id string, e es.Event) es.Recorded {
	context := events.Context
	if aggregate == membership.Person || aggregate == membership.Membership {
		context = membership.Context
	}
	return es.Recorded{Stream: es.Stream{Context: context, Aggregate: aggregate, ID: id}, Type: e.EventType(), Data: e}
}

func story(list ...es.Recorded) []es.Recorded {
	for i := range list {
		list[i].Seq = uint64(i) + 1
		list[i].Time = time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC)
	}
	return list
}

func TestMeetingViews(t *testing.T) {
	w := events.Welcome{Community: "c", Newcomer: "new"}
	made := func(id, a, b string) es.Recorded {
		return on(events.Round, "r", events.IntroductionMade{Introduction: id, People: []string{a, b}, Reasons: []events.MeetReason{{Code: events.MeetOtherUnit}}})
	}
	said := func(id, person, other, answer string) es.Recorded {
		return on(events.Introduction, id, events.IntroductionAnswered{Person: person, Other: other, Answer: answer})
	}
	joined := func(id, via string) es.Recorded {
		return on(membership.Membership, id, membership.MembershipJoined{Tie: membership.Tie{Community: "c", Person: id}, Via: via})
	}
	history := story(
		on(events.Meeting, "ben", events.MeetingPreferencesChanged{BuddyCommunities: []string{"c"}, BuddyCap: 2}),
		on(events.Meeting, "cyd", events.MeetingPreferencesChanged{BuddyAnywhere: true, BuddyCap: 2, Introductions: events.IntroduceWeekly}),
		on(membership.Person, "ben", membership.ProfileChanged{Languages: []string{"de"}, Availability: "away"}),
		on(membership.Person, "cyd", membership.ProfileChanged{Visibility: map[string]string{"languages": membership.VisibleNobody, "can_help": membership.VisibleNobody, "want_to_learn": membership.VisibleNobody}}),
		on(events.Buddy, "m", events.BuddiesSuggested{Welcome: w, Buddies: []events.SuggestedBuddy{{Person: "ben"}, {Person: "cyd"}}}),
		on(events.Buddy, "m", events.BuddyChosen{Welcome: w, Buddy: "ben"}),
		on(events.Buddy, "m", events.BuddyDeclined{Welcome: w, Buddy: "ben"}),
		on(events.Buddy, "m", events.BuddyChosen{Welcome: w, Buddy: "cyd"}),
		on(events.Buddy, "m", events.BuddyAgreed{Welcome: w, Buddy: "cyd"}),
		on(events.Buddy, "m", events.BuddyEnded{Welcome: w, Buddy: "cyd"}),
		on(events.Buddy, "m", events.BuddiesSuggested{Welcome: w, Buddies: []events.SuggestedBuddy{{Person: "cyd"}}}),
		on(events.Buddy, "m", events.BuddiesWaived{Welcome: w}),
		joined("m", membership.ViaOpen), joined("n", membership.ViaAdmission), joined("o", membership.ViaFounding),
		on(events.Buddy, "m", events.FirstWeekPassed{Welcome: w}),
		on(events.Round, "r", events.RoundStarted{Period: "2026-W10"}),
		made("i1", "ben", "cyd"), made("i2", "ben", "dan"), said("i1", "ben", "cyd", events.IntroductionMet),
		said("i1", "ben", "cyd", events.IntroductionNotNow), said("i0", "eve", "ben", events.IntroductionMet),
		on(events.Round, "r", events.RoundFinished{Pairs: 2}),
		on(membership.Person, "cyd", membership.PersonErased{}),
	)
	t.Run("the folds are pure", func(t *testing.T) {
		viewtest.Pure(t, meetingsView(), history)
		viewtest.Pure(t, linesView(), history)
		viewtest.Pure(t, buddiesView(), history)
		viewtest.Pure(t, introductionsView(), history)
		viewtest.Pure(t, roundsView(), history)
		viewtest.Pure(t, newcomersView(), history)
	})
	t.Run("a person keeps their latest introductions, the newest first", func(t *testing.T) {
		v, err := view.Open(t.Context(), viewmem.Backend{}, introductionsView())
		if err != nil {
			t.Fatal(err)
		}
		var many []es.Recorded
		for i := range keptIntroductions + 3 {
			many = append(many, made(string(rune('a'+i)), "ben", "other"))
		}
		if err := v.Apply(t.Context(), story(many...)); err != nil {
			t.Fatal(err)
		}
		d, _, err := v.Get(t.Context(), "ben")
		if err != nil || len(d.Items) != keptIntroductions || d.Items[0].ID != "o" {
			t.Errorf("%d kept, %v, %v", len(d.Items), d.Items, err)
		}
	})
}

// A round follows from the log before it and from nothing else.
func TestThePastOfARound(t *testing.T) {
	person := func(id, unit string) es.Recorded {
		return on(membership.Person, id, membership.PersonRegistered{Unit: unit, Language: "de"})
	}
	wish := func(id, interval string) es.Recorded {
		return on(events.Meeting, id, events.MeetingPreferencesChanged{BuddyCap: 2, Introductions: interval})
	}
	p := newPast()
	for _, r := range story(
		person("ada", "a"), person("ben", "b"), person("cyd", "c"), person("dan", "d"),
		wish("ada", events.IntroduceWeekly), wish("ben", events.IntroduceMonthly), wish("cyd", events.IntroduceWeekly), wish("dan", ""),
		on(events.Round, "r1", events.RoundStarted{Week: 1, Apart: 12}),
		on(events.Round, "r1", events.IntroductionMade{Introduction: "i", People: []string{"ada", "ben"}}),
		on(events.Round, "r1", events.RoundFinished{Pairs: 1, LeftOut: 1}),
		on(events.Introduction, "i", events.IntroductionAnswered{Person: "ada", Other: "ben", Answer: events.IntroductionNotNow}),
		on(events.Round, "r2", events.RoundStarted{Week: 2, Apart: 12}),
	) {
		if err := p.fold(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	got := p.people()
	if len(got) != 2 || got[0].ID != "ada" || got[1].ID != "cyd" || got[0].Waiting != 0 || got[1].Waiting != 1 {
		t.Fatalf("got %+v", got)
	}
	if len(got[0].Apart) != 2 || got[0].Apart[0] != "ben" || got[0].Unit != "a" {
		t.Errorf("ada is kept apart from %v", got[0].Apart)
	}
}
