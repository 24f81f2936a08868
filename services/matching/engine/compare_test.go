package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/pkg/text"
)

// The best few are the same, with the same scores to the bit, whether or not all are
// compared.
func TestCompareLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := newAuthor(rapid.Uint64().Draw(t, "seed"))
		a.write(rapid.SampledFrom([]int{3, 30, 300, 1000, 3000}).Draw(t, "requests"))
		for range 5 {
			open := rapid.IntRange(0, 9).Draw(t, "open")
			s := a.sight(func(community, _ string) bool { return community < fmt.Sprint("c", open) })
			q := a.corpus.query(text.NewAnalyser().Terms("en", a.words(40)...), "en", -1, s, maxQueryTerms)
			hits := a.corpus.search(q, 70, -1, s, nil)
			all := a.compare(q, slices.Clone(hits), len(hits), s)
			if len(all) != len(hits) {
				t.Fatalf("%d of %d are left", len(all), len(hits))
			}
			for _, limit := range []int{0, 1, 5, compared, 60} {
				got := a.compare(q, slices.Clone(hits), limit, s)
				want := all[:min(limit, len(all))]
				if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
					t.Fatalf("the best %d are %v, want %v", limit, got, want)
				}
			}
		}
	})
}
