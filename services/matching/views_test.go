package matching

import (
	"testing"
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

// journal puts events on the streams of request q and person ben.
func journal(list ...es.Event) []es.Recorded {
	var out []es.Recorded
	for i, e := range list {
		stream := es.Stream{Context: events.Context, Aggregate: events.Proposal, ID: "q"}
		if _, ok := e.(events.HelperPreferencesChanged); ok {
			stream.Aggregate, stream.ID = events.Helper, "ben"
		}
		out = append(out, es.Recorded{Seq: uint64(i) + 1, Stream: stream, Type: e.EventType(), Data: e,
			Time: time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC)})
	}
	return out
}

func TestViews(t *testing.T) {
	history := journal(
		proposed(1, "ben", "cyd"),
		events.HelpDeclined{Request: "q", Helper: "ben"},
		events.HelpOffered{Request: "q", Helper: "dan", Asker: "ada"},
		events.HelperPreferencesChanged{Cap: 3},
		proposed(2, "cyd", "eve"),
		events.HelperPreferencesChanged{OptOut: true},
		events.HelpOffered{Request: "q", Helper: "cyd", Asker: "ada", Proposed: true},
	)
	t.Run("the folds are pure", func(t *testing.T) {
		viewtest.Pure(t, proposalsView(), history)
		viewtest.Pure(t, preferencesView(), history)
	})
	t.Run("the newest round comes first and answers are kept", func(t *testing.T) {
		v, err := view.Open(t.Context(), viewmem.Backend{}, proposalsView())
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Apply(t.Context(), history); err != nil {
			t.Fatal(err)
		}
		d, _, err := v.Get(t.Context(), "q")
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, h := range d.Helpers {
			got += h.Person + ":" + h.Answer + " "
		}
		if want := "cyd:can_help eve: ben:not_me dan:can_help "; got != want || d.Round != 2 {
			t.Errorf("round %d: %s, want %s", d.Round, got, want)
		}
		page, err := v.Find(t.Context(), view.Query{Index: "waiting", Equal: []any{"eve"}, Limit: 5}, nil)
		if err != nil || len(page.Items) != 1 {
			t.Errorf("eve waits for %v, %v", page.Items, err)
		}
		page, err = v.Find(t.Context(), view.Query{Index: "waiting", Equal: []any{"ben"}, Limit: 5}, nil)
		if err != nil || len(page.Items) != 0 {
			t.Errorf("ben waits for %v, %v", page.Items, err)
		}
	})
}
