package engine

import "math"

// thread is a request with its answers. It has few pointers, for there are
// millions.
type thread struct {
	answers         []answer
	id              key
	community       uint32
	asker           uint32
	order           uint32 // of the community's requests, from 1
	kind, language  uint32 // labels
	tags            labelled
	open, retracted bool
	at              slot
}

// labelled are some labels, one after the other in Engine.tagged.
type labelled struct {
	from  uint32
	count uint16
}

type answer struct {
	response          key
	author            uint32
	order             uint32 // of the community's answers, from 1
	votes             int32
	accepted, thanked bool
	retracted         bool
	at                slot
}

// credit is what an answer says for its author.
func (a answer) credit() float64 {
	c := 1.0
	if a.accepted {
		c += 0.5
	}
	if a.thanked {
		c += 0.5
	}
	if a.votes > 0 {
		c += 0.2 * math.Log1p(float64(a.votes))
	}
	return c
}

// thread returns the request's thread; nil if it was not raised.
func (e *Engine) thread(request string) (uint32, *thread) {
	n, ok := e.ids.threads[keyOf(request)]
	if !ok {
		return 0, nil
	}
	return n, &e.threads[n]
}

func (t *thread) index(response string) int {
	k := keyOf(response)
	for i := range t.answers {
		if t.answers[i].response == k {
			return i
		}
	}
	return -1
}

// request is the id of a thread.
func (e *Engine) request(n uint32) string {
	if id, ok := e.ids.others[n]; ok {
		return id
	}
	return e.threads[n].id.String()
}

// label keeps the labels of a thread.
func (e *Engine) label(names []string) labelled {
	l := labelled{uint32(len(e.tagged)), uint16(min(len(names), math.MaxUint16))}
	for _, name := range names[:l.count] {
		e.tagged = append(e.tagged, e.labels.number(name))
	}
	return l
}

// tags are the names of a thread's tags.
func (e *Engine) tags(t *thread) []string {
	out := make([]string, t.tags.count)
	for i := range out {
		out[i] = e.labels.names[e.tagged[int(t.tags.from)+i]]
	}
	return out
}

// grown is list with room for one more, and for few beyond that: most lists are
// short, and there are many.
func grown[T any](list []T) []T {
	if n := len(list); n == cap(list) {
		return append(make([]T, 0, n+1+n/4), list...)
	}
	return list
}
