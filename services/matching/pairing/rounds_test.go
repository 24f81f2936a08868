package pairing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"kith/services/matching/pairing"
)

// Over thirty rounds of random people no pair comes again within twelve rounds,
// and nobody is left out twice in a row while somebody is paired in their place.
func TestThirtyRounds(t *testing.T) {
	const rounds, apart = 30, 12
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 4))
		people := population(r, 25+r.IntN(40))
		for i := range people { // enough units and few obstacles: everybody can be paired
			people[i].Unit, people[i].Languages, people[i].Apart, people[i].Waiting = fmt.Sprint("u", i%5), nil, nil, 0
		}
		place := map[string]int{}
		for i, p := range people {
			place[p.ID] = i
		}
		met := map[[2]string]int{}
		for round := range rounds {
			for i := range people {
				people[i].Apart = nil
			}
			for pair, when := range met {
				if round-when <= apart {
					p := &people[place[pair[0]]]
					p.Apart = append(p.Apart, pair[1])
				}
			}
			pairs, left := pairing.Round(people, pairing.Rules{Seed: fmt.Sprint(round)})
			for _, p := range pairs {
				if when, ok := met[[2]string{p.A, p.B}]; ok && round-when <= apart {
					t.Fatalf("round %d: %s and %s met in round %d", round, p.A, p.B, when)
				}
				met[[2]string{p.A, p.B}] = round
				people[place[p.A]].Waiting, people[place[p.B]].Waiting = 0, 0
			}
			if len(left) != len(people)%2 {
				t.Fatalf("round %d: %d of %d are left out", round, len(left), len(people))
			}
			for _, id := range left {
				if p := &people[place[id]]; p.Waiting > 0 {
					t.Errorf("round %d: %s is left out again", round, id)
				} else {
					p.Waiting++
				}
			}
		}
	}
}

// crowd is an organisation of n people: units of about 25, six lines a person of
// 2,000 topics with Zipf's frequencies, and a year of weekly rounds behind them.
func crowd(n int, largest float64) []pairing.Person {
	r := rand.New(rand.NewPCG(5, 5))
	zipf := rand.NewZipf(r, 1.2, 8, 1999)
	lines := func() []pairing.Topic {
		var out []pairing.Topic
		for i := range 3 {
			stems := []string{fmt.Sprint("t", zipf.Uint64()), fmt.Sprint("t", zipf.Uint64())}
			out = append(out, pairing.Topic{Line: i, Stems: [][]string{stems, stems, stems}})
		}
		return out
	}
	people := make([]pairing.Person, n)
	for i := range people {
		unit := fmt.Sprint("u", r.IntN(n/25+1))
		if r.Float64() < largest {
			unit = "the largest"
		}
		people[i] = pairing.Person{ID: fmt.Sprintf("p%05d", i), Unit: unit, Languages: []string{"de"}, CanHelp: lines(), WantToLearn: lines()}
		for range 12 {
			people[i].Apart = append(people[i].Apart, fmt.Sprintf("p%05d", r.IntN(n)))
		}
	}
	return people
}

func BenchmarkRound(b *testing.B) {
	for _, largest := range []float64{0, 0.7} {
		people := crowd(11_500, largest)
		b.Run(fmt.Sprintf("people=11500/largest=%.1f", largest), func(b *testing.B) {
			var pairs []pairing.Pair
			for b.Loop() {
				pairs, _ = pairing.Round(people, pairing.Rules{Seed: "s"})
			}
			b.ReportMetric(float64(len(pairs)), "pairs")
		})
	}
}
