package engine

import (
	"math"
	"slices"
)

const (
	// stressed is what a word counts at least that is in the title, or in the text
	// again and again.
	stressed = 3
	// inHeadline is what it is worth if all such words of a question are asked for.
	inHeadline = 0.3
)

// comparison compares what is asked with the questions of earlier requests.
type comparison struct {
	*Engine
	sight *sight
	said  map[uint32]saying // by term: like questions have many in common
	ours  whole
}

// saying is what a term says in a comparison.
type saying struct {
	asked, idf, root float64 // root: of the idf
	counted          bool    // the idf is exact, and not the least that it can be
}

// compare orders the first of hits, which come best first, by what is asked as well,
// and leaves at least the best limit of them. To count how rare a term is for a
// reader takes a while, so it does that only for those that can be among these
// however rare their other terms are.
func (e *Engine) compare(q query, hits []hit, limit int, s *sight) []hit {
	if len(hits) == 0 || limit <= 0 {
		return nil
	}
	c := comparison{Engine: e, sight: s, said: make(map[uint32]saying, 1024)}
	for _, t := range q.terms {
		if id, ok := e.corpus.vocabulary.Find(t.name); ok {
			word := c.word(id, true)
			word.asked = t.weight / word.root
			c.said[id] = word
			c.ours.add(word.asked, word.asked)
		}
	}
	best := hits[0].score
	for i := range hits {
		hits[i].score /= best
	}
	near, rest := hits[:min(len(hits), compared)], hits[min(len(hits), compared):]
	most := make([]hit, len(near)) // they can have, by index in near
	for i, h := range near {
		most[i] = hit{uint32(i), h.score + c.likeness(h.thread, false)}
	}
	slices.SortFunc(most, hit.compare)
	var first []hit
	for _, m := range most {
		if len(first) >= limit && m.score < first[limit-1].score {
			break
		}
		h := near[m.thread]
		h.score += c.likeness(h.thread, true)
		at, _ := slices.BinarySearchFunc(first, h, hit.compare)
		first = slices.Insert(first, at, h)
	}
	return append(first, rest...)
}

// likeness is the root of the cosine of the two questions, in which a term counts tf
// times the root of its idf, so that rarity counts once in a product; and how much of
// the headline of the earlier one is asked for. Or it is the most that this can be,
// which may be infinite.
func (c *comparison) likeness(thread uint32, exactly bool) (like float64) {
	var theirs, both, headline, repeated whole
	bag, _ := c.corpus.parts[thread].without(0)
	terms := bag.Terms()
	for id, weight, ok := terms.Next(); ok; id, weight, ok = terms.Next() {
		word := c.word(id, exactly)
		w := float64(weight) * word.root
		theirs.add(w, w)
		both.add(w, word.asked)
		if weight >= stressed {
			headline.add(word.idf, word.idf)
			if word.asked > 0 {
				repeated.add(word.idf, word.idf)
			}
		}
	}
	if both > 0 && c.ours > 0 && (theirs > 0 || !exactly) {
		like = math.Sqrt(float64(both) / math.Sqrt(float64(theirs)*float64(c.ours)))
	}
	if headline > 0 {
		like += inHeadline * math.Sqrt(float64(repeated)/float64(headline))
	}
	return like
}

// word is what a term says, with its least idf unless it is to be exact: as if the
// reader saw all threads that have it.
func (c *comparison) word(id uint32, exactly bool) saying {
	word, known := c.said[id]
	if known && (word.counted || !exactly) {
		return word
	}
	posts := &postings{}
	if int(id) < len(c.corpus.posts) {
		posts = &c.corpus.posts[id]
	}
	if word.counted = exactly || c.sight.open == nil; word.counted {
		n, _ := c.sight.having(posts, -1)
		word.idf = c.sight.idf(n)
	} else {
		word.idf = c.sight.idf(min(posts.size(), c.sight.live)) * (1 - rounding)
	}
	word.root = math.Sqrt(word.idf)
	c.said[id] = word
	return word
}

// whole is a sum of products in whole numbers: the numbers of terms, by which they
// come, depend on the order of reading, and the sum must not.
type whole uint64

func (w *whole) add(a, b float64) { *w += whole(a * b * (1 << 20)) }
