package engine

import "slices"

// sight is what may speak: threads of the groups that are seen, and single ones
// besides. What is counted, such as how rare a word is, is counted in the
// groups alone, so that what is unseen changes nothing.
type sight struct {
	size
	engine *Engine
	open   []uint8 // by group: 1 if it is seen; nil: all
	single func(community, request string) bool
}

// sight asks about each community once.
func (e *Engine) sight(sees func(community, request string) bool) *sight {
	s := &sight{engine: e, single: sees}
	hidden := false
	if sees != nil {
		s.open = make([]uint8, len(e.byNumber))
	}
	for i, c := range e.byNumber {
		if s.open != nil {
			if !sees(c.id, "") {
				hidden = true
				continue
			}
			s.open[i] = 1
		}
		if i < len(e.corpus.sizes) {
			s.live += e.corpus.sizes[i].live
			s.total += e.corpus.sizes[i].total
		}
	}
	if !hidden {
		s.open = nil
	}
	return s
}

func (s *sight) group(number uint32) bool { return s.open == nil || s.open[number] == 1 }

func (s *sight) sees(thread uint32) bool {
	if s.group(s.engine.corpus.groups[thread]) {
		return true
	}
	return s.single(s.engine.byNumber[s.engine.threads[thread].community].id, s.engine.request(thread))
}

// count returns how many of posts are in groups that are seen, and whether
// another thread than except is seen.
func (s *sight) count(posts []posting, except int) (n int, another bool) {
	if s.open == nil {
		return len(posts), len(posts) > 1 || len(posts) == 1 && int(posts[0].thread()) != except
	}
	n = s.seen(posts)
	another = n > 1
	for i := 0; i < len(posts) && !another; i++ {
		another = int(posts[i].thread()) != except && s.sees(posts[i].thread())
	}
	return n, another
}

// seen is how many of posts are in groups that are seen, some of which are hidden.
func (s *sight) seen(posts []posting) (n int) {
	groups, open := s.engine.corpus.groups, s.open
	for _, p := range posts {
		n += int(open[groups[p.thread()]])
	}
	return n
}

// having is count for postings as they are kept; nil are none.
func (s *sight) having(p *postings, except int) (n int, another bool) {
	if p == nil {
		return 0, false
	}
	if s.open == nil {
		if n = p.size(); n != 1 {
			return n, n > 1
		}
		return s.count(p.all(), except)
	}
	if p.packed != nil && p.packed.groups != nil {
		open := s.open[:len(p.packed.groups)]
		for group, having := range p.packed.groups {
			n += int(having & -uint32(open[group]))
		}
		newest, _ := s.count(p.newest, except)
		if n += newest; n > 1 {
			return n, true
		}
		n = 0
	}
	p.each(func(posts []posting) bool {
		n += s.seen(posts)
		return true
	})
	another = n > 1
	p.each(func(posts []posting) bool {
		another = another || slices.ContainsFunc(posts, func(one posting) bool {
			return int(one.thread()) != except && s.sees(one.thread())
		})
		return !another
	})
	return n, another
}

// given is what a person answered in communities that are seen.
func (s *sight) given(person uint32) (answers, accepted int32) {
	for _, g := range s.engine.helper[person].given {
		if s.group(g.community) {
			answers, accepted = answers+g.answers, accepted+g.accepted
		}
	}
	return answers, accepted
}

// HasAnswered reports whether the person has answered the request.
func (e *Engine) HasAnswered(person, request string) bool {
	who, known := e.people[person]
	_, t := e.thread(request)
	return known && t != nil && t.answeredBy(who)
}

// Asked reports whether the request is the person's.
func (e *Engine) Asked(person, request string) bool {
	who, known := e.people[person]
	_, t := e.thread(request)
	return known && t != nil && t.asker == who
}

// Responses counts the responses to a request that are not retracted.
func (e *Engine) Responses(request string) (n int) {
	_, t := e.thread(request)
	if t == nil {
		return 0
	}
	for _, a := range t.answers {
		if !a.retracted {
			n++
		}
	}
	return n
}

func (t *thread) answeredBy(person uint32) bool {
	return slices.ContainsFunc(t.answers, func(a answer) bool { return a.author == person && !a.retracted })
}

// HasAnsweredTag reports whether the person has answered a request with the
// tag, other than the one named, that sees lets through.
func (e *Engine) HasAnsweredTag(person, tag, other string, sees func(community, request string) bool) bool {
	who, ok := e.people[person]
	if !ok {
		return false
	}
	for _, p := range slices.Backward(e.corpus.posting("#" + tag)) { // the newest are the likeliest to be seen
		t := &e.threads[p.thread()]
		if !t.answeredBy(who) {
			continue
		}
		if id := e.request(p.thread()); id != other && (sees == nil || sees(e.byNumber[t.community].id, id)) {
			return true
		}
	}
	return false
}
