package engine

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Places are numbered in the order of meeting, and found again.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p places
		for range 2 { // the second time in memory that was used
			want := map[uint32]int{}
			person := rapid.OneOf(rapid.Uint32Max(3000), rapid.Uint32())
			for _, n := range rapid.SliceOfN(person, 0, 2000).Draw(t, "people") {
				if _, ok := want[n]; !ok {
					if got := p.find(n); got != -1 {
						t.Fatalf("%d is at %d before they are met", n, got)
					}
					want[n] = len(want)
				}
				if got := p.of(n); got != want[n] {
					t.Fatalf("%d is at %d, want %d", n, got, want[n])
				}
			}
			for n, at := range want {
				if got := p.find(n); got != at || p.met[at] != n {
					t.Fatalf("%d is at %d, want %d", n, got, at)
				}
			}
			p.clear()
		}
	})
}

// The nth of values is what sorting them finds.
func TestNth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Map(rapid.IntRange(0, 9), func(n int) float64 { return float64(n) }), rapid.Float64())
		values := rapid.SliceOfN(value, 1, 300).Draw(t, "values")
		n := rapid.IntRange(1, len(values)).Draw(t, "n")
		sorted := slices.Sorted(slices.Values(values))
		if got, want := nth(values, n), sorted[len(sorted)-n]; got != want {
			t.Fatalf("the %d. of %v is %v, want %v", n, values, got, want)
		}
	})
}

// What is looked up is what is calculated, to the bit.
func TestFades(t *testing.T) {
	h := newHalf(150)
	for _, n := range []uint32{0, 1, 149, 150, known - 1, known, known + 1, math.MaxUint32} {
		if got, want := h.left(n), math.Exp2(-float64(n)/150); got != want {
			t.Errorf("after %d %v is left, want %v", n, got, want)
		}
	}
}
