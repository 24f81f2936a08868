package community

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	events "kith/api/events/community"
	"kith/pkg/es"
)

// Whatever people try in whatever order, the request stays lawful, and the
// view of the conversation agrees with the aggregate.
func TestRequestStaysLawful(t *testing.T) {
	people := rapid.SampledFrom([]string{"ada", "bob", "cem"})
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{events.Problem, events.Information, events.Experience}).Draw(t, "kind")
		var q request
		var d conversationDoc
		seq := uint64(0)
		happen := func(e es.Event) {
			seq++
			before := q
			before.Responses = slices.Clone(q.Responses)
			r := es.Recorded{Seq: seq, Data: e, Stream: es.Stream{Context: events.Context, Aggregate: events.Request, ID: "q"}}
			old := q
			foldRequest(&q, r)
			if !slices.Equal(old.Responses, before.Responses) {
				t.Fatalf("%s changed the state before it", e.EventType())
			}
			lawful(t, kind, before, e, q)
			foldConversationDoc("q", &d, r)
			if d.State != q.State || !slices.Equal(d.Responses, q.Responses) || len(d.Words) != len(q.Responses) {
				t.Fatalf("after %s the conversation says %+v, the aggregate %+v", e.EventType(), d.request, q)
			}
		}
		happen(raised(kind))
		for n := range rapid.IntRange(0, 40).Draw(t, "commands") {
			who := people.Draw(t, "who")
			id := "r" + strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "response"))
			e, err := rapid.SampledFrom([]decision{
				func(q request) (es.Event, error) {
					return q.Respond(who, "r"+strconv.Itoa(len(q.Responses)), by(who, "x"))
				},
				func(q request) (es.Event, error) { return q.Accept(who, id) },
				func(q request) (es.Event, error) { return q.Resolve(who) },
				func(q request) (es.Event, error) { return q.GiveUp(who, by(who, "x")) },
				func(q request) (es.Event, error) { return q.Withdraw(who, by(who, "x")) },
				func(q request) (es.Event, error) { return q.Reopen(who, by(who, "x")) },
				func(q request) (es.Event, error) { return q.Thank(who, id, units{}, by(who, "x")) },
				func(q request) (es.Event, error) { return q.RetractResponse(who, id) },
				func(q request) (es.Event, error) { return q.CorrectResponse(who, id, by(who, "x"), 1) },
				func(q request) (es.Event, error) {
					if rapid.IntRange(0, 9).Draw(t, "rarely") > 0 {
						return nil, nil
					}
					return q.Retract(who)
				},
			}).Draw(t, "command "+strconv.Itoa(n))(q)
			if e != nil && err == nil {
				happen(e)
			}
		}
	})
}

func lawful(t *rapid.T, kind string, before request, e es.Event, after request) {
	marked := func(q request) (n int) {
		for _, a := range q.Responses {
			if a.Accepted {
				n++
			}
		}
		return n
	}
	switch e.(type) {
	case events.ResponseAccepted, events.RequestResponded, events.RequestResolved, events.RequestUnresolved, events.RequestWithdrawn:
		if before.State != stateOpen {
			t.Fatalf("%s happened while the request was %s", e.EventType(), before.State)
		}
	}
	if after.State == stateResolved && marked(after) == 0 {
		t.Fatalf("%s left the request resolved without an accepted response", e.EventType())
	}
	if kind != events.Experience && after.State == stateOpen && marked(after) > 0 {
		t.Fatalf("%s left an open %s with an accepted response", e.EventType(), kind)
	}
	if before.State == stateRetracted && after.State != stateRetracted {
		t.Fatalf("%s brought a retracted request back", e.EventType())
	}
	for _, a := range after.Responses {
		if a.Author == after.Asker {
			t.Fatal("the asker answered their own request")
		}
	}
}
