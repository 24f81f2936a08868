package engine

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/text"
)

// plain is search as it is defined: every posting is scored.
func (c *corpus) plain(q query, k int, except int, s *sight, keep func(thread uint32) bool) []hit {
	first := 0
	if q.latest > 0 {
		first = max(0, c.windows()-q.latest) * windowSize
	}
	scores := map[uint32]float64{}
	for _, t := range q.terms {
		for _, p := range t.posts.all() {
			scores[p.thread()] += s.scale().score(t.weight, p.freq(), c.lengths[p.thread()])
		}
	}
	var all []hit
	for thread, score := range scores {
		if int(thread) >= first && int(thread) != except && s.sees(thread) && (keep == nil || keep(thread)) {
			all = append(all, hit{thread, score})
		}
	}
	slices.SortFunc(all, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.thread, b.thread)) })
	return all[:min(len(all), k)]
}

// author writes texts of words of which few are frequent.
type author struct {
	*Engine
	random *rand.Rand
	zipf   *rand.Zipf
}

func newAuthor(seed uint64) author {
	random := rand.New(rand.NewPCG(seed, 1))
	return author{New(), random, rand.NewZipf(random, 1.1, 3, 400)}
}

func (a author) words(n int) []text.Field {
	var b strings.Builder
	for range a.random.IntN(n) {
		fmt.Fprint(&b, "w", a.zipf.Uint64(), " ")
	}
	return []text.Field{{Text: b.String(), Weight: 1 + 2*a.random.IntN(2)}}
}

func (a author) bag(n int) text.Bag {
	_, bag := a.Read("en", nil, a.words(n)...)
	return bag
}

// write raises n requests, answers some of before and changes some.
func (a author) write(n int) {
	request := func(i int) string { return fmt.Sprint("q", i) }
	first := map[string]string{} // response by request
	for i := range n {
		a.Raise(Request{ID: request(i), Community: fmt.Sprint("c", a.random.IntN(9)), Asker: "p", Language: "en", Words: a.bag(12)})
		before := request(max(0, i-int(a.random.ExpFloat64()*200)))
		response := fmt.Sprint("r", i)
		switch a.random.IntN(12) {
		case 0, 1, 2:
			a.Answer(before, response, "p", time.Time{}, 0)
			first[before] = cmp.Or(first[before], response)
			a.SetAnswerWords(before, response, a.bag(20))
		case 3:
			a.Correct(before, "en", nil, a.bag(12))
		case 4:
			a.Retract(request(a.random.IntN(i + 1)))
		case 5:
			a.RetractAnswer(before, first[before])
		}
	}
}

// Whatever was written, a search finds what scoring everything finds, with the
// same scores to the bit, and every bound holds.
func TestSearchLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := newAuthor(rapid.Uint64().Draw(t, "seed"))
		n := rapid.SampledFrom([]int{3, 30, 300, 300, 1000, 3000, windowSize + 1000, 2*windowSize + 1000}).Draw(t, "requests")
		a.write(n)
		a.corpus.apart = rapid.SampledFrom([]int{1, windowsApart}).Draw(t, "apart")
		for range 5 {
			var sees func(community, request string) bool
			if rapid.Bool().Draw(t, "partly hidden") {
				open := rapid.IntRange(0, 9).Draw(t, "open")
				sees = func(community, request string) bool {
					return community < fmt.Sprint("c", open) || strings.HasSuffix(request, "7")
				}
			}
			var keep func(uint32) bool
			if rapid.Bool().Draw(t, "filtered") {
				keep = func(thread uint32) bool { return thread%3 > 0 }
			}
			s := a.sight(sees)
			except := rapid.IntRange(-1, n-1).Draw(t, "except")
			terms := text.NewAnalyser().Terms("en", a.words(40)...)
			q := a.corpus.query(terms, "en", except, s, rapid.SampledFrom([]int{3, rankTerms, maxQueryTerms}).Draw(t, "most"))
			q.latest = rapid.IntRange(0, 2).Draw(t, "latest windows")
			k := rapid.SampledFrom([]int{1, 10, 200}).Draw(t, "k")
			if got, want := a.corpus.search(q, k, except, s, keep), a.corpus.plain(q, k, except, s, keep); !slices.Equal(got, want) {
				t.Fatalf("found %v, want %v", got, want)
			}
			for _, term := range terms {
				if posts := a.corpus.find(term.Text); posts != nil {
					all := posts.all()
					n, another := s.having(posts, except)
					if m, one := s.count(all, except); m != n || one != another {
						t.Fatalf("%d threads have the term, another %v; want %d, %v", n, another, m, one)
					}
				}
			}
		}
		a.boundsHold(t)
	})
}

func (a author) boundsHold(t *rapid.T) {
	c := a.corpus
	for g, want := range a.sizes() {
		if c.sizes[g] != want {
			t.Fatalf("a group is counted as %+v, want %+v", c.sizes[g], want)
		}
	}
	var room [blockMost]posting
	for term := range c.posts {
		if c.posts[term].packed == nil {
			continue
		}
		size := 0
		groups := map[uint32]uint32{}
		for _, b := range c.posts[term].packed.blocks {
			all := b.unpack(room[:])
			size += len(all)
			for _, p := range all {
				groups[c.groups[p.thread()]]++
				if p.freq() > b.freq || c.lengths[p.thread()]/uint32(p.freq()) < uint32(b.ratio) {
					t.Fatalf("posting %v of length %d is out of the bounds of %+v", p, c.lengths[p.thread()], b)
				}
			}
		}
		if size != c.posts[term].packed.size {
			t.Fatalf("%d postings are counted as %d", size, c.posts[term].packed.size)
		}
		for g, n := range c.posts[term].packed.groups {
			if groups[uint32(g)] != n {
				t.Fatalf("%d postings of a group are counted as %d", groups[uint32(g)], n)
			}
		}
	}
}

// sizes of groups, counted anew from the texts.
func (a author) sizes() []size {
	c := a.corpus
	out := make([]size, len(c.sizes))
	for thread, left := range c.parts {
		n := uint32(0)
		for left != "" {
			var bag text.Bag
			_, bag, left = left.next()
			n += weight(bag)
		}
		if n > 0 {
			out[c.groups[thread]].live++
			out[c.groups[thread]].total += uint64(n)
		}
	}
	return out
}

// What is unpacked is what was packed, of every width.
func TestBlockLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Uint32Range(1, maxThreads/blockMost).Draw(t, "step")
		freq := rapid.IntRange(1, maxFreq).Draw(t, "freq")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var all []posting
		thread := random.Uint32N(step)
		for range rapid.IntRange(1, blockMost).Draw(t, "size") {
			all = append(all, post(thread, uint8(1+random.IntN(freq))))
			thread += 1 + random.Uint32N(step)
		}
		b := repack(all)
		var room [blockMost]posting
		if got := b.unpack(room[:]); !slices.Equal(got, all) {
			t.Fatalf("unpacked %v, want %v", got, all)
		}
	})
}
