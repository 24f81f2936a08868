package matching

import (
	"testing"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func proposed(round int, people ...string) events.HelpersProposed {
	e := events.HelpersProposed{Request: "q", Asker: "ada", Kind: "problem", Round: round, Helpers: []events.ProposedHelper{}}
	for _, p := range people {
		e.Helpers = append(e.Helpers, events.ProposedHelper{Person: p})
	}
	return e
}

func TestProposal(t *testing.T) {
	open, shut := about{"q", "ada", true}, about{"q", "ada", false}
	offer := func(person string, of about) func(proposal) (es.Event, error) {
		return func(p proposal) (es.Event, error) { return p.Offer(person, of) }
	}
	decline := func(person string, of about) func(proposal) (es.Event, error) {
		return func(p proposal) (es.Event, error) { return p.Decline(person, of) }
	}
	propose := func(e events.HelpersProposed) func(proposal) (es.Event, error) {
		return func(p proposal) (es.Event, error) { return p.Propose(e) }
	}
	offered := events.HelpOffered{Request: "q", Helper: "ben", Asker: "ada", Proposed: true}
	declined := events.HelpDeclined{Request: "q", Helper: "ben"}
	given := func(t *testing.T, past ...any) estest.Past[proposal] { return estest.Given(t, foldProposal, past...) }

	t.Run("the first proposal is round 1", func(t *testing.T) {
		given(t).When(propose(proposed(0, "ben"))).Then(proposed(1, "ben"))
	})
	t.Run("the next proposal is the next round", func(t *testing.T) {
		given(t, proposed(1, "ben")).When(propose(proposed(0, "ben", "cyd"))).Then(proposed(2, "ben", "cyd"))
	})
	t.Run("nobody found is a round too", func(t *testing.T) {
		given(t).When(propose(proposed(0))).Then(proposed(1))
	})
	t.Run("the asker is never proposed", func(t *testing.T) {
		given(t).When(propose(proposed(0, "ada"))).Fails(fault.Conflict)
	})
	t.Run("who declined is not proposed again", func(t *testing.T) {
		given(t, proposed(1, "ben"), declined).When(propose(proposed(0, "ben"))).Fails(fault.Conflict)
	})
	t.Run("a proposed helper offers help", func(t *testing.T) {
		given(t, proposed(1, "ben")).When(offer("ben", open)).Then(offered)
	})
	t.Run("somebody unasked offers help", func(t *testing.T) {
		given(t, proposed(1, "cyd")).When(offer("ben", open)).
			Then(events.HelpOffered{Request: "q", Helper: "ben", Asker: "ada"})
	})
	t.Run("help is offered before anybody is proposed", func(t *testing.T) {
		given(t).When(offer("ben", open)).Then(events.HelpOffered{Request: "q", Helper: "ben", Asker: "ada"})
	})
	t.Run("an offer twice is one", func(t *testing.T) {
		given(t, proposed(1, "ben"), offered).When(offer("ben", open)).Nothing()
		given(t, proposed(1, "ben"), offered).When(offer("ben", shut)).Nothing()
	})
	t.Run("the asker cannot offer help", func(t *testing.T) {
		given(t).When(offer("ada", open)).Fails(fault.Conflict)
	})
	t.Run("no help is offered for a closed request", func(t *testing.T) {
		given(t, proposed(1, "ben")).When(offer("ben", shut)).Fails(fault.Conflict)
	})
	t.Run("a proposed helper declines, once", func(t *testing.T) {
		given(t, proposed(1, "ben")).When(decline("ben", open)).Then(declined)
		given(t, proposed(1, "ben"), declined).When(decline("ben", open)).Nothing()
	})
	t.Run("nobody declines what they were not asked", func(t *testing.T) {
		given(t, proposed(1, "cyd")).When(decline("ben", open)).Fails(fault.Conflict)
	})
	t.Run("nobody declines for a closed request", func(t *testing.T) {
		given(t, proposed(1, "ben")).When(decline("ben", shut)).Fails(fault.Conflict)
	})
	t.Run("minds change in both directions", func(t *testing.T) {
		given(t, proposed(1, "ben"), declined).When(offer("ben", open)).Then(offered)
		given(t, proposed(1, "ben"), offered).When(decline("ben", open)).Then(declined)
	})
	t.Run("an offer of before the request was reopened can be made again", func(t *testing.T) {
		given(t, proposed(1, "ben"), offered, proposed(2, "ben")).When(offer("ben", open)).Then(offered)
		linked := proposed(2, "cyd")
		linked.Step = events.StepLinked
		given(t, proposed(1, "ben"), offered, linked).When(offer("ben", open)).Nothing()
		given(t, offered, proposed(1, "ben")).When(offer("ben", open)).Nothing()
	})
	t.Run("that nobody has answered is noted once, of the newest step", func(t *testing.T) {
		late := events.RequestUnanswered{Request: "q", Asker: "ada", Step: events.StepCommunity}
		note := func(last uint64) func(proposal) (es.Event, error) {
			return func(p proposal) (es.Event, error) { return p.Unanswered(late, last) }
		}
		wide := events.RoutingWidened{Request: "q", Asker: "ada", Step: events.StepConnectors}
		given(t, proposed(1, "ben")).When(note(1)).Then(late)
		given(t, proposed(1, "ben"), late).When(note(1)).Nothing()
		given(t, proposed(1, "ben"), declined).When(note(1)).Then(late)
		given(t, proposed(1, "ben"), offered).When(note(1)).Nothing()
		given(t, proposed(1, "ben"), late, wide).When(note(1)).Nothing()
		given(t, proposed(1, "ben"), late, wide).When(note(3)).Then(late)
		given(t, proposed(1, "ben"), late, events.RoutingEnded{Request: "q"}).When(note(1)).Nothing()
	})
	t.Run("who offered unasked can take it back", func(t *testing.T) {
		given(t, events.HelpOffered{Request: "q", Helper: "ben", Asker: "ada"}).When(decline("ben", open)).Then(declined)
	})
}

func TestHelper(t *testing.T) {
	change := func(out bool, limit int, version uint64) func(helper) (es.Event, error) {
		return func(h helper) (es.Event, error) { return h.Change(out, limit, version) }
	}
	was := events.HelperPreferencesChanged{OptOut: false, Cap: 3}
	t.Run("the first choice is recorded, also of what held anyway", func(t *testing.T) {
		estest.Given(t, foldHelper).When(change(false, 5, 0)).Then(events.HelperPreferencesChanged{Cap: 5})
	})
	t.Run("a choice replaces the one before", func(t *testing.T) {
		estest.Given(t, foldHelper, was).When(change(true, 0, 1)).Then(events.HelperPreferencesChanged{OptOut: true})
	})
	t.Run("the same choice changes nothing", func(t *testing.T) {
		estest.Given(t, foldHelper, was).When(change(false, 3, 1)).Nothing()
	})
	t.Run("an older version is stale", func(t *testing.T) {
		estest.Given(t, foldHelper, was).When(change(true, 3, 0)).Fails(fault.Stale)
	})
	t.Run("a cap is from 0 to 50", func(t *testing.T) {
		estest.Given(t, foldHelper).When(change(false, 51, 0)).Fails(fault.Invalid)
		estest.Given(t, foldHelper).When(change(false, -1, 0)).Fails(fault.Invalid)
	})
}
