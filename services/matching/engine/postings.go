package engine

import (
	"cmp"
	"slices"
)

// postings are the threads that have a term, ascending. Most terms are in few
// threads, and most changes are to late ones: those are kept as they are.
type postings struct {
	newest []posting // all after those that are packed
	packed *packed   // nil if there are none
	from   uint32    // the first thread after those that are packed
}

const (
	newestMost = 192 // postings, then the first are packed
	blockFirst = 128 // postings of a new block
)

type packed struct {
	blocks []block
	size   int // postings
	// groups counts them by group, where they are more than those by so much
	// that adding up groups is faster than reading postings; else nil.
	groups []uint32
}

// groupsFrom is how many postings a group there must be, to count by group. With one
// it takes as much memory as the postings do, and a tenth of the time to count.
const groupsFrom = 1

func (p *postings) size() int {
	if p.packed == nil {
		return len(p.newest)
	}
	return p.packed.size + len(p.newest)
}

// all are the postings in a slice of its own.
func (p *postings) all() []posting {
	out := make([]posting, 0, p.size())
	p.each(func(posts []posting) bool {
		out = append(out, posts...)
		return true
	})
	return out
}

// latest are the n newest postings, ascending.
func (p *postings) latest(n int) []posting {
	if p.packed == nil || len(p.newest) >= n {
		return p.newest[max(0, len(p.newest)-n):]
	}
	first, have := len(p.packed.blocks), len(p.newest)
	var room [blockMost]posting
	runs := [][]posting{p.newest}
	for ; first > 0 && have < n; first-- {
		run := slices.Clone(p.packed.blocks[first-1].unpack(room[:]))
		runs, have = append(runs, run), have+len(run)
	}
	slices.Reverse(runs)
	return slices.Concat(runs...)[max(0, have-n):]
}

// each yields all postings in runs, which are not to be kept, until it returns
// false.
func (p *postings) each(yield func([]posting) bool) {
	if p.packed != nil {
		var room [blockMost]posting
		for i := range p.packed.blocks {
			if !yield(p.packed.blocks[i].unpack(room[:])) {
				return
			}
		}
	}
	yield(p.newest)
}

// late reports whether the thread is after all that is packed.
func (p *postings) late(thread uint32) bool { return thread >= p.from }

// block is the index of the one that has the thread, if any has, and else the
// one that would; the thread is not late.
func (p *packed) block(thread uint32) int {
	i, _ := slices.BinarySearchFunc(p.blocks, thread, func(b block, thread uint32) int { return cmp.Compare(b.last, thread) })
	return min(i, len(p.blocks)-1)
}

func find(posts []posting, thread uint32) (int, bool) {
	return slices.BinarySearchFunc(posts, thread, func(p posting, thread uint32) int { return cmp.Compare(p.thread(), thread) })
}

// add counts freq more of the term in thread, to at most 255.
func (p *postings) add(c *corpus, thread uint32, freq uint8) {
	if p.late(thread) {
		if n := len(p.newest); n == cap(p.newest) { // most are short and many: by less than append does
			p.newest = append(make([]posting, 0, min(n+max(1, n/4), newestMost)), p.newest...)
		}
		p.newest = add(p.newest, thread, freq)
		if len(p.newest) >= newestMost {
			p.pack(c)
		}
		return
	}
	i := p.packed.block(thread)
	old := &p.packed.blocks[i]
	before := old.unpack(c.room[:])
	posts := add(before, thread, freq) // there is room for one more
	if len(posts) > len(before) {
		p.packed.count(c, thread, 1)
	}
	if len(posts) > blockMost {
		half := len(posts) / 2
		*old = pack(posts[:half], c.lengths)
		p.packed.blocks = slices.Insert(p.packed.blocks, i+1, pack(posts[half:], c.lengths))
		return
	}
	i, _ = find(posts, thread)
	changed := repack(posts)
	changed.freq, changed.ratio = old.freq, old.ratio
	changed.widen(posts[i].freq(), c.lengths[thread])
	*old = changed
}

func add(posts []posting, thread uint32, freq uint8) []posting {
	if n := len(posts); n == 0 || posts[n-1].thread() < thread {
		return append(posts, post(thread, freq))
	}
	i, ok := find(posts, thread)
	if ok {
		posts[i] = post(thread, uint8(min(int(posts[i].freq())+int(freq), maxFreq)))
		return posts
	}
	return slices.Insert(posts, i, post(thread, freq))
}

// pack packs the first of the newest postings.
func (p *postings) pack(c *corpus) {
	if p.packed == nil {
		p.packed = &packed{}
	}
	first := p.newest[:blockFirst]
	p.packed.blocks = append(grown(p.packed.blocks), pack(first, c.lengths))
	p.from = first[blockFirst-1].thread() + 1
	for _, one := range first {
		p.packed.count(c, one.thread(), 1)
	}
	p.newest = p.newest[:copy(p.newest, p.newest[blockFirst:])]
	if p.packed.groups == nil && p.packed.size >= groupsFrom*len(c.sizes) {
		p.packed.groups = make([]uint32, len(c.sizes))
		for i := range p.packed.blocks {
			for _, one := range p.packed.blocks[i].unpack(c.room[:]) {
				p.packed.groups[c.groups[one.thread()]]++
			}
		}
	}
}

// count takes note of a posting that came (1) or went (-1).
func (p *packed) count(c *corpus, thread uint32, change int) {
	p.size += change
	if p.groups == nil {
		return
	}
	for g := int(c.groups[thread]); g >= len(p.groups); {
		p.groups = append(p.groups, 0)
	}
	p.groups[c.groups[thread]] += uint32(change)
}

// replace sets how often thread has the term, which it has, and takes into
// account how long the thread is now.
func (p *postings) replace(c *corpus, thread uint32, freq uint8) {
	if p.late(thread) {
		if i, ok := find(p.newest, thread); ok {
			p.newest[i] = post(thread, freq)
		}
		return
	}
	b := &p.packed.blocks[p.packed.block(thread)]
	posts := b.unpack(c.room[:])
	i, ok := find(posts, thread)
	if !ok {
		return
	}
	if posts[i].freq() != freq {
		posts[i] = post(thread, freq)
		changed := repack(posts)
		changed.freq, changed.ratio = b.freq, b.ratio
		*b = changed
	}
	b.widen(freq, c.lengths[thread])
}

// remove takes the thread out.
func (p *postings) remove(c *corpus, thread uint32) {
	if p.late(thread) {
		if i, ok := find(p.newest, thread); ok {
			p.newest = slices.Delete(p.newest, i, i+1)
		}
		return
	}
	n := p.packed.block(thread)
	old := &p.packed.blocks[n]
	posts := old.unpack(c.room[:])
	i, ok := find(posts, thread)
	if !ok {
		return
	}
	p.packed.count(c, thread, -1)
	if posts = slices.Delete(posts, i, i+1); len(posts) > 0 {
		changed := repack(posts)
		changed.freq, changed.ratio = old.freq, old.ratio
		*old = changed
		return
	}
	if p.packed.blocks = slices.Delete(p.packed.blocks, n, n+1); len(p.packed.blocks) == 0 {
		p.packed, p.from = nil, 0
	}
}
