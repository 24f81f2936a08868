package mongo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// parcel is a document with much that a database could lose.
type parcel struct {
	label
	Weight  float64           `json:"weight"`
	Size    uint64            `json:"size"`
	At      time.Time         `json:"at"`
	Stops   []string          `json:"stops"`
	Empty   []string          `json:"empty"`
	Extra   map[string]any    `json:"extra,omitempty"`
	Marks   map[uint64]bool   `json:"marks,omitempty"`
	Notes   map[string]string `json:"notes"`
	Raw     json.RawMessage   `json:"raw,omitempty"`
	Changes int               `json:"changes"`
}

type label struct {
	To string `json:"to"`
}

// moved is an event about parcels; Lost ends them.
type moved struct {
	Parcels []string
	To      string
	Stops   []string
	Size    uint64
	Lost    bool
}

func (moved) EventType() string { return "parcel.moved" }

// passed concerns no parcel.
type passed struct{}

func (passed) EventType() string { return "time.passed" }

func parcels() view.Spec[parcel] {
	return view.Spec[parcel]{
		Name: "depot-parcels", Version: 3,
		Indexes: []view.Index{
			{Name: "to", Fields: []string{"to", "-size"}},
			{Name: "stop", Fields: []string{"stops", "-at"}},
			{Name: "newest", Fields: []string{"-at", "size"}},
		},
		Keys: func(r es.Recorded) []string {
			if e, ok := r.Data.(moved); ok {
				return e.Parcels
			}
			return nil
		},
		Fold: func(key string, p *parcel, r es.Recorded) bool {
			e := r.Data.(moved)
			p.To, p.Stops, p.Size, p.Empty = e.To, e.Stops, e.Size, []string{}
			p.Changes++
			p.Weight += 0.1
			p.At = r.Time
			p.Extra = map[string]any{"a.b": 1.5, "$set": nil, "": []any{"<&>", true}, key: map[string]any{}}
			p.Marks = map[uint64]bool{r.Seq: true, math.MaxUint64: true}
			p.Raw = json.RawMessage(`{"big":123456789012345678901234567890}`)
			return !e.Lost
		},
	}
}

// at is e at seq, with a time that is no whole number of milliseconds.
func at(seq int, e es.Event) es.Recorded {
	return es.Recorded{Seq: uint64(seq), Type: e.EventType(), Data: e,
		Time: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seq%5)*time.Hour + 123_456_789)}
}

// history is a log in which n parcels come, move and go.
func history(n, events int) []es.Recorded {
	var log []es.Recorded
	for seq := 1; seq <= events; seq++ {
		var e es.Event = passed{}
		if seq%6 != 0 {
			one, other := fmt.Sprint("p", seq*7%n), fmt.Sprint("p", seq*5%n)
			e = moved{Parcels: []string{one, other}, To: fmt.Sprint("town", seq%3), Stops: []string{fmt.Sprint("s", seq%4), "all"},
				Size: math.MaxUint64 - uint64(seq%3), Lost: seq%4 == 0}
		}
		log = append(log, at(seq, e))
	}
	return log
}

func open(t fatal, b view.Backend) *view.View[parcel] {
	t.Helper()
	v, err := view.Open(context.Background(), b, parcels())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return v
}

// fatal is what testing.T and rapid.T have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

func apply(t fatal, v view.Folder, batch []es.Recorded) {
	t.Helper()
	if err := v.Apply(context.Background(), batch); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

func hash(t fatal, v view.Rebuilder) string {
	t.Helper()
	h, err := v.Hash(context.Background())
	if err != nil {
		t.Fatalf("hash: %v", err)
	}
	return h
}

// inMemory is the hash of events on the other backend.
func inMemory(t fatal, events []es.Recorded) string {
	t.Helper()
	v := open(t, viewmem.Backend{})
	apply(t, v, events)
	return hash(t, v)
}

func same(t fatal, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func unavailable(t fatal, what string, err error) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Unavailable || f.Err == nil {
		t.Fatalf("%s: got error %v, want that the database is unavailable", what, err)
	}
}

// definition is that of parcels, for tests that need the table.
func definition() view.Definition { return parcels().Definition() }

// table is the view's table, made ready.
func table(t fatal, b view.Backend) view.Table {
	t.Helper()
	tb, err := b.Open(context.Background(), definition())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if err := ready(tb); err != nil {
		t.Fatalf("ready: %v", err)
	}
	return tb
}

func ready(tb view.Table) error {
	return tb.(interface{ Ready(context.Context) error }).Ready(context.Background())
}
