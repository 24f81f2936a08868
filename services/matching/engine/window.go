package engine

import (
	"math"
	"slices"
)

// window looks among the threads from low to high, exclusive.
func (x *searching) window(low, high uint32) {
	n := len(x.terms)
	x.rest[n] = 0
	for i := n - 1; i >= 0; i-- {
		x.rest[i] = x.rest[i+1] + x.cursors[i].bound(x.scale, x.terms[i].weight, low, high)
	}
	least := x.least()
	if x.rest[0] == 0 || x.rest[0] < least {
		return
	}
	added, postings := 0, 0 // terms that are added to all threads
	for ; added < n && x.rest[added] >= least; added++ {
		postings += x.cursors[added].count(low, high)
	}
	if postings > full {
		x.full(added, low, high, least)
	} else {
		x.sparse(added, low, high, least)
	}
}

// full looks in a window of which all scores are looked at after at least so many
// terms are added. That takes less time than to note which threads have any, and as
// adding is faster than looking up it goes on until few can still get there.
func (x *searching) full(added int, low, high uint32, least float64) {
	for ; added < len(x.terms) && x.rest[added] > sure*least; added++ {
	}
	for i := range added {
		if x.rest[i] > x.rest[i+1] {
			x.addAll(i, low, high)
		}
	}
	x.offerAll(low, x.lookUp(added, low, high, x.scored(int(high-low), added, least), least))
	clear(x.scores[:high-low])
}

const (
	// full is how many postings there are at least in a window that is full.
	full = windowSize / 8
	// sure is the part of the least score that terms can have which are looked up.
	sure = 0.4
)

// sparse looks in a window of few postings.
func (x *searching) sparse(added int, low, high uint32, least float64) {
	touched := 0
	for i := range added {
		if x.rest[i] > x.rest[i+1] {
			touched = x.addUp(i, low, high, touched)
		}
	}
	left := x.able(append(x.left[:0], x.touched[:touched]...), added, least)
	x.offerAll(low, x.lookUp(added, low, high, left, least))
	for _, at := range x.touched[:touched] {
		x.scores[at] = 0
	}
}

// addAll adds the term i to all threads of the window that have it.
func (x *searching) addAll(i int, low, high uint32) {
	c, weight, scale := &x.cursors[i], x.terms[i].weight, x.scale
	lengths := x.corpus.lengths[low:high]
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			at := p.thread() - low
			if at >= uint32(len(lengths)) {
				c.at += j
				return
			}
			x.scores[at%windowSize] += scale.score(weight, p.freq(), lengths[at])
		}
		c.at = len(c.posts)
	}
}

// scored are those of the first n threads of the window that can get among the
// best with the terms from i on. Four are looked at in one step, for few can.
func (x *searching) scored(n, i int, least float64) []uint16 {
	need := math.Float64bits(max(least-x.rest[i], math.SmallestNonzeroFloat64))
	found := 0
	left := x.scores[:(n+3)/4*4] // those after n have no score
	for at := uint16(0); len(left) >= 4; at, left = at+4, left[4:] {
		a, b := math.Float64bits(left[0])-need, math.Float64bits(left[1])-need
		c, d := math.Float64bits(left[2])-need, math.Float64bits(left[3])-need
		if int64(a&b&c&d) < 0 {
			continue
		}
		for i, less := range [4]uint64{a, b, c, d} {
			if int64(less) >= 0 {
				x.left[found] = at + uint16(i)
				found++
			}
		}
	}
	return x.left[:found]
}

// addUp adds the term i to all threads of the window that have it, and notes
// those that had no score after the first n touched.
func (x *searching) addUp(i int, low, high uint32, n int) int {
	c, weight, scale := &x.cursors[i], x.terms[i].weight, x.scale
	lengths := x.corpus.lengths[low:high]
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			at := p.thread() - low
			if at >= uint32(len(lengths)) {
				c.at += j
				return n
			}
			score := &x.scores[at%windowSize]
			// Without a branch, which would be mispredicted too often.
			x.touched[n] = uint16(at)
			one := 0
			if math.Float64bits(*score) == 0 {
				one = 1
			}
			n += one
			*score += scale.score(weight, p.freq(), lengths[at])
		}
		c.at = len(c.posts)
	}
	return n
}

// lookUp adds the terms from i on to those threads that can still get among the
// best, and leaves these.
func (x *searching) lookUp(i int, low, high uint32, threads []uint16, least float64) []uint16 {
	left := threads
	sorted := false
	for ; i < len(x.terms) && len(left) > 0; i++ {
		if x.rest[i] == x.rest[i+1] {
			continue
		}
		if x.cursors[i].count(low, high) <= dense*len(left) {
			x.addKnown(i, low, high)
		} else {
			if !sorted {
				slices.Sort(left) // a cursor goes forth only
				sorted = true
			}
			x.find(i, low, left, least)
		}
		left = x.able(left, i+1, least)
	}
	return left
}

// dense is how many postings are read in the time in which one is looked up.
const dense = 16

// able leaves those of threads that can get among the best with the terms from
// i on.
func (x *searching) able(threads []uint16, i int, least float64) []uint16 {
	need := math.Float64bits(max(least-x.rest[i], math.SmallestNonzeroFloat64))
	n := 0
	for _, at := range threads {
		threads[n] = at
		n += int((math.Float64bits(x.scores[at%windowSize])-need)>>63 ^ 1)
	}
	return threads[:n]
}

// addKnown adds the term i to those threads of the window that have a score.
func (x *searching) addKnown(i int, low, high uint32) {
	c, weight, scale := &x.cursors[i], x.terms[i].weight, x.scale
	lengths := x.corpus.lengths[low:high]
	for c.load(low) {
		posts := c.posts[c.at:]
		for j, p := range posts {
			at := p.thread() - low
			if at >= uint32(len(lengths)) {
				c.at += j
				return
			}
			if score := &x.scores[at%windowSize]; *score > 0 {
				*score += scale.score(weight, p.freq(), lengths[at])
			}
		}
		c.at = len(c.posts)
	}
}

// find adds the term i to threads, which are ascending, and gives up those that a
// block brings nowhere near: most blocks need not be unpacked.
func (x *searching) find(i int, low uint32, threads []uint16, least float64) {
	c, weight := &x.cursors[i], x.terms[i].weight
	for _, at := range threads {
		thread := low + uint32(at)
		if b := c.block(thread); b != nil && x.scores[at]+x.scale.most(weight, b.freq, b.ratio)+x.rest[i+1] < least {
			x.scores[at] = 0
		} else if freq := c.freq(thread); freq > 0 {
			x.scores[at] += x.scale.score(weight, freq, x.corpus.lengths[thread])
		}
	}
}
