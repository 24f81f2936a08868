package community

import (
	"slices"
	"testing"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func ends(kind string) events.Ends {
	return events.Ends{Proposer: "a", Other: "b", Kind: kind}
}

func grown(origin string) events.Ends {
	e := ends(events.Spawned)
	e.Origin = origin
	return e
}

func TestLinkID(t *testing.T) {
	if linkID("sister", "a", "b") != linkID("sister", "b", "a") {
		t.Error("who proposes makes another link")
	}
	if linkID("sister", "a", "b") == linkID("bridge", "a", "b") {
		t.Error("two kinds are one link")
	}
}

func TestLinkIsProposed(t *testing.T) {
	why := by("ada", "why")
	propose := func(e events.Ends, reason sealed.Text) func(link) (es.Event, error) {
		return func(l link) (es.Event, error) { return l.Propose(e, reason) }
	}
	turned := func(e events.Ends) events.Ends {
		e.Proposer, e.Other = e.Other, e.Proposer
		return e
	}
	proposed := events.LinkProposed{Ends: ends(events.Sister), Reason: why}
	for name, wrong := range map[string]events.Ends{
		"with itself":                     {Proposer: "a", Other: "a", Kind: events.Sister},
		"spawned without an origin":       ends(events.Spawned),
		"spawned by a third":              grown("c"),
		"with an origin of another kind":  {Proposer: "a", Other: "b", Kind: events.Bridge, Origin: "a"},
		"joint activity with a beginning": {Proposer: "a", Other: "b", Kind: events.JointActivity, Origin: "b"},
	} {
		t.Run(name+" is refused", func(t *testing.T) { estest.Given(t, foldLink).When(propose(wrong, why)).Fails(fault.Invalid) })
	}
	t.Run("without a reason is refused", func(t *testing.T) {
		estest.Given(t, foldLink).When(propose(ends(events.Sister), sealed.Text{})).Fails(fault.Invalid)
	})
	for _, kind := range []string{events.Sister, events.Bridge, events.JointActivity} {
		t.Run(kind, func(t *testing.T) {
			estest.Given(t, foldLink).When(propose(ends(kind), why)).Then(events.LinkProposed{Ends: ends(kind), Reason: why})
		})
	}
	t.Run("by what has grown out of the other", func(t *testing.T) {
		estest.Given(t, foldLink).When(propose(grown("b"), why)).Then(events.LinkProposed{Ends: grown("b"), Reason: why})
	})
	t.Run("again changes nothing", func(t *testing.T) {
		estest.Given(t, foldLink, proposed).When(propose(ends(events.Sister), by("bob", "me too"))).Nothing()
	})
	t.Run("by the other side too is agreement", func(t *testing.T) {
		estest.Given(t, foldLink, proposed).When(propose(turned(ends(events.Sister)), by("bob", "yes"))).
			Then(events.LinkAgreed{Ends: ends(events.Sister), Reason: by("bob", "yes")})
	})
	t.Run("with the origin the other way round is a contradiction", func(t *testing.T) {
		estest.Given(t, foldLink, events.LinkProposed{Ends: grown("a"), Reason: why}).When(propose(turned(grown("b")), why)).Fails(fault.Conflict)
	})
	t.Run("when it is agreed is refused", func(t *testing.T) {
		estest.Given(t, foldLink, proposed, events.LinkAgreed{Ends: ends(events.Sister)}).When(propose(ends(events.Sister), why)).Fails(fault.Conflict)
	})
	for name, last := range map[string]es.Event{
		"declined":  events.LinkDeclined{Ends: ends(events.Sister)},
		"withdrawn": events.LinkWithdrawn{Ends: ends(events.Sister)},
		"ended":     events.LinkEnded{Ends: ends(events.Sister)},
	} {
		t.Run("anew after it was "+name+", by either side", func(t *testing.T) {
			e := turned(ends(events.Sister))
			estest.Given(t, foldLink, proposed, last).When(propose(e, why)).Then(events.LinkProposed{Ends: e, Reason: why})
		})
	}
}

func TestLinkCommands(t *testing.T) {
	e, why := ends(events.Bridge), by("ada", "why")
	past := map[string][]any{
		"":            nil,
		linkProposed:  {events.LinkProposed{Ends: e}},
		linkAgreed:    {events.LinkProposed{Ends: e}, events.LinkAgreed{Ends: e}},
		linkDeclined:  {events.LinkProposed{Ends: e}, events.LinkDeclined{Ends: e}},
		linkWithdrawn: {events.LinkProposed{Ends: e}, events.LinkWithdrawn{Ends: e}},
		linkEnded:     {events.LinkProposed{Ends: e}, events.LinkAgreed{Ends: e}, events.LinkEnded{Ends: e}},
	}
	for name, c := range map[string]struct {
		do    func(l link, sides []string, reason sealed.Text) (es.Event, error)
		from  string   // the state in which it can be done
		to    string   // where it changes nothing
		by    []string // the sides that may
		want  func(side string) es.Event
		terse bool // needs no reason
	}{
		"agree": {do: link.Agree, from: linkProposed, to: linkAgreed, by: []string{"b"}, terse: true,
			want: func(string) es.Event { return events.LinkAgreed{Ends: e, Reason: why} }},
		"decline": {do: link.Decline, from: linkProposed, to: linkDeclined, by: []string{"b"},
			want: func(string) es.Event { return events.LinkDeclined{Ends: e, Reason: why} }},
		"withdraw": {do: link.Withdraw, from: linkProposed, to: linkWithdrawn, by: []string{"a"}, terse: true,
			want: func(string) es.Event { return events.LinkWithdrawn{Ends: e, Reason: why} }},
		"end": {do: link.End, from: linkAgreed, to: linkEnded, by: []string{"a", "b"},
			want: func(side string) es.Event { return events.LinkEnded{Ends: e, Side: side, Reason: why} }},
	} {
		for state, events := range past {
			for _, side := range []string{"a", "b", ""} {
				t.Run(name+" what is "+state+" for "+side, func(t *testing.T) {
					var sides []string
					if side != "" {
						sides = []string{side}
					}
					o := estest.Given(t, foldLink, events...).When(func(l link) (es.Event, error) { return c.do(l, sides, why) })
					switch {
					case state == c.to:
						o.Nothing()
					case state == "":
						o.Fails(fault.NotFound)
					case state != c.from:
						o.Fails(fault.Conflict)
					case len(sides) == 0 || !slices.Contains(c.by, side):
						o.Fails(fault.Forbidden)
					default:
						o.Then(c.want(side))
					}
				})
			}
		}
		t.Run(name+" without a reason", func(t *testing.T) {
			o := estest.Given(t, foldLink, past[c.from]...).When(func(l link) (es.Event, error) { return c.do(l, c.by, sealed.Text{}) })
			if !c.terse {
				o.Fails(fault.Invalid)
			}
		})
	}
}
