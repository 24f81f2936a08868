package matching

import (
	"testing"
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/es/estest"
)

func TestSuggestionsAreTakenAndDismissedOnce(t *testing.T) {
	for name, c := range map[string]struct{ taken, dismissed es.Event }{
		"of a community": {events.SuggestionTaken{Person: "p", Community: "c", Codes: []string{"asked"}}, events.SuggestionDismissed{Person: "p", Community: "c"}},
		"of a link":      {events.LinkSuggestionTaken{Community: "c", Other: "d"}, events.LinkSuggestionDismissed{Community: "c", Other: "d"}},
		"of a split":     {events.SplitSuggestionTaken{Community: "c"}, nil},
	} {
		take := func(s suggestion) (es.Event, error) { return s.Take(c.taken) }
		dismiss := func(s suggestion) (es.Event, error) { return s.Dismiss(c.dismissed) }
		t.Run(name+" taken", func(t *testing.T) { estest.Given(t, foldSuggestion).When(take).Then(c.taken) })
		t.Run(name+" taken again", func(t *testing.T) { estest.Given(t, foldSuggestion, c.taken).When(take).Nothing() })
		if c.dismissed == nil {
			continue
		}
		t.Run(name+" dismissed, also after it was taken", func(t *testing.T) {
			estest.Given(t, foldSuggestion, c.taken).When(dismiss).Then(c.dismissed)
		})
		t.Run(name+" dismissed again", func(t *testing.T) { estest.Given(t, foldSuggestion, c.dismissed).When(dismiss).Nothing() })
		t.Run(name+" taken after it was dismissed", func(t *testing.T) { estest.Given(t, foldSuggestion, c.dismissed).When(take).Then(c.taken) })
	}
}

func TestSplitIsPutOff(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	dismiss := func(at time.Time) func(suggestion) (es.Event, error) {
		return func(s suggestion) (es.Event, error) { return s.DismissSplit("c", at) }
	}
	off := events.SplitSuggestionDismissed{Community: "c", Until: now.AddDate(0, 0, 180)}
	t.Run("for 180 days", func(t *testing.T) { estest.Given(t, foldSuggestion).When(dismiss(now)).Then(off) })
	t.Run("once", func(t *testing.T) {
		estest.Given(t, foldSuggestion, off).When(dismiss(now.AddDate(0, 0, 179))).Nothing()
	})
	t.Run("and again after that", func(t *testing.T) {
		later := now.AddDate(0, 0, 180)
		estest.Given(t, foldSuggestion, off).When(dismiss(later)).Then(events.SplitSuggestionDismissed{Community: "c", Until: later.AddDate(0, 0, 180)})
	})
}
