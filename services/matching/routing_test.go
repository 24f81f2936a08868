package matching

import (
	"slices"
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

func onePM() time.Time { return time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC) }

// due is proposed at a step, with the next one due at 1 pm.
func due(step string, people ...string) events.HelpersProposed {
	e := proposed(1, people...)
	e.Step, e.Due = step, onePM()
	return e
}

// told is a step at which people are asked to find somebody.
func told(step string, people ...string) events.RoutingWidened {
	return events.RoutingWidened{Request: "q", Asker: "ada", Step: step, Because: events.BecauseUnanswered, Told: people, Due: onePM()}
}

// routed folds events of request q.
func routed(t *testing.T, list ...es.Event) (routingDoc, bool) {
	t.Helper()
	v, err := view.Open(t.Context(), viewmem.Backend{}, routingView())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Apply(t.Context(), requestJournal(list...)); err != nil {
		t.Fatal(err)
	}
	d, ok, err := v.Get(t.Context(), "q")
	if err != nil {
		t.Fatal(err)
	}
	page, err := v.Find(t.Context(), view.Query{Index: "due", Equal: []any{true}, Limit: 5}, nil)
	if err != nil || (len(page.Items) == 1) != (ok && d.Waiting) {
		t.Errorf("%d wait by the index, the document says %v (%v)", len(page.Items), d.Waiting, err)
	}
	return d, ok
}

func requestJournal(list ...es.Event) []es.Recorded {
	out := journal(list...)
	for i := range out {
		out[i].ID = es.EventID(out[i].Stream, out[i].Type)
		switch out[i].Data.(type) {
		case events.HelpersProposed, events.HelpOffered, events.HelpDeclined, events.RequestUnanswered, events.RoutingWidened, events.RoutingEnded:
		default:
			out[i].Stream = es.Stream{Context: community.Context, Aggregate: community.Request, ID: "q"}
		}
	}
	return out
}

func TestRoutingDoc(t *testing.T) {
	raised := community.RequestRaised{Asker: "ada", Kind: community.Problem}
	offered := events.HelpOffered{Request: "q", Helper: "dan", Asker: "ada"}
	no := func(person string) events.HelpDeclined { return events.HelpDeclined{Request: "q", Helper: person} }
	late := events.RequestUnanswered{Request: "q", Asker: "ada", Step: "community"}
	responded := community.RequestResponded{Response: "r", Author: "eve"}
	first := due(events.StepCommunity, "ben", "cyd")
	old := proposed(1, "ben") // of an earlier version: without step and due time
	for name, c := range map[string]struct {
		past    []es.Event
		waiting bool
		widens  string
	}{
		"raised":                            {[]es.Event{raised}, false, ""},
		"proposed":                          {[]es.Event{raised, first}, true, ""},
		"nobody was found":                  {[]es.Event{raised, due(events.StepCommunity)}, true, "nobody_found"},
		"proposed by an earlier version":    {[]es.Event{raised, old}, false, ""},
		"one declines":                      {[]es.Event{raised, first, no("ben")}, true, ""},
		"all decline":                       {[]es.Event{raised, first, no("ben"), no("cyd")}, true, "all_declined"},
		"all decline and somebody can help": {[]es.Event{raised, first, offered, no("ben"), no("cyd")}, false, ""},
		"one of two declines and offers":    {[]es.Event{raised, first, no("ben"), no("cyd"), events.HelpOffered{Helper: "ben"}}, false, ""},
		"nobody answers":                    {[]es.Event{raised, first, late}, false, "unanswered"},
		"answered in the last moment":       {[]es.Event{raised, first, responded, late}, false, ""},
		"and taken back":                    {[]es.Event{raised, first, responded, late, community.ResponseRetracted{Response: "r"}}, false, "unanswered"},
		"somebody can help":                 {[]es.Event{raised, first, offered}, false, ""},
		"and then not":                      {[]es.Event{raised, first, offered, no("dan")}, true, ""},
		"answered before anybody is asked":  {[]es.Event{raised, responded, first}, false, ""},
		"one answer of two is taken back":   {[]es.Event{raised, first, responded, offered, no("dan")}, false, ""},
		"widened":                           {[]es.Event{raised, first, late, told(events.StepConnectors, "con")}, true, ""},
		"helpers decline after that":        {[]es.Event{raised, first, late, told(events.StepConnectors, "con"), no("ben"), no("cyd")}, true, ""},
		"linked people decline too":         {[]es.Event{raised, first, late, due(events.StepLinked, "fay"), no("ben"), no("cyd"), no("fay")}, true, "all_declined"},
		"linked people have not answered":   {[]es.Event{raised, first, late, due(events.StepLinked, "fay"), no("ben"), no("cyd")}, true, ""},
		"ended":                             {[]es.Event{raised, first, late, events.RoutingEnded{Request: "q"}, no("ben"), no("cyd")}, false, ""},
		"reopened":                          {[]es.Event{raised, first, responded, community.ResponseAccepted{Response: "r", Resolves: true}, community.RequestReopened{}}, false, ""},
		"reopened and proposed":             {[]es.Event{raised, first, offered, community.RequestWithdrawn{}, community.RequestReopened{}, first}, true, ""},
		"accepted without an end":           {[]es.Event{raised, first, responded, community.ResponseAccepted{Response: "r"}, late}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := routed(t, c.past...)
			if !ok || d.Waiting != c.waiting || d.widens() != c.widens {
				t.Errorf("waiting %v, widens %q; want %v, %q (%+v)", d.Waiting, d.widens(), c.waiting, c.widens, d)
			}
		})
	}
	for name, end := range map[string]es.Event{
		"resolved":        community.RequestResolved{},
		"resolved by one": community.ResponseAccepted{Response: "r", Resolves: true},
		"unresolved":      community.RequestUnresolved{},
		"withdrawn":       community.RequestWithdrawn{},
		"retracted":       community.RequestRetracted{},
		"never raised":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			past := []es.Event{raised, first, end, first, no("ben")}
			if end == nil {
				past = []es.Event{first, no("ben")}
			}
			if d, ok := routed(t, past...); ok {
				t.Errorf("it is kept: %+v", d)
			}
		})
	}
	t.Run("the fold is pure", func(t *testing.T) {
		viewtest.Pure(t, routingView(), requestJournal(raised, first, offered, no("dan"), no("ben"), responded, community.ResponseRetracted{Response: "r"},
			late, due(events.StepLinked, "fay", "gus"), late, told(events.StepConnectors, "con"), late, told(events.StepHosts, "hal", "ham"),
			late, events.RoutingEnded{Request: "q", Because: events.BecauseUnanswered}, community.RequestWithdrawn{},
			community.RequestReopened{}, first, community.RequestUnresolved{}))
	})
	t.Run("the past is passed over", func(t *testing.T) {
		all := requestJournal(raised)
		all[0].Meta.Imported = true
		if keys := routingView().Keys(all[0]); len(keys) != 0 {
			t.Errorf("it has a document: %v", keys)
		}
	})
}

func TestAhead(t *testing.T) {
	for step, want := range map[string][]string{
		events.StepCommunity:    {"linked", "connectors", "hosts", "coordinators", "ended"},
		events.StepConnectors:   {"hosts", "coordinators", "ended"},
		events.StepHosts:        {"ended"},
		events.StepCoordinators: {"ended"},
		events.StepEnded:        {},
	} {
		if got := ahead(step); !slices.Equal(got, want) {
			t.Errorf("after %s come %v, want %v", step, got, want)
		}
	}
}

// Of two routers, one of which knows less, the other has taken the step.
func TestStepIsTakenOnce(t *testing.T) {
	d := routingDoc{Request: "q", Asker: "ada", Step: events.StepHosts, Overdue: true, Cause: cause{Seq: 3}}
	x := &router{}
	if e, err := x.widen(t.Context(), d, proposal{Last: 5}); e != nil || err != nil {
		t.Errorf("a second step: %+v, %v", e, err)
	}
	if e, err := x.widen(t.Context(), d, proposal{Last: 3}); e != (events.RoutingEnded{Request: "q", Asker: "ada", Because: events.BecauseUnanswered}) || err != nil {
		t.Errorf("the step is %+v, %v", e, err)
	}
}
