package matching

import (
	"testing"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func wishing(e events.MeetingPreferencesChanged, version uint64) func(meeting) (es.Event, error) {
	return func(w meeting) (es.Event, error) {
		return w.Change(e, version, func(c string) bool { return c == "mine" })
	}
}

func TestWishes(t *testing.T) {
	willing := events.MeetingPreferencesChanged{BuddyCommunities: []string{"mine"}, BuddyCap: 2, Introductions: events.IntroduceMonthly}
	estest.Given(t, foldMeeting).When(wishing(willing, 0)).Then(willing)
	twice := willing
	twice.BuddyCommunities = []string{"mine", "mine"}
	estest.Given(t, foldMeeting).When(wishing(twice, 0)).Then(willing)
	estest.Given(t, foldMeeting, willing).When(wishing(willing, 1)).Nothing()
	estest.Given(t, foldMeeting, willing).When(wishing(willing, 0)).Fails(fault.Stale)
	for name, e := range map[string]events.MeetingPreferencesChanged{
		"a cap of nobody":                   {BuddyCap: 0},
		"a cap of too many":                 {BuddyCap: maxBuddyCap + 1},
		"an interval that there is not":     {BuddyCap: 2, Introductions: "daily"},
		"a community of others":             {BuddyCap: 2, BuddyCommunities: []string{"theirs"}},
		"more communities than can be told": {BuddyCap: 2, BuddyCommunities: many(maxBuddyCommunities + 1)},
	} {
		t.Run(name, func(t *testing.T) { estest.Given(t, foldMeeting).When(wishing(e, 0)).Fails(fault.Invalid) })
	}
	t.Run("a community that was left meanwhile can stay in the list", func(t *testing.T) {
		before := events.MeetingPreferencesChanged{BuddyCommunities: []string{"left"}, BuddyCap: 2}
		after := before
		after.BuddyCap = 3
		estest.Given(t, foldMeeting, before).When(wishing(after, 1)).Then(after)
	})
}

func many(n int) (out []string) {
	for i := range n {
		out = append(out, string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	return out
}

func TestBuddy(t *testing.T) {
	w := events.Welcome{Community: "c", Newcomer: "new"}
	suggested := events.BuddiesSuggested{Welcome: w, Buddies: []events.SuggestedBuddy{{Person: "ben"}, {Person: "cyd"}}}
	chosen := events.BuddyChosen{Welcome: w, Buddy: "ben"}
	agreed := events.BuddyAgreed{Welcome: w, Buddy: "ben"}
	declined := events.BuddyDeclined{Welcome: w, Buddy: "ben"}
	waived, ended := events.BuddiesWaived{Welcome: w}, events.BuddyEnded{Welcome: w, Buddy: "ben"}
	choose := func(by, person string) func(buddy) (es.Event, error) {
		return func(b buddy) (es.Event, error) { return b.Choose(by, person, true) }
	}
	by := func(f func(buddy, string) (es.Event, error), person string) func(buddy) (es.Event, error) {
		return func(b buddy) (es.Event, error) { return f(b, person) }
	}
	given := func(past ...any) estest.Past[buddy] { return estest.Given(t, foldBuddy, past...) }
	suggest := func(b buddy) (es.Event, error) { return b.Suggest(suggested) }

	given().When(suggest).Then(suggested)
	given().When(func(b buddy) (es.Event, error) { return b.Suggest(events.BuddiesSuggested{Welcome: w}) }).Nothing()
	given().When(func(b buddy) (es.Event, error) {
		return b.Suggest(events.BuddiesSuggested{Welcome: w, Buddies: []events.SuggestedBuddy{{Person: "new"}}})
	}).Fails(fault.Conflict)
	given(suggested).When(suggest).Nothing()
	given(suggested, chosen, agreed).When(suggest).Nothing()
	given(suggested, waived).When(suggest).Then(suggested) // who joins again

	given(suggested).When(choose("new", "ben")).Then(chosen)
	given(suggested, chosen).When(choose("new", "ben")).Nothing()
	given(suggested, chosen).When(choose("new", "cyd")).Then(events.BuddyChosen{Welcome: w, Buddy: "cyd"})
	given(suggested, chosen, declined).When(choose("new", "ben")).Fails(fault.Conflict)
	given(suggested, chosen, declined).When(choose("new", "cyd")).Then(events.BuddyChosen{Welcome: w, Buddy: "cyd"})
	given(suggested, chosen, agreed).When(choose("new", "cyd")).Fails(fault.Conflict)
	given(suggested, waived).When(choose("new", "cyd")).Fails(fault.Conflict)
	given(suggested).When(choose("new", "dan")).Fails(fault.Invalid)
	given(suggested).When(choose("ben", "ben")).Fails(fault.NotFound)
	given().When(choose("new", "ben")).Fails(fault.NotFound)
	given(suggested).When(func(b buddy) (es.Event, error) { return b.Choose("new", "ben", false) }).Fails(fault.Conflict)

	given(suggested).When(by(buddy.Waive, "new")).Then(waived)
	given(suggested, waived).When(by(buddy.Waive, "new")).Nothing()
	given(suggested).When(by(buddy.Waive, "ben")).Fails(fault.NotFound)
	given(suggested, chosen, agreed).When(by(buddy.Waive, "new")).Fails(fault.Conflict)

	given(suggested, chosen).When(by(buddy.Agree, "ben")).Then(agreed)
	given(suggested, chosen, agreed).When(by(buddy.Agree, "ben")).Nothing()
	given(suggested, chosen).When(by(buddy.Agree, "cyd")).Fails(fault.NotFound)
	given(suggested, chosen).When(by(buddy.Decline, "ben")).Then(declined)
	given(suggested, chosen, declined).When(by(buddy.Decline, "ben")).Nothing()
	given(suggested, chosen, agreed).When(by(buddy.Decline, "ben")).Fails(fault.Conflict)
	given(suggested).When(by(buddy.Decline, "ben")).Fails(fault.NotFound)

	given(suggested, chosen, agreed).When(by(buddy.End, "ben")).Then(ended)
	given(suggested, chosen, agreed).When(by(buddy.End, "new")).Then(ended)
	given(suggested, chosen, agreed).When(by(buddy.End, "cyd")).Fails(fault.NotFound)
	given(suggested, chosen, agreed, ended).When(by(buddy.End, "new")).Nothing()
	given(suggested, chosen).When(by(buddy.End, "new")).Fails(fault.Conflict)

	given(suggested, chosen).When(buddy.Leave).Then(ended)
	given(suggested).When(buddy.Leave).Then(events.BuddyEnded{Welcome: w})
	given(suggested, waived).When(buddy.Leave).Nothing()
	given().When(buddy.Leave).Nothing()
}

func TestRound(t *testing.T) {
	started := events.RoundStarted{Period: "2026-W10", Week: 1, Apart: 12}
	pair := func(a, b string) events.IntroductionMade { return events.IntroductionMade{People: []string{a, b}} }
	introduce := func(a, b string) func(round) (es.Event, error) {
		return func(o round) (es.Event, error) { return o.Introduce(pair(a, b)) }
	}
	finish := func(o round) (es.Event, error) { return o.Finish(5) }
	given := func(past ...any) estest.Past[round] { return estest.Given(t, foldRound, past...) }

	given().When(func(o round) (es.Event, error) { return o.Start(started) }).Then(started)
	given(started).When(func(o round) (es.Event, error) { return o.Start(started) }).Nothing()
	given().When(introduce("a", "b")).Fails(fault.Conflict)
	given(started).When(introduce("a", "b")).Then(pair("a", "b"))
	given(started).When(introduce("b", "a")).Fails(fault.Conflict)
	given(started).When(introduce("a", "a")).Fails(fault.Conflict)
	given(started, pair("a", "b")).When(introduce("a", "b")).Nothing()
	given(started, pair("a", "b")).When(introduce("a", "c")).Fails(fault.Conflict)
	given(started, pair("a", "b")).When(introduce("b", "c")).Fails(fault.Conflict)
	given(started, pair("a", "b")).When(introduce("c", "d")).Then(pair("c", "d"))
	given().When(finish).Fails(fault.Conflict)
	given(started, pair("a", "b")).When(finish).Then(events.RoundFinished{Pairs: 1, LeftOut: 3})
	given(started, events.RoundFinished{}).When(finish).Nothing()
	given(started, events.RoundFinished{}).When(introduce("a", "b")).Fails(fault.Conflict)
}

func TestIntroduction(t *testing.T) {
	met := events.IntroductionAnswered{Person: "a", Other: "b", Answer: events.IntroductionMet}
	answer := func(person, other, answer string) func(introduction) (es.Event, error) {
		return func(i introduction) (es.Event, error) { return i.Answer(person, other, answer) }
	}
	given := func(past ...any) estest.Past[introduction] { return estest.Given(t, foldIntroduction, past...) }
	given().When(answer("a", "b", "met")).Then(met)
	given(met).When(answer("a", "b", "met")).Nothing()
	given(met).When(answer("b", "a", "met")).Then(events.IntroductionAnswered{Person: "b", Other: "a", Answer: "met"})
	given(met).When(answer("a", "b", "not_this_time")).Then(events.IntroductionAnswered{Person: "a", Other: "b", Answer: "not_this_time"})
	given().When(answer("a", "b", "perhaps")).Fails(fault.Invalid)
}
