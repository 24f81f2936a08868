package engine

import (
	"math"
	"slices"
	"time"
)

// Prefer sets a person's own limits: to be left out, or to at most limit
// proposals within the window.
func (e *Engine) Prefer(person string, optOut bool, limit int) {
	h := &e.helper[e.person(person)]
	h.optOut, h.cap, h.capped = optOut, int32(min(limit, math.MaxInt32)), true
}

// Availability of a helper. Whoever is limited is proposed half as often.
const (
	Available = "available"
	Limited   = "limited"
	Away      = "away"
)

// SetAvailability takes one of the values above.
func (e *Engine) SetAvailability(person, availability string) {
	h := &e.helper[e.person(person)]
	h.away, h.limited = availability == Away, availability == Limited
}

// Propose notes that people were proposed for a request at a time.
func (e *Engine) Propose(request string, at time.Time, people []string) {
	n, t := e.thread(request)
	if t == nil {
		return
	}
	for _, person := range people {
		h := &e.helper[e.person(person)]
		if len(h.proposals) == cap(h.proposals) {
			// Before the list grows: what was answered and is older than any
			// window no longer counts.
			h.proposals = slices.DeleteFunc(h.proposals, func(p proposal) bool {
				return p.at < at.Add(-longestWindow).UnixMicro() && (p.answer != silent || !e.threads[p.thread].open)
			})
		}
		h.proposals = append(h.proposals, proposal{at.UnixMicro(), n, silent})
		h.turns.add(uint32(len(e.threads)))
	}
}

// longestWindow bounds how long proposals are kept to be counted.
const longestWindow = 31 * 24 * time.Hour

// Answered notes whether a proposed helper said "I can help" or "not me".
func (e *Engine) Answered(request, person string, canHelp bool) {
	n, t := e.thread(request)
	if t == nil {
		return
	}
	h := &e.helper[e.person(person)]
	for i := range h.proposals {
		if h.proposals[i].thread == n {
			h.proposals[i].answer = no
			if canHelp {
				h.proposals[i].answer = yes
			}
		}
	}
}

// Load is how many proposals a person got after since, and how many of all
// still wait for an answer.
func (e *Engine) Load(person string, since time.Time) (recent, waiting int) {
	if n, ok := e.people[person]; ok {
		return e.load(n, since)
	}
	return 0, 0
}

func (e *Engine) load(person uint32, since time.Time) (recent, waiting int) {
	from := since.UnixMicro()
	for _, p := range e.helper[person].proposals {
		if p.at > from {
			recent++
		}
		if p.answer == silent && e.threads[p.thread].open {
			waiting++
		}
	}
	return recent, waiting
}

// full reports whether the person is not to be proposed to: by their own wish
// or by the limit on proposals within the window.
func (e *Engine) full(person uint32, recent, limit int) bool {
	h := &e.helper[person]
	if h.optOut || h.away {
		return true
	}
	if h.capped {
		limit = int(h.cap)
	}
	if h.limited {
		limit = (limit + 1) / 2
	}
	return recent >= limit
}
