package pairing

// cover pairs as many people as can be paired, without taking apart more than it
// must, and of those who can be paired instead of each other the ones who have
// waited longer.
//
// For each person without a partner, those who have waited longest first, it
// looks for an alternating path: to somebody else without a partner, then both
// get one; or to somebody with a partner who has waited less, then they take the
// place. Paths are found as by Edmonds (Paths, trees, and flowers, 1965), odd
// cycles contracted, on a graph that is not stored: two people are neighbours if
// may says so. That taking people in the order of their weight is enough follows
// from the sets that can be paired together being the independent sets of a
// matroid (Edmonds and Fulkerson 1965).
func (r *round) cover(may func(a, b int32) bool) {
	s := newSearch(r, may)
	for waited := s.longest; waited >= 0; waited-- {
		for len(s.free[waited]) > 0 {
			root := s.free[waited][0]
			s.free[waited] = s.free[waited][1:]
			if r.mate[root] == nobody {
				s.place(root)
			}
		}
	}
}

// search is the state of cover. Of a search for one person: who is outer is
// reached by an even path, parent leads back along it.
type search struct {
	*round
	neighbours func(a, b int32) bool
	longest    int
	free       [][]int32 // by rounds of waiting
	done       []bool    // reached in vain: nothing can be found through them

	parent, base []int32
	outer        []bool
	inBlossom    []bool
	queue        []int32
}

// maxWaiting bounds the levels of waiting that are told apart.
const maxWaiting = 8

func newSearch(r *round, may func(a, b int32) bool) *search {
	n := len(r.people)
	s := &search{
		round: r, neighbours: may, free: make([][]int32, maxWaiting+1), done: make([]bool, n),
		parent: make([]int32, n), base: make([]int32, n), outer: make([]bool, n), inBlossom: make([]bool, n),
	}
	for _, i := range r.unpaired() {
		w := s.waited(i)
		s.free[w] = append(s.free[w], i)
		s.longest = max(s.longest, w)
	}
	return s
}

func (s *search) waited(i int32) int { return min(max(s.people[i].Waiting, 0), maxWaiting) }

// place finds a partner for root, or a place that somebody gives up to them.
func (s *search) place(root int32) {
	for i := range s.parent {
		s.parent[i], s.base[i], s.outer[i] = nobody, int32(i), false
	}
	s.outer[root] = true
	s.queue = append(s.queue[:0], root)
	least := root // the outer person who has waited least
	for len(s.queue) > 0 {
		v := s.queue[0]
		s.queue = s.queue[1:]
		if s.waited(v) < s.waited(least) {
			if least = v; s.waited(v) == 0 {
				break
			}
		}
		if end := s.grow(root, v); end != nobody {
			s.flip(end)
			return
		}
	}
	if least != root {
		before := s.mate[least]
		s.mate[least] = nobody
		s.flip(before)
		w := s.waited(least)
		s.free[w] = append(s.free[w], least)
		return
	}
	// Everybody who is reached has waited as long as root, and so as long as
	// all who come after root.
	for i := range s.done {
		s.done[i] = s.done[i] || s.outer[i] || s.parent[i] != nobody
	}
}

// grow looks at the neighbours of v, which is outer. It returns one without a
// partner, or nobody.
func (s *search) grow(root, v int32) int32 {
	for i := range s.people {
		w := int32(i)
		reached := s.parent[w] != nobody && !s.outer[w]
		if reached || s.done[w] || s.base[v] == s.base[w] || s.mate[v] == w || !s.neighbours(v, w) {
			continue
		}
		switch {
		case s.outer[w]:
			s.contract(root, v, w)
		case s.parent[w] == nobody:
			s.parent[w] = v
			m := s.mate[w]
			if m == nobody {
				return w
			}
			s.outer[m] = true
			s.queue = append(s.queue, m)
		}
	}
	return nobody
}

// contract makes one of the odd cycle that the edge of v and w closes: all of it
// is outer.
func (s *search) contract(root, v, w int32) {
	top := s.common(root, v, w)
	clear(s.inBlossom)
	s.mark(v, top, w)
	s.mark(w, top, v)
	for i := range s.base {
		if s.inBlossom[s.base[i]] {
			s.base[i] = top
			if !s.outer[i] {
				s.outer[i] = true
				s.queue = append(s.queue, int32(i))
			}
		}
	}
}

// common is the base where the paths from v and from w to root meet.
func (s *search) common(root, v, w int32) int32 {
	clear(s.inBlossom) // as marks of the path
	for {
		v = s.base[v]
		s.inBlossom[v] = true
		if v == s.base[root] {
			break
		}
		v = s.parent[s.mate[v]]
	}
	for {
		w = s.base[w]
		if s.inBlossom[w] {
			return w
		}
		w = s.parent[s.mate[w]]
	}
}

// mark walks from v up to top, and leads back to child, across the cycle, from
// those who were not reached by an odd path.
func (s *search) mark(v, top, child int32) {
	for s.base[v] != top {
		m := s.mate[v]
		s.inBlossom[s.base[v]], s.inBlossom[s.base[m]] = true, true
		s.parent[v] = child
		child = m
		v = s.parent[m]
	}
}

// flip gives everybody on the path back from w the other partner.
func (s *search) flip(w int32) {
	for w != nobody {
		v := s.parent[w]
		next := s.mate[v]
		s.pair(v, w)
		w = next
	}
}
