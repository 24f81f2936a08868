package library

import (
	"testing"

	events "kith/api/events/library"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func wrote(title, text string) events.PracticeRecorded {
	return events.PracticeRecorded{Community: "c", Author: "ada",
		Title: sealed.New("ada", sealed.Content, title), Text: sealed.New("ada", sealed.Content, text)}
}

func resolvedBy(response string) events.PracticeRecorded {
	return events.PracticeRecorded{Community: "c", Author: "ben", Request: "q", Response: response}
}

func TestPractice(t *testing.T) {
	record := func(e events.PracticeRecorded) func(practice) (es.Event, error) {
		return func(p practice) (es.Event, error) { return p.Record(e) }
	}
	keep := func(e events.PracticeRecorded) func(practice) (es.Event, error) {
		return func(p practice) (es.Event, error) { return p.Keep(e) }
	}
	given := func(t *testing.T, past ...any) estest.Past[practice] { return estest.Given(t, foldPractice, past...) }

	t.Run("what somebody wrote is recorded", func(t *testing.T) {
		given(t).When(record(wrote("Clauses", "Ask early."))).Then(wrote("Clauses", "Ask early."))
	})
	t.Run("without a title it says nothing", func(t *testing.T) {
		given(t).When(record(wrote("", "Ask early."))).Fails(fault.Invalid)
	})
	t.Run("nor without a text", func(t *testing.T) {
		given(t).When(record(wrote("Clauses", ""))).Fails(fault.Invalid)
	})
	t.Run("an id has one practice", func(t *testing.T) {
		given(t, wrote("Clauses", "Ask early.")).When(record(wrote("Other", "Ask late."))).Fails(fault.Conflict)
	})
	t.Run("what resolved a request is kept", func(t *testing.T) {
		given(t).When(keep(resolvedBy("r1"))).Then(resolvedBy("r1"))
	})
	t.Run("and kept once", func(t *testing.T) {
		given(t, resolvedBy("r1")).When(keep(resolvedBy("r1"))).Nothing()
	})
	t.Run("another response replaces it", func(t *testing.T) {
		given(t, resolvedBy("r1")).When(keep(resolvedBy("r2"))).Then(resolvedBy("r2"))
	})
}
