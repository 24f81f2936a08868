package viewtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

func getFinds(t *testing.T, b view.Backend) {
	d := thing{Name: "n", Count: -1, Balance: -2, Size: 3, Done: true, At: time.UnixMilli(4).UTC(), Tags: []string{"x", "y"}, part: part{"i"}}
	v := opened(t, b, log(put("a", d), put("b", thing{}))...)
	d.Changes = 1
	got, ok, err := v.Get(t.Context(), "a")
	if err != nil || !ok {
		t.Fatalf("get a: ok %v, error %v", ok, err)
	}
	same(t, "document", got, d)
	for _, key := range []string{"", "A", "a\x00", "aa", "c"} {
		if _, ok, err := v.Get(t.Context(), key); ok || err != nil {
			t.Fatalf("get %q: ok %v, error %v", key, ok, err)
		}
	}
}

func eachVisits(t *testing.T, b view.Backend) {
	keys := []string{"b", "", "a", "ab", "ä", "a-", "Z"}
	same(t, "keys", eachKey(t, table(t, b, log(set{Keys: keys})...)), sorted(keys))
	same(t, "keys of an empty table", eachKey(t, table(t, b)), []string{})
}

func eachStops(t *testing.T, b view.Backend) {
	tb := table(t, b, log(set{Keys: []string{"a", "b", "c"}})...)
	enough, visited := errors.New("enough"), 0
	err := tb.Each(t.Context(), func(view.Row) error {
		if visited++; visited == 2 {
			return enough
		}
		return nil
	})
	refused(t, "each", err, enough)
	same(t, "visited", visited, 2)
}

func deletion(t *testing.T, b view.Backend) {
	d := thing{Name: "n", Tags: []string{"x", "y"}}
	events := log(put("a", d), put("a", d), put("b", d), del("a"), del("never"), put("a", d))
	tb := table(t, b, events[:5]...)
	if _, ok, err := tb.Get(t.Context(), "a"); ok || err != nil {
		t.Fatalf("get of the deleted: ok %v, error %v", ok, err)
	}
	same(t, "each", eachKey(t, tb), []string{"b"})
	same(t, "by name", keysOf(t, tb, "name", 10), []string{"b"})
	same(t, "by tag", keysOf(t, tb, "tag", 10, "y"), []string{"b"})

	apply(t, tb, events[3:]...) // the deletion once more, and then the re-creation
	row, ok, err := tb.Get(t.Context(), "a")
	if err != nil || !ok {
		t.Fatalf("get of the re-created: ok %v, error %v", ok, err)
	}
	same(t, "changes of the re-created", row.Doc.(*thing).Changes, 1)
	same(t, "by tag", keysOf(t, tb, "tag", 10, "x"), []string{"a", "b"})

	apply(t, tb, events...) // what is old cannot resurrect or delete
	same(t, "each", eachKey(t, tb), []string{"a", "b"})
	row, _, _ = tb.Get(t.Context(), "a")
	same(t, "changes after the old batch", row.Doc.(*thing).Changes, 1)
}

func repeated(t *testing.T, b view.Backend) {
	var events []es.Recorded
	for i := range 20 {
		e := put(fmt.Sprint("k", i%4), thing{Name: fmt.Sprint(i), Count: i})
		if i%7 == 6 {
			e = del(fmt.Sprint("k", i%4))
		}
		events = append(events, at(i+1, e))
	}
	want := hash(t, opened(t, b, events...))
	v := opened(t, b)
	for _, batch := range [][]es.Recorded{events[:8], events[:8], events[3:8], events[5:14], events[:1], events, events, nil} {
		before := v.Position()
		apply(t, v, batch...)
		if v.Position() < before {
			t.Fatalf("the position went back from %d to %d", before, v.Position())
		}
	}
	same(t, "hash", hash(t, v), want)
	same(t, "position", v.Position(), uint64(20))
}

func namedTwice(t *testing.T, b view.Backend) {
	v := opened(t, b, log(set{Keys: []string{"a", "b", "a", "a"}}, put("c", thing{}), del("c", "b", "c"))...)
	d, _, err := v.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "changes", d.Changes, 1)
	n, err := v.Len(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "documents", n, 1)
}

func positions(t *testing.T, b view.Backend) {
	v := opened(t, b)
	same(t, "position at first", v.Position(), uint64(0))
	apply(t, v)
	same(t, "position after an empty batch", v.Position(), uint64(0))
	apply(t, v, at(1, noise{}), at(5, noise{}))
	same(t, "position after noise", v.Position(), uint64(5))
	apply(t, v, at(6, put("a", thing{})), at(7, es.Unreadable{Err: errors.New("torn")}))
	same(t, "position after an unreadable event", v.Position(), uint64(7))
	same(t, "name", v.Name() != "", true)
}

func rowPosition(t *testing.T, b view.Backend) {
	tb := table(t, b, log(put("a", thing{}), put("b", thing{}), put("a", thing{Name: "x"}), noise{})...)
	want := map[string]uint64{"a": 3, "b": 2}
	check := func(r view.Row) error {
		same(t, "position of "+r.Key, r.Seq, want[r.Key])
		return nil
	}
	if err := tb.Each(t.Context(), check); err != nil {
		t.Fatal(err)
	}
	rows, err := tb.Find(t.Context(), view.Query{Index: "name", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		_ = check(r)
		one, ok, err := tb.Get(t.Context(), r.Key)
		if err != nil || !ok {
			t.Fatalf("get %s: ok %v, error %v", r.Key, ok, err)
		}
		_ = check(one)
		same(t, "document of "+r.Key, one.Doc, r.Doc)
	}
	same(t, "rows", len(rows), 2)
}

func badIndexes(t *testing.T, b view.Backend) {
	for what, indexes := range map[string][]view.Index{
		"a field that does not exist":      {{Name: "i", Fields: []string{"nothing"}}},
		"a field without an order":         {{Name: "i", Fields: []string{"ratio"}}},
		"a field named as in Go":           {{Name: "i", Fields: []string{"Name"}}},
		"an empty field":                   {{Name: "i", Fields: []string{""}}},
		"a field behind an embedded point": {{Name: "i", Fields: []string{"far"}}},
		"two indexes of one name":          {{Name: "i", Fields: []string{"name"}}, {Name: "i", Fields: []string{"count"}}},
	} {
		s := spec("bad" + rand.Text())
		s.Indexes = indexes
		_, err := view.Open(context.Background(), b, s)
		refused(t, what, err, view.ErrQuery)
	}
}
