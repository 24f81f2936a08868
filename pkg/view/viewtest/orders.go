package viewtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

// strs are strings in their order: byte by byte.
var strs = []string{"", "\x00", "\x00\x00", "\x00\x01", "\x00a", "\x01", " ", "A", "a", "a\x00", "a\x00b", "a\x01", "aa", "ab", "b", "z", "ä", "日本", "\U0001F600"}

func fieldOrders(t *testing.T, b view.Backend) {
	day := time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)
	ascending := map[string][]thing{
		"name": nil, "inner": nil,
		"count":   {{Count: math.MinInt}, {Count: -256}, {Count: -1}, {}, {Count: 1}, {Count: 255}, {Count: 256}, {Count: math.MaxInt}},
		"balance": {{Balance: math.MinInt64}, {Balance: -1}, {}, {Balance: 1}, {Balance: math.MaxInt64}},
		"size":    {{}, {Size: 1}, {Size: 255}, {Size: 256}, {Size: math.MaxInt64}, {Size: math.MaxInt64 + 1}, {Size: math.MaxUint64}},
		"done":    {{}, {Done: true}},
		"at": {{}, {At: time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC)}, {At: time.Unix(-1, 0).UTC()}, {At: time.Unix(0, 0).UTC()},
			{At: day}, {At: day.Add(time.Millisecond).In(time.FixedZone("west", -8*3600))}, {At: day.Add(time.Second)}, {At: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)}},
	}
	for _, s := range strs {
		ascending["name"] = append(ascending["name"], thing{Name: s})
		ascending["inner"] = append(ascending["inner"], thing{part: part{s}})
	}
	for _, field := range allFields {
		var events []es.Event
		var want []string
		for i, d := range ascending[field] {
			// Keys that order otherwise, and an order of arrival that is another again.
			key := fmt.Sprintf("%02d", (i*7+3)%20)
			want = append(want, key)
			events = slices.Insert(events, len(events)/2, put(key, d))
		}
		tb := table(t, b, log(events...)...)
		same(t, field, keysOf(t, tb, field, 3), want)
		slices.Reverse(want)
		same(t, "-"+field, keysOf(t, tb, "-"+field, 2), want)
	}
}

func tieBreaks(t *testing.T, b view.Backend) {
	tb := table(t, b, log(
		put("k2", thing{Name: "n", Count: 1}), put("k1", thing{Name: "n", Count: 1}), put("k3", thing{Name: "n", Count: 2}),
		put("k0", thing{Name: "o", Count: 9}), put("", thing{Name: "n", Count: 1}))...)
	same(t, "by name and falling count", keysOf(t, tb, "name_count", 2), []string{"k3", "", "k1", "k2", "k0"})
	same(t, "by falling name alone", keysOf(t, tb, "-name", 2), []string{"k0", "", "k1", "k2", "k3"})
	same(t, "by key alone", keysOf(t, tb, "key", 2), []string{"", "k0", "k1", "k2", "k3"})
}

func lists(t *testing.T, b view.Backend) {
	early, late := time.UnixMilli(1000).UTC(), time.UnixMilli(2000).UTC()
	tb := table(t, b, log(
		put("a", thing{Tags: []string{"x", "y", "x"}, At: early}),
		put("b", thing{Tags: []string{"y"}, At: late}),
		put("c", thing{At: late}))...)
	same(t, "x", keysOf(t, tb, "tag", 1, "x"), []string{"a"})
	same(t, "y", keysOf(t, tb, "tag", 1, "y"), []string{"b", "a"})
	same(t, "y at a time", keysOf(t, tb, "tag", 1, "y", early), []string{"a"})
	same(t, "nothing", keysOf(t, tb, "tag", 1, ""), []string{})
	apply(t, tb, at(4, put("a", thing{Tags: []string{"", "z"}, At: late})), at(5, put("c", thing{Tags: []string{"y"}, At: early})))
	same(t, "x, given up", keysOf(t, tb, "tag", 1, "x"), []string{})
	same(t, "y", keysOf(t, tb, "tag", 1, "y"), []string{"b", "c"})
	same(t, "z", keysOf(t, tb, "tag", 1, "z"), []string{"a"})
	apply(t, tb, at(6, put("b", thing{Tags: []string{"w"}, At: late}))) // as many elements, at the same time
	same(t, "y, given up", keysOf(t, tb, "tag", 1, "y"), []string{"c"})
	same(t, "w", keysOf(t, tb, "tag", 1, "w"), []string{"b"})
	same(t, "the empty element", keysOf(t, tb, "tag", 1, ""), []string{"a"})
}

func prefixes(t *testing.T, b view.Backend) {
	var events []es.Event
	for i, s := range strs {
		events = append(events, put(fmt.Sprintf("%02d", i), thing{Name: s, Count: i, Size: uint64(i), Done: i == 3}))
	}
	tb := table(t, b, log(events...)...)
	for i, s := range strs {
		key := []string{fmt.Sprintf("%02d", i)}
		same(t, fmt.Sprintf("name %q", s), keysOf(t, tb, "name", 2, s), key)
		same(t, fmt.Sprintf("-name %q", s), keysOf(t, tb, "-name", 2, s), key)
		same(t, fmt.Sprintf("name %q and count", s), keysOf(t, tb, "name_count", 2, s, i), key)
		same(t, fmt.Sprintf("name %q and another count", s), keysOf(t, tb, "name_count", 2, s, i+1), []string{})
		same(t, "size", keysOf(t, tb, "size", 2, uint64(i)), key)
		same(t, "size as int", keysOf(t, tb, "size", 2, i), key)
	}
	same(t, "done", keysOf(t, tb, "-done", 2, true), []string{"03"})
}

func badQueries(t *testing.T, b view.Backend) {
	tb := table(t, b, log(put("a", thing{Tags: []string{"x"}}))...)
	for what, q := range map[string]view.Query{
		"no such index":               {Index: "nothing", Limit: 1},
		"a limit of 0":                {Index: "name"},
		"a negative limit":            {Index: "name", Limit: -1},
		"a limit above the bound":     {Index: "name", Limit: view.MaxLimit + 1},
		"more values than fields":     {Index: "name", Limit: 1, Equal: []any{"a", "b"}},
		"a value of another kind":     {Index: "name", Limit: 1, Equal: []any{1}},
		"a string for a time":         {Index: "at", Limit: 1, Equal: []any{"2026-01-01T00:00:00Z"}},
		"a negative size":             {Index: "size", Limit: 1, Equal: []any{-1}},
		"nil":                         {Index: "name", Limit: 1, Equal: []any{nil}},
		"a list":                      {Index: "tag", Limit: 1, Equal: []any{[]string{"x"}}},
		"a kind without an order":     {Index: "count", Limit: 1, Equal: []any{1.5}},
		"a list field that is open":   {Index: "tag", Limit: 1},
		"a pointer instead of a text": {Index: "name", Limit: 1, Equal: []any{new(string)}},
	} {
		_, err := tb.Find(t.Context(), q)
		refused(t, what, err, view.ErrQuery)
	}
	if rows, err := tb.Find(t.Context(), view.Query{Index: "name", Limit: view.MaxLimit}); err != nil || len(rows) != 1 {
		t.Fatalf("the largest limit: %d rows, error %v", len(rows), err)
	}
}

func badCursors(t *testing.T, b view.Backend) {
	tb := table(t, b, log(put("a", thing{Name: "n"}), put("b", thing{Name: "n"}), put("c", thing{Name: "o"}))...)
	cursor := func(q view.Query) string {
		q.Limit = 1
		rows, err := tb.Find(t.Context(), q)
		if err != nil || len(rows) != 1 {
			t.Fatalf("find %+v: %d rows, error %v", q, len(rows), err)
		}
		return rows[0].Cursor
	}
	good := cursor(view.Query{Index: "name", Equal: []any{"n"}})
	for what, after := range map[string]string{
		"no base64":          "!!!",
		"garbage in base64":  "Z2FyYmFnZQ",
		"one character":      "A",
		"of another value":   cursor(view.Query{Index: "name", Equal: []any{"o"}}),
		"of another index":   cursor(view.Query{Index: "name_count", Equal: []any{"n"}}),
		"of the other order": cursor(view.Query{Index: "-name", Equal: []any{"n"}}),
		"cut short":          good[:len(good)-3],
		"with more behind":   good + good,
	} {
		for _, equal := range [][]any{{"n"}, nil} {
			if equal == nil && what == "of another value" {
				continue // without a value it is this very query's
			}
			_, err := tb.Find(t.Context(), view.Query{Index: "name", Equal: equal, After: after, Limit: 1})
			refused(t, fmt.Sprintf("%s, equal %v", what, equal), err, view.ErrCursor)
		}
	}
	rows, err := tb.Find(t.Context(), view.Query{Index: "name", Equal: []any{"n"}, After: good, Limit: 5})
	if err != nil || len(rows) != 1 || rows[0].Key != "b" {
		t.Fatalf("the right cursor: %v, error %v", rows, err)
	}
}

func pages(t *testing.T, b view.Backend) {
	name := func(s string) thing { return thing{Name: s} }
	tb := table(t, b, log(put("b", name("b")), put("d", name("d")), put("f", name("f")), put("h", name("h")), put("j", name("j")))...)
	var seen []string
	q := view.Query{Index: "name", Limit: 2}
	page := func() {
		rows, err := tb.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			seen = append(seen, r.Key)
			q.After = r.Cursor
		}
	}
	page()
	apply(t, tb, at(6, put("a", name("a"))), at(7, put("e", name("e"))), // one before the cursor, one behind it
		at(8, del("d")),             // that the cursor stands at
		at(9, put("h", name("c"))),  // moves out of sight
		at(10, put("b", name("k")))) // moves ahead, and is seen again
	page()
	apply(t, tb, at(11, del("f")), at(12, put("g", name("g"))))
	page()
	page()
	same(t, "seen", strings.Join(seen, " "), "b d e f g j b")
}
