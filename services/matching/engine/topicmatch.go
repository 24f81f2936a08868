package engine

import (
	"cmp"
	"math"
	"slices"

	"kith/pkg/text"
)

// fewLines is the number of lines below which rarity says nothing yet: where
// three people have written a profile, every word is frequent.
const fewLines = 100

const (
	// maxTopicSplit is how many terms of a question are looked at for compounds:
	// more than where requests are compared, for profiles have few.
	maxTopicSplit = 60
	// enoughLines are looked at for a question, and those of one more term.
	enoughLines = 1000
	// maxShare is what a stem counts at most that is only related to what is asked.
	maxShare = 0.8
)

// topicHit is the line of a person that fits best.
type topicHit struct {
	line  int
	score float64
}

// topicRoom is the memory in which lines are matched.
type topicRoom struct {
	stems  []askedStem // by stem
	known  []uint32    // those of which something is known
	looked []uint64    // by line, a bit: it is among
	lines  []uint32
	people places // who are found, in
	best   []topicHit
}

type askedStem struct {
	fit float64 // how much of what is asked it is, 0 to 1
	idf float64 // 0: not known yet
}

// stem is what is known of one.
func (r *topicRoom) stem(id uint32) *askedStem {
	s := &r.stems[id]
	if s.fit == 0 && s.idf == 0 {
		r.known = append(r.known, id)
	}
	return s
}

// begin makes room for as many stems and lines, with nothing known of them.
func (r *topicRoom) begin(stems, lines int) {
	for _, id := range r.known {
		r.stems[id] = askedStem{}
	}
	for _, n := range r.lines {
		r.looked[n/64] = 0
	}
	r.known, r.lines, r.best = r.known[:0], r.lines[:0], r.best[:0]
	r.people.clear()
	r.stems = append(r.stems, make([]askedStem, max(0, stems-len(r.stems)))...)
	r.looked = append(r.looked, make([]uint64, max(0, lines/64+1-len(r.looked)))...)
}

// match scores the lines that share stems, or parts of them, with the query by
// BM25, in proportion to how much of the line was asked for: who offers
// "procurement law" is no better for "law" than who offers "law". It leaves who
// is found in r.people, and their lines in r.best.
func (t *topics) match(query []text.Term, language string, r *topicRoom) {
	l := max(0, slices.Index(text.Languages(), language))
	s := &t.stems[l]
	r.begin(len(s.names), len(t.lines))
	t.look(t.fitting(query, l, r), s, r)
	lines, average := float64(max(t.count, fewLines)), float64(t.words)/float64(max(t.count, 1))
	for _, n := range r.lines {
		line := &t.lines[n]
		norm := k1 * (1 - b + b*float64(len(line.stems[l]))/max(average, 1))
		var score, matched, whole float64
		for _, id := range line.stems[l] {
			stem := r.stem(id)
			if stem.idf == 0 {
				having := float64(len(s.lines[id]))
				stem.idf = math.Log(1 + (lines-having+0.5)/(having+0.5))
			}
			whole += stem.idf
			matched += float64(stem.fit * stem.idf)
			score += stem.fit * stem.idf * (k1 + 1) / (1 + norm)
		}
		r.offer(line.person, topicHit{int(line.line), score * matched / whole})
	}
}

// offer takes a line if it is the person's best so far.
func (r *topicRoom) offer(person uint32, hit topicHit) {
	at := r.people.of(person)
	if at == len(r.best) {
		r.best = append(r.best, hit)
	} else if old := r.best[at]; hit.score > old.score || hit.score == old.score && hit.line < old.line {
		r.best[at] = hit
	}
}

// fitting notes how much each stem of query is, and those that are related to
// one, and returns those that are in lines.
func (t *topics) fitting(query []text.Term, l int, r *topicRoom) (used []uint32) {
	s := &t.stems[l]
	fits := func(name string, fit float64) {
		if id, ok := s.ids[name]; ok && len(s.lines[id]) > 0 && r.stems[id].fit == 0 {
			r.stem(id).fit = fit
			used = append(used, id)
		}
	}
	asked := make(map[string]bool, len(query))
	for _, q := range query {
		asked[q.Text] = true
		fits(q.Text, 1)
	}
	for name, share := range t.related(query, l, asked) {
		fits(name, share)
	}
	return used
}

// look takes the lines that have one of the stems: the rarest first, until
// there are enough. Who has only what nearly everybody has is no match anyway.
func (t *topics) look(used []uint32, s *stems, r *topicRoom) {
	slices.SortFunc(used, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(len(s.lines[a]), len(s.lines[b])), cmp.Compare(s.names[a], s.names[b]))
	})
	for _, id := range used {
		if len(r.lines) >= enoughLines {
			break
		}
		for _, n := range s.lines[id] {
			if bit := uint64(1) << (n % 64); r.looked[n/64]&bit == 0 {
				r.looked[n/64] |= bit
				r.lines = append(r.lines, n)
			}
		}
	}
}

// related are stems of lines that share a part with what is asked for, with
// the share that each deserves, below 1.
func (t *topics) related(query []text.Term, l int, asked map[string]bool) map[string]float64 {
	s := &t.stems[l]
	count := func(term string) int {
		n := len(s.having(term))
		if asked[term] {
			return max(n, 1)
		}
		return n
	}
	query = slices.SortedFunc(slices.Values(query), func(a, b text.Term) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
	})
	out := map[string]float64{}
	for _, q := range query[:min(len(query), maxTopicSplit)] {
		for _, r := range t.compounds.Related(text.Languages()[l], q.Text, count) {
			if !asked[r.Term] {
				out[r.Term] = min(out[r.Term]+r.Share, maxShare)
			}
		}
	}
	return out
}
