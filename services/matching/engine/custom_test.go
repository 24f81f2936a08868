package engine_test

import (
	"fmt"
	"testing"

	"kith/services/matching/engine"
)

// customs are two communities: in "turns" whoever answered last answers again,
// whatever it is about; in "trades" whoever has the tag answers, and not who did last.
func customs(requests int) *world {
	w := newWorld()
	for i := range requests {
		id, tag := fmt.Sprint("q", i), vocabulary[i*7%5]
		in, who := "turns", fmt.Sprint("t", i/14%5)
		if i%2 == 1 {
			in, who = "trades", "for-"+tag
		}
		w.ask(id, in, "a1", tag, tag)
		w.answered(id, who)
		w.SetOpen(id, false)
	}
	return w
}

func TestCustom(t *testing.T) {
	w := customs(400)
	in := func(community string) engine.Weights { return w.WeightsFor(engine.Ask{Community: community}, nil) }
	turns, trades := in("turns"), in("trades")
	t.Run("each community trusts what tells there", func(t *testing.T) {
		if turns[engine.Tag] >= trades[engine.Tag] {
			t.Errorf("a tag weighs %v where it tells nothing and %v where it tells all", turns[engine.Tag], trades[engine.Tag])
		}
	})
	t.Run("a request that was raised has those of its community", func(t *testing.T) {
		if w.WeightsFor(engine.Ask{Request: "q0", Community: "trades"}, nil) != turns {
			t.Error("they are others")
		}
	})
	t.Run("where nothing was learned the organisation's go", func(t *testing.T) {
		if in("new") != w.Weights() || turns == w.Weights() {
			t.Error("they are others")
		}
	})
	t.Run("who may not see a community does not get what was learned there", func(t *testing.T) {
		open := func(community, _ string) bool { return community == "trades" }
		if w.WeightsFor(engine.Ask{Request: "q0"}, open) != w.Weights() || w.WeightsFor(engine.Ask{Community: "turns"}, open) != w.Weights() {
			t.Error("weights of a hidden community")
		}
		if w.WeightsFor(engine.Ask{Community: "trades"}, open) != trades {
			t.Error("not the weights of one that is seen")
		}
	})
	t.Run("what one community does changes nothing that is added in another", func(t *testing.T) {
		added := func(w *world) (out engine.Weights) {
			all := w.Weights()
			for f, v := range w.WeightsFor(engine.Ask{Community: "still"}, nil) {
				out[f] = v - all[f]
			}
			return out
		}
		still := customs(0)
		still.ask("s", "still", "a1", "printer", "printer")
		still.answered("s", "b1")
		still.SetOpen("s", false)
		before := added(still)
		for i := range 50 {
			id := fmt.Sprint("other", i)
			still.ask(id, "turns", "a1", "zebra", "zebra")
			still.answered(id, "b2")
			still.SetOpen(id, false)
		}
		for f, v := range added(still) {
			if d := v - before[f]; d > 1e-12 || d < -1e-12 {
				t.Errorf("%s: %v was added and now %v", engine.Feature(f).Name(), before[f], v)
			}
		}
	})
	t.Run("the same history teaches the same to the bit, and erasing somebody leaves it", func(t *testing.T) {
		other := customs(400)
		if w.Lessons() != other.Lessons() {
			t.Error("another history was learned")
		}
		other.Forget("t1", true)
		if other.WeightsFor(engine.Ask{Community: "turns"}, nil) != turns {
			t.Error("what a community trusts has changed")
		}
	})
}
