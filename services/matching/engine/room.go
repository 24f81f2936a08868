package engine

import "math"

// places numbers people from 0 in the order in which they are met: a table that
// is as large as the number of those who are met, not as that of all.
type places struct {
	table []place // by hash; a power of two, at most half of it in use
	met   []uint32
}

type place struct{ next, person uint32 } // next is 1 + the place, 0: none

// of is the place of a person, which they get if they have none.
func (p *places) of(person uint32) int {
	if 2*len(p.met) >= len(p.table) {
		p.grow()
	}
	at := p.at(person)
	if at.next == 0 {
		p.met = append(p.met, person)
		*at = place{uint32(len(p.met)), person}
	}
	return int(at.next) - 1
}

// find is the place of a person; -1 if they have none.
func (p *places) find(person uint32) int {
	if len(p.met) == 0 {
		return -1
	}
	return int(p.at(person).next) - 1
}

// at is where a person is in the table, or would be.
func (p *places) at(person uint32) *place {
	mask := uint32(len(p.table) - 1)
	for i := person * golden >> 7; ; i++ {
		if at := &p.table[i&mask]; at.next == 0 || at.person == person {
			return at
		}
	}
}

// golden is 2³² times the golden section, which scatters numbers that follow one
// another (Knuth, "The Art of Computer Programming" 3, 6.4).
const golden = 2654435769

func (p *places) grow() {
	p.table = make([]place, max(1024, 2*len(p.table)))
	for i, person := range p.met {
		*p.at(person) = place{uint32(i) + 1, person}
	}
}

// clear forgets everybody and keeps the memory.
func (p *places) clear() {
	clear(p.table)
	p.met = p.met[:0]
}

// room is the memory in which candidates are gathered, used again and again.
type room struct {
	candidates places // in
	found      []evidence
	others     places // for a while
	tagged     []tagged
	scores     []scored
	turns      []turn
	values     []float64
	matching   topicRoom
}

// clear makes the room ready for others.
func (r *room) clear() {
	r.candidates.clear()
	clear(r.found) // it names tags of who asked
	r.found = r.found[:0]
}

// half is how something fades: by half with each so many of what comes after.
type half struct {
	after float64
	known []float64 // what is left after each of the first ones
}

// known is how many steps are looked up: calculating one takes five times as long.
const known = 4096

func newHalf(after float64) half {
	h := half{after, make([]float64, known)}
	for i := range h.known {
		h.known[i] = math.Exp2(-float64(i) / after)
	}
	return h
}

// left is what is left of 1 after n.
func (h *half) left(n uint32) float64 {
	if n < uint32(len(h.known)) {
		return h.known[n]
	}
	return math.Exp2(-float64(n) / h.after)
}

// fades are all that there are.
type fades struct {
	vote, tag, tagLately half
	paces                [len(halves)]half
}

func newFades() *fades {
	f := &fades{vote: newHalf(voteHalf), tag: newHalf(tagHalf), tagLately: newHalf(tagLatelyHalf)}
	for i, after := range halves {
		f.paces[i] = newHalf(after)
	}
	return f
}

// left is what is left of a pace, by the half of a number, after so many answers.
func (f *fades) left(p pace, number int, answers uint32) float64 {
	return float64(p[number]) * f.paces[number].left(answers)
}
