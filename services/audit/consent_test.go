package audit

import (
	"testing"
	"time"

	events "kith/api/events/audit"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func TestConsenting(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	give := func(by string, at time.Time) func(consent) (es.Event, error) {
		return func(c consent) (es.Event, error) { return c.Give("ada", by, at) }
	}
	given := func(until time.Time) events.ConsentGiven {
		return events.ConsentGiven{Person: "ada", Purpose: events.OwnCopy, Scope: events.Everything, Until: until.UTC()}
	}
	week := 7 * 24 * time.Hour
	t.Run("the person's own holds for seven days", func(t *testing.T) {
		estest.Given(t, foldConsent).When(give("ada", now)).Then(given(now.Add(week)))
	})
	t.Run("another one holds for seven more", func(t *testing.T) {
		estest.Given(t, foldConsent, given(now.Add(week))).When(give("ada", now.Add(time.Hour))).Then(given(now.Add(week + time.Hour)))
	})
	t.Run("nobody gives it for another", func(t *testing.T) {
		estest.Given(t, foldConsent).When(give("adm", now)).Fails(fault.Forbidden)
	})
	t.Run("it ends to the moment", func(t *testing.T) {
		var c consent
		if fault.CodeOf(c.needed(now)) != fault.Conflict {
			t.Error("none is taken for one")
		}
		foldConsent(&c, es.Recorded{Data: given(now.Add(week))})
		if err := c.needed(now.Add(week - 1)); err != nil {
			t.Errorf("before the end: %v", err)
		}
		if fault.CodeOf(c.needed(now.Add(week))) != fault.Conflict {
			t.Error("it holds at the end")
		}
	})
	t.Run("it is a reason to sign", func(t *testing.T) {
		if !worthSigning(es.Stream{Context: events.Context, Aggregate: events.Consent, ID: "ada"}) {
			t.Error("it is not")
		}
	})
}
