package circles

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// organisation has 11,500 people in 300 communities, each in one to three, with
// 100,000 requests of eight terms and two answers each.
func organisation(b *testing.B) (c *Circles, of map[string][]string, members map[string][]string) {
	b.Helper()
	const everybody, communities, requests = 11_500, 300, 100_000
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 8, 20_000)
	word := func() string { return fmt.Sprint("en w", zipf.Uint64()) }
	c, of, members = New(), map[string][]string{}, map[string][]string{}
	name := func(i int) string { return fmt.Sprint("c", i) }
	for i := range communities {
		d := Description{Language: "en", Terms: map[string]Said{}}
		for range 20 {
			w := word()
			d.Terms[w] = Said{1, w}
		}
		for range 3 {
			d.Terms[Tag(fmt.Sprint("w", zipf.Uint64()%2000))] = Said{1, "w"}
		}
		c.Describe(name(i), d)
	}
	for i := range everybody {
		p := fmt.Sprint("p", i)
		for range 1 + random.IntN(3) {
			in := name(random.IntN(communities))
			of[p] = append(of[p], in)
			members[in] = append(members[in], p)
		}
	}
	// Half of all answers are given by one in fifty, as elsewhere.
	who := func() string {
		if random.IntN(2) == 0 {
			return fmt.Sprint("p", random.IntN(everybody/50))
		}
		return fmt.Sprint("p", random.IntN(everybody))
	}
	for i := range requests {
		t := Texts{Language: "en"}
		for range 5 {
			t.Title = append(t.Title, word())
		}
		for range 3 {
			t.Tags = append(t.Tags, fmt.Sprint("w", zipf.Uint64()%2000))
		}
		id := fmt.Sprint("q", i)
		c.Raise(id, name(int(zipf.Uint64())%communities), who(), t)
		c.Answer(id, "a", who())
		c.Answer(id, "b", who())
	}
	return c, of, members
}

func BenchmarkSuggest(b *testing.B) {
	c, of, members := organisation(b)
	all := func(string) bool { return true }
	r := Reader{
		Person: "p0", History: true, Languages: []string{"en"},
		Learn: []Line{line("w1"), line("w9")}, CanHelp: []Line{line("w3"), line("w40"), line("w500")},
		Sees: func(string, string) bool { return true }, Offered: all,
	}
	b.Run("communities for one who has answered hundreds", func(b *testing.B) {
		for b.Loop() {
			var known map[string][]string
			r.Known = func(id string, exchanged map[string]bool) []string {
				if known == nil {
					known = map[string][]string{}
					for p := range exchanged {
						for _, in := range of[p] {
							known[in] = append(known[in], p)
						}
					}
				}
				return known[id]
			}
			if len(c.For(r, 10)) != 10 {
				b.Fatal("too few")
			}
		}
	})
	largest := "c0"
	for id, own := range c.communities {
		if len(own.requests) > len(c.communities[largest].requests) {
			largest = id
		}
	}
	b.Run("links of the community with the most requests", func(b *testing.B) {
		h := Host{Community: largest, History: true, Sees: all, Offered: all,
			Members: func(id string) []string { return members[id] }, Of: func(p string) []string { return of[p] }}
		for b.Loop() {
			if len(c.Links(h, 10, "")) == 0 {
				b.Fatal("none")
			}
		}
		b.ReportMetric(float64(len(c.communities[largest].requests)), "requests")
	})
	b.Run("a split of it", func(b *testing.B) {
		for b.Loop() {
			c.Spread(largest)
		}
	})
	b.Run("hash", func(b *testing.B) {
		for b.Loop() {
			c.Hash()
		}
	})
}
