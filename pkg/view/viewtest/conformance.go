// Package viewtest says in tests what a backend of views and a view's fold
// must hold to.
package viewtest

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

// Conformance runs every rule of view.Backend and of the views on it. open
// returns a backend that holds nothing; it is called once for each rule.
func Conformance(t *testing.T, open func(t *testing.T) view.Backend) {
	for _, rule := range []struct {
		name string
		test func(*testing.T, view.Backend)
	}{
		{"a document is found under its key and no other", getFinds},
		{"each visits every document in the order of keys", eachVisits},
		{"each stops at the visitor's error", eachStops},
		{"a deleted document is gone everywhere and begins anew", deletion},
		{"a batch twice is the batch once", repeated},
		{"a key named twice by an event is touched once", namedTwice},
		{"events that touch nothing move the position", positions},
		{"a row says which event changed the document last", rowPosition},
		{"indexes that documents cannot have are refused", badIndexes},
		{"every kind of field orders as its values do", fieldOrders},
		{"equal fields are ordered by the next field and then by key", tieBreaks},
		{"a list field puts the document once for each element", lists},
		{"equal finds the value alone and not its neighbours", prefixes},
		{"bad queries are refused", badQueries},
		{"cursors of other queries are refused", badCursors},
		{"pages go on where they stopped while documents come, go and move", pages},
		{"a filtered page is full where it can be", filtered},
		{"a filtered search stops to breathe", scanLimit},
		{"the hash tells contents apart and nothing else", hashes},
		{"a fresh twin takes over", twins},
		{"readers see whole documents while a batch is folded", concurrentReaders},
		{"any split of a log into batches gives the same hash", anySplit},
		{"an index is the documents sorted, at any time", anyOrder},
	} {
		t.Run(rule.name, func(t *testing.T) { rule.test(t, open(t)) })
	}
}

// thing is the document of the suite, with a field of every kind.
type thing struct {
	Name    string    `json:"name"`
	Count   int       `json:"count"`
	Balance int64     `json:"balance"`
	Size    uint64    `json:"size"`
	Done    bool      `json:"done"`
	At      time.Time `json:"at"`
	Tags    []string  `json:"tags"`
	Changes int       `json:"changes"` // events folded since it exists
	Ratio   float64   `json:"ratio"`   // a kind without an order
	part
	*Pointed
}

type part struct {
	Inner string `json:"inner"` // a field of an embedded struct
}

// Pointed is embedded by pointer, which no index may go through.
type Pointed struct {
	Far string `json:"far"`
}

// set replaces things, gone deletes them, noise touches none.
type (
	set struct {
		Keys  []string
		Thing thing
	}
	gone  struct{ Keys []string }
	noise struct{}
)

func (set) EventType() string   { return "thing.set" }
func (gone) EventType() string  { return "thing.gone" }
func (noise) EventType() string { return "thing.noise" }

var allFields = []string{"name", "count", "balance", "size", "done", "at", "inner"}

// spec has an index "f" and "-f" for each plain field f, "tag" by tag and
// time, and "name_count".
func spec(name string) view.Spec[thing] {
	s := view.Spec[thing]{Name: name, Version: 1, Indexes: []view.Index{
		{Name: "tag", Fields: []string{"tags", "-at"}},
		{Name: "name_count", Fields: []string{"name", "-count"}},
		{Name: "key"},
	}}
	for _, f := range allFields {
		s.Indexes = append(s.Indexes, view.Index{Name: f, Fields: []string{f}}, view.Index{Name: "-" + f, Fields: []string{"-" + f}})
	}
	s.Keys = func(r es.Recorded) []string {
		switch e := r.Data.(type) {
		case set:
			return e.Keys
		case gone:
			return e.Keys
		default:
			return nil
		}
	}
	s.Fold = func(_ string, d *thing, r es.Recorded) bool {
		e, ok := r.Data.(set)
		if !ok {
			return false
		}
		changes := d.Changes + 1
		*d = e.Thing
		d.Changes = changes
		return true
	}
	return s
}

// at is e at position seq.
func at(seq int, e es.Event) es.Recorded {
	return es.Recorded{Seq: uint64(seq), ID: "event" + strconv.Itoa(seq), Type: e.EventType(), Schema: 1,
		Stream: es.Stream{Context: "test", Aggregate: "thing", ID: "one"}, Data: e}
}

// log numbers events from 1.
func log(events ...es.Event) []es.Recorded {
	out := make([]es.Recorded, len(events))
	for i, e := range events {
		out[i] = at(i+1, e)
	}
	return out
}

func put(key string, d thing) es.Event { return set{[]string{key}, d} }
func del(keys ...string) es.Event      { return gone{keys} }

// fatal is what testing.T and rapid.T have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// opened is a new view on b, and its table's face through a definition of its
// own, folded with the same events.
func opened(t fatal, b view.Backend, events ...es.Recorded) *view.View[thing] {
	t.Helper()
	v, err := view.Open(context.Background(), b, spec("things"+rand.Text()))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	apply(t, v, events...)
	return v
}

// table is a new table on b, for rules about rows.
func table(t fatal, b view.Backend, events ...es.Recorded) view.Table {
	t.Helper()
	tb, err := b.Open(context.Background(), spec("things"+rand.Text()).Definition())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	apply(t, tb, events...)
	return tb
}

func apply(t fatal, v interface {
	Apply(context.Context, []es.Recorded) error
}, events ...es.Recorded) {
	t.Helper()
	if err := v.Apply(context.Background(), events); err != nil {
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

// keysOf are the keys of all rows of q, read in pages of limit rows.
func keysOf(t fatal, tb view.Table, index string, limit int, equal ...any) []string {
	t.Helper()
	keys := []string{}
	for q := (view.Query{Index: index, Equal: equal, Limit: limit}); ; {
		rows, err := tb.Find(context.Background(), q)
		if err != nil {
			t.Fatalf("find %+v: %v", q, err)
		}
		if len(rows) > limit {
			t.Fatalf("find %+v: %d rows", q, len(rows))
		}
		for _, r := range rows {
			keys = append(keys, r.Key)
			q.After = r.Cursor
		}
		if len(rows) < limit {
			return keys
		}
	}
}

func eachKey(t fatal, tb view.Table) []string {
	t.Helper()
	keys := []string{}
	if err := tb.Each(context.Background(), func(r view.Row) error { keys = append(keys, r.Key); return nil }); err != nil {
		t.Fatalf("each: %v", err)
	}
	return keys
}

func same(t fatal, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func refused(t fatal, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: got error %v, want %v", what, err, want)
	}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
