package library

import (
	"testing"
	"time"

	events "kith/api/events/library"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

// shelved puts an event on the stream of the practice id, hours after nine.
func shelved(seq uint64, id string, e events.PracticeRecorded) es.Recorded {
	return es.Recorded{Seq: seq, Stream: es.Stream{Context: events.Context, Aggregate: events.Practice, ID: id},
		Type: e.EventType(), Data: e, Time: time.Date(2026, 3, 2, 9+int(seq), 0, 0, 0, time.UTC)}
}

func TestPracticesView(t *testing.T) {
	text := sealed.Seal(sealed.Box{Person: "ada", Class: sealed.Content, Event: "e", Field: "text", Bytes: []byte("sealed")})
	history := []es.Recorded{
		shelved(1, "p1", events.PracticeRecorded{Community: "c", Author: "ada", Title: text, Text: text}),
		shelved(2, "p2", resolvedBy("r1")),
		shelved(3, "p3", events.PracticeRecorded{Community: "other", Author: "ada", Title: text, Text: text}),
		shelved(4, "p2", resolvedBy("r2")),
	}
	viewtest.Pure(t, practicesView(), history)

	v, err := view.Open(t.Context(), viewmem.Backend{}, practicesView())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Apply(t.Context(), history); err != nil {
		t.Fatal(err)
	}
	page, err := v.Find(t.Context(), view.Query{Index: "community", Equal: []any{"c"}, Limit: 5}, nil)
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("the community has %+v, %v", page.Items, err)
	}
	if p := page.Items[0]; p.ID != "p2" || p.Response != "r2" || !p.At.Equal(history[3].Time) {
		t.Errorf("the newest is %+v", p)
	}
	if p := page.Items[1]; p.ID != "p1" || p.Title != text || p.Author != "ada" {
		t.Errorf("the oldest is %+v", p)
	}
}
