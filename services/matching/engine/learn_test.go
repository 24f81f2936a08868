package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kith/services/matching/engine"
)

// forum is a history in which whoever answers last time answers next time too, but
// never who has the tag on record: the opposite of what learning begins with.
func forum(requests int) *world {
	w := newWorld()
	random := rand.New(rand.NewPCG(3, 4))
	for i := range requests {
		id := fmt.Sprint("q", i)
		tag := vocabulary[random.IntN(len(vocabulary))]
		w.ask(id, "c", "a1", tag+" "+vocabulary[random.IntN(len(vocabulary))], tag)
		w.answered(id, fmt.Sprint("b", i/7%5))
		w.SetOpen(id, false)
	}
	return w
}

func TestLearning(t *testing.T) {
	t.Run("weights move towards what tells who answers", func(t *testing.T) {
		w := forum(400)
		if w.Examples() < 350 {
			t.Fatalf("learned from %d", w.Examples())
		}
		learned, begun := w.Weights(), engine.DefaultWeights()
		if learned[engine.Idle] >= begun[engine.Idle] && learned[engine.Sprint] <= begun[engine.Sprint] {
			t.Errorf("recent activity weighs %v and idleness %v, as in the beginning", learned[engine.Sprint], learned[engine.Idle])
		}
		got := w.Rank(engine.Ask{Community: "c", Asker: "a1", At: now}, engine.Rules{Weights: learned, Cap: 5}, people())
		if latest := fmt.Sprint("b", 399/7%5); len(got) == 0 || got[0].Person != latest {
			t.Errorf("ranked %v first, want %s who answered last", names(got), latest)
		}
	})
	t.Run("the same history teaches the same to the bit", func(t *testing.T) {
		if one, other := forum(300), forum(300); one.Lessons() != other.Lessons() || one.Hash() != other.Hash() {
			t.Error("they differ")
		}
		if forum(300).Lessons() == forum(299).Lessons() {
			t.Error("the last request teaches nothing")
		}
	})
	t.Run("nothing is learned from what is retracted or was never answered", func(t *testing.T) {
		w := forum(20)
		before := w.Weights()
		w.ask("silent", "c", "a1", "printer driver")
		w.SetOpen("silent", false)
		w.ask("gone", "c", "a1", "printer driver")
		w.answered("gone", "b1")
		w.Retract("gone")
		w.SetOpen("gone", false)
		if w.Weights() != before {
			t.Error("the weights have changed")
		}
	})
	t.Run("a feature that is left out weighs nothing", func(t *testing.T) {
		w := newWorld()
		w.Without(engine.Tag, engine.TagLately)
		w.ask("q1", "c", "a1", "one", "printer")
		w.answered("q1", "b1")
		for _, c := range w.Rank(engine.Ask{Community: "c", Asker: "a2", Tags: []string{"printer"}, Terms: w.terms("two"), At: now}, rules(), people()) {
			if c.Features[engine.Tag] != 0 || c.Tag == "" {
				t.Errorf("%+v", c)
			}
		}
	})
	t.Run("weights stay numbers", func(t *testing.T) {
		for f, v := range forum(1000).Weights() {
			if math.IsNaN(v) || math.Abs(v) > 20 {
				t.Errorf("%s weighs %v", engine.Feature(f).Name(), v)
			}
		}
	})
}

func TestVenture(t *testing.T) {
	w := newWorld()
	for i := range 8 {
		id := fmt.Sprint("q", i)
		w.ask(id, "", "a1", "zebra crossings", "road")
		w.answered(id, "b1", "b2", "b3")
	}
	w.ask("q9", "", "a1", "zebra crossings", "road")
	w.answered("q9", "n1", "n2")
	ranked := w.rank("z9", "zebra crossings", "road")
	choice := engine.Choice{Count: 3, Explore: 0.25}
	random := rand.New(rand.NewPCG(5, 6))
	count := map[string]int{}
	const rounds = 4000
	odds := map[string]float64{}
	for range rounds {
		chosen := choice.Venture(ranked, choice.Choose(ranked), random)
		if len(chosen) != 3 {
			t.Fatalf("chose %v", names(chosen))
		}
		for i, c := range chosen {
			count[c.Person]++
			odds[c.Person] = c.Propensity
			if i < 2 && c.Propensity != 1 {
				t.Errorf("chance has nothing to do with %s, whose propensity is %v", c.Person, c.Propensity)
			}
		}
	}
	if count["n1"] == 0 || count["n2"] == 0 {
		t.Errorf("newcomers are never tried: %v", count)
	}
	for who, p := range odds { // within five standard errors
		if got := float64(count[who]) / rounds; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/rounds)+1e-9 {
			t.Errorf("%s is chosen in %.3f of cases with a propensity of %.3f", who, got, p)
		}
	}
	t.Run("nobody irrelevant is tried", func(t *testing.T) {
		list := []engine.Candidate{{Person: "p1", Topic: 0, Chance: .6}, {Person: "p2", Topic: 0, Chance: .39}, {Person: "p3", Topic: 0, Chance: .001}}
		c := engine.Choice{Count: 2, Explore: 1}
		if got := c.Venture(list, c.Choose(list), random); got[1].Person != "p2" {
			t.Errorf("tried %v", names(got))
		}
	})
}

// Whose turn it always is has a price, which moves requests to others.
func TestSpreading(t *testing.T) {
	w := newWorld()
	for i := range 6 {
		id := fmt.Sprint("q", i)
		w.ask(id, "", "a1", "zebra crossings", "road")
		w.answered(id, "b1", "b1", "b2")
	}
	r := rules()
	r.Policy, r.Cap = engine.Policy{Spread: 1}, 1000
	turns := map[string]int{}
	for i := range 200 {
		id := fmt.Sprint("r", i)
		w.ask(id, "", "a1", "zebra crossings", "road")
		got := w.Rank(engine.Ask{Request: id, At: now}, r, people())
		turns[got[0].Person]++
		w.Propose(id, now, []string{got[0].Person})
	}
	if turns["b1"] == 200 || turns["b2"] < 10 {
		t.Errorf("their turns were %v", turns)
	}
	r.Policy.Spread = 0
	if got := w.Rank(engine.Ask{Request: "r199", At: now}, r, people()); got[0].Person != "b1" || got[0].Turns <= got[1].Turns {
		t.Errorf("ranked %+v", got)
	}
}
