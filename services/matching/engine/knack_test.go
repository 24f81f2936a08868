package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// However much was learned, a knack says what a table of all its hints says, added
// up in the order of the question, and it keeps no more hints than it may.
func TestKnackLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		terms := rapid.SampledFrom([]int{5, 200, 5000}).Draw(t, "terms")
		question := func() []shareOf {
			var q []shareOf
			for _, term := range random.Perm(terms)[:min(random.IntN(rankTerms+1), terms)] {
				q = append(q, shareOf{uint32(term), random.Float64()})
			}
			return q
		}
		var k knack
		for range rapid.IntRange(0, 60).Draw(t, "questions") {
			k.learn(question(), random.NormFloat64())
			if len(k.hints) > mostHints {
				t.Fatalf("%d hints are kept", len(k.hints))
			}
		}
		table := map[uint32]float64{}
		for _, h := range k.hints {
			table[h.term] = float64(h.weight)
		}
		if len(table) != len(k.hints) {
			t.Fatalf("%d terms have %d hints", len(table), len(k.hints))
		}
		asked, want := question(), 0.0
		for _, s := range asked {
			want += float64(table[s.term] * s.share)
		}
		if got := k.of(asked); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("it says %v, want %v", got, want)
		}
	})
}
