package engine

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every id is told from every other, and is given back as it was.
func TestKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hex := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
		id := rapid.OneOf(hex, rapid.Map(hex, strings.ToUpper), rapid.String(), rapid.StringMatching(`[0-9a-f:/-]{36}`))
		one, other := id.Draw(t, "one"), id.Draw(t, "other")
		if one != other && keyOf(one) == keyOf(other) {
			t.Fatalf("the keys of %q and %q are %v and %v", one, other, keyOf(one), keyOf(other))
		}
		e := New()
		e.Raise(Request{ID: one, Asker: "a"})
		e.Raise(Request{ID: one, Asker: "b"})
		e.Raise(Request{ID: other, Asker: "c"})
		if n, r := e.thread(one); r == nil || e.request(n) != one || !e.Asked("a", one) {
			t.Fatalf("%q is not found", one)
		}
		if n, r := e.thread(other); r == nil || e.request(n) != other || e.Asked("c", other) == (one == other) {
			t.Fatalf("%q is not found", other)
		}
	})
}
