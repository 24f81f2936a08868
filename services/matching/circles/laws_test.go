package circles

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// What is known depends on what happened in each stream, and not on how streams
// were delivered relative to each other.
func TestOrderOfStreamsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := rapid.SampledFrom([]string{"a", "b", "c"})
		community := rapid.SampledFrom([]string{"c", "d"})
		tags := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID)
		streams := map[string][]func(*Circles){}
		add := func(stream string, f func(*Circles)) { streams[stream] = append(streams[stream], f) }
		for i := range rapid.IntRange(0, 25).Draw(t, "events") {
			p, in, tags := person.Draw(t, "person"), community.Draw(t, "community"), tags.Draw(t, "tags")
			q := fmt.Sprint("q", rapid.IntRange(0, 3).Draw(t, "request"))
			at := uint64(i + 1)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				add(in, func(c *Circles) { c.Describe(in, Description{"en", map[string]Said{"en " + fmt.Sprint(i): {1, "w"}}}) })
			case 1, 2:
				if len(streams[q]) == 0 {
					add(q, func(c *Circles) { c.Raise(q, in, p, Texts{Tags: tags}) })
				}
				response := fmt.Sprint("r", i)
				add(q, func(c *Circles) { c.Answer(q, response, p) })
			case 3:
				add(q, func(c *Circles) { c.Correct(q, Texts{Tags: tags, Title: []string{"en t"}}) })
			case 4:
				add(q, func(c *Circles) { c.Retract(q) })
			case 5:
				add("person "+p, func(c *Circles) { c.Forget(p, len(tags) > 1) })
			case 6:
				add("tie "+p+in, func(c *Circles) { c.Tie(p, in, at) })
			case 7:
				add("spurned "+p+in, func(c *Circles) { c.Spurn(p, in) })
			case 8:
				add("link", func(c *Circles) { c.Link("c", "d", at); c.SpurnLink("c", "d") })
			case 9:
				add("split "+in, func(c *Circles) { c.SpurnSplit(in, int64(at)) })
			}
		}
		deliver := func(label string) string {
			c, at := New(), map[string]int{}
			var order []string
			for _, name := range []string{"c", "d", "q0", "q1", "q2", "q3", "link"} {
				for range streams[name] {
					order = append(order, name)
				}
			}
			for _, p := range []string{"a", "b", "c"} {
				for _, name := range []string{"person " + p, "tie " + p + "c", "tie " + p + "d", "spurned " + p + "c", "spurned " + p + "d"} {
					for range streams[name] {
						order = append(order, name)
					}
				}
			}
			for _, in := range []string{"c", "d"} {
				for range streams["split "+in] {
					order = append(order, "split "+in)
				}
			}
			for _, name := range rapid.Permutation(order).Draw(t, label) {
				streams[name][at[name]](c)
				at[name]++
			}
			return c.Hash()
		}
		if deliver("one") != deliver("another") {
			t.Fatal("another order of streams came to something else")
		}
	})
}
