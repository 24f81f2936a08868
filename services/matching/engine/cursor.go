package engine

import (
	"cmp"
	"slices"
)

// cursor reads the postings of a term, forth only.
type cursor struct {
	blocks []block
	newest []posting
	next   int // index in blocks of the first one that may matter; len(blocks): newest

	loaded  int       // which one posts are of, -1: none
	posts   []posting // in room, or newest
	at      int       // in posts
	ahead   int       // index in blocks of the first one that fetch has not read
	fetched byte
	room    [blockMost]posting
}

// open begins to read p; nil lets go of what was read.
func (c *cursor) open(p *postings) {
	c.blocks, c.newest, c.posts = nil, nil, nil
	c.next, c.loaded, c.at, c.ahead = 0, -1, 0, 0
	if p == nil {
		return
	}
	c.newest = p.newest
	if p.packed != nil {
		c.blocks = p.packed.blocks
	}
}

// skip is seek for many blocks at once.
func (c *cursor) skip(thread uint32) {
	c.next, _ = slices.BinarySearchFunc(c.blocks, thread, func(b block, thread uint32) int { return cmp.Compare(b.last, thread) })
}

// seek passes over blocks that end before thread.
func (c *cursor) seek(thread uint32) {
	for c.next < len(c.blocks) && c.blocks[c.next].last < thread {
		c.next++
	}
}

// bound is what the term can add to a thread from low to high, exclusive: 0 if
// none of them has it.
func (c *cursor) bound(s scale, weight float64, low, high uint32) float64 {
	c.seek(low)
	freq, ratio := uint8(0), ^uint16(0)
	i := c.next
	for ; i < len(c.blocks) && c.blocks[i].first < high; i++ {
		freq, ratio = max(freq, c.blocks[i].freq), min(ratio, c.blocks[i].ratio)
	}
	if i == len(c.blocks) && len(c.newest) > 0 && c.newest[0].thread() < high && c.newest[len(c.newest)-1].thread() >= low {
		from, _ := find(c.newest, low)
		if c.newest[from].thread() < high {
			freq, ratio = maxFreq, 0
		}
	}
	if freq == 0 {
		return 0
	}
	return s.most(weight, freq, ratio)
}

// count is about how many postings are to be read from low to high.
func (c *cursor) count(low, high uint32) int {
	c.seek(low)
	n := 0
	i := c.next
	for ; i < len(c.blocks) && c.blocks[i].first < high; i++ {
		n += int(c.blocks[i].size)
	}
	if i == len(c.blocks) {
		n += len(c.newest)
	}
	return n
}

// load makes posts, from at on, the next ones that are not before thread; it
// returns false if there are none.
func (c *cursor) load(thread uint32) bool {
	for {
		c.seek(thread)
		if c.loaded != c.next {
			c.loaded, c.at = c.next, 0
			if c.next < len(c.blocks) {
				if c.next >= c.ahead {
					c.fetch()
				}
				c.posts = c.blocks[c.next].unpack(c.room[:])
			} else {
				c.posts = c.newest
			}
		}
		if c.at < len(c.posts) && c.posts[c.at].thread() < thread {
			n, _ := find(c.posts[c.at:], thread)
			c.at += n
		}
		if c.at < len(c.posts) {
			return true
		}
		if c.next == len(c.blocks) {
			return false
		}
		c.next++
	}
}

// fetch reads a byte of each line of the next blocks, so that memory is waited for
// once and not for each of them: they lie apart.
func (c *cursor) fetch() {
	c.ahead = min(c.next+fetchBlocks, len(c.blocks))
	for i := c.next; i < c.ahead; i++ {
		for data := c.blocks[i].packed; ; data = data[64:] {
			c.fetched |= data[0]
			if len(data) <= 64 {
				break
			}
		}
	}
}

// fetchBlocks are some hundred postings, of a few windows.
const fetchBlocks = 4

// block is the one that the thread is in, if it has the term; nil if that is
// unpacked already or not packed.
func (c *cursor) block(thread uint32) *block {
	c.seek(thread)
	if c.next == c.loaded || c.next == len(c.blocks) || c.blocks[c.next].first > thread {
		return nil
	}
	return &c.blocks[c.next]
}

// freq is how often thread has the term.
func (c *cursor) freq(thread uint32) uint8 {
	c.seek(thread)
	if c.next < len(c.blocks) && c.blocks[c.next].first > thread {
		return 0
	}
	if !c.load(thread) || c.posts[c.at].thread() != thread {
		return 0
	}
	return c.posts[c.at].freq()
}

// topHits is a heap with the worst hit on top.
type topHits []hit

func (h topHits) less(a, b hit) bool {
	return a.score < b.score || a.score == b.score && a.thread > b.thread
}

func (h topHits) wants(x hit, k int) bool { return len(h) < k || h.less(h[0], x) }

func (h *topHits) add(x hit, k int) {
	if len(*h) == k {
		(*h)[0] = x
		h.down()
		return
	}
	*h = append(*h, x)
	for i := len(*h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less((*h)[i], (*h)[up]) {
			return
		}
		(*h)[i], (*h)[up] = (*h)[up], (*h)[i]
		i = up
	}
}

func (h *topHits) down() {
	s := *h
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(s) {
			return
		}
		if child+1 < len(s) && s.less(s[child+1], s[child]) {
			child++
		}
		if !s.less(s[child], s[i]) {
			return
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}
