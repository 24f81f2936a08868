package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kith/pkg/text"
)

// TopicLine is a line of "I can help with" in a profile: its stems by language,
// for a line of three words seldom says in which language it is.
type TopicLine struct {
	Line  int // of the profile, from 0
	Terms map[string][]text.Term
}

// TopicTerms analyses one line.
func TopicTerms(a *text.Analyser, line int, words string) TopicLine {
	t := TopicLine{Line: line, Terms: map[string][]text.Term{}}
	for _, l := range text.Languages() {
		t.Terms[l] = a.Terms(l, text.Field{Text: words, Weight: 1})
	}
	return t
}

// topics is what people say they can help with.
type topics struct {
	of        map[uint32][]TopicLine
	lines     map[string]map[topicRef]struct{} // language and stem → lines
	compounds *text.Compounds                  // of the stems in lines
	count     int
	words     int // sum of lengths in the first language
}

type topicRef struct {
	person uint32
	index  int
}

func newTopics() *topics {
	return &topics{of: map[uint32][]TopicLine{}, lines: map[string]map[topicRef]struct{}{}, compounds: text.NewCompounds(text.NewAnalyser())}
}

// set replaces the topics of person.
func (t *topics) set(person uint32, list []TopicLine) {
	t.each(person, func(key string, ref topicRef) {
		delete(t.lines[key], ref)
		if len(t.lines[key]) == 0 {
			delete(t.lines, key)
		}
	})
	for _, topic := range t.of[person] {
		t.count, t.words = t.count-1, t.words-len(topic.Terms[text.Languages()[0]])
	}
	delete(t.of, person)
	if len(list) == 0 {
		return
	}
	t.of[person] = list
	for _, topic := range list {
		for _, terms := range topic.Terms {
			for _, term := range terms {
				t.compounds.Add(term.Text)
			}
		}
	}
	t.each(person, func(key string, ref topicRef) {
		if t.lines[key] == nil {
			t.lines[key] = map[topicRef]struct{}{}
		}
		t.lines[key][ref] = struct{}{}
	})
	for _, topic := range list {
		t.count, t.words = t.count+1, t.words+len(topic.Terms[text.Languages()[0]])
	}
}

func (t *topics) each(person uint32, visit func(key string, ref topicRef)) {
	for i, topic := range t.of[person] {
		for _, l := range text.Languages() {
			for _, term := range topic.Terms[l] {
				visit(l+" "+term.Text, topicRef{person, i})
			}
		}
	}
}

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

// match scores the lines that share stems, or parts of them, with the query by
// BM25, in proportion to how much of the line was asked for: who offers
// "procurement law" is no better for "law" than who offers "law".
func (t *topics) match(query []text.Term, language string) map[uint32]topicHit {
	if !slices.Contains(text.Languages(), language) {
		language = text.Languages()[0]
	}
	asked := map[string]bool{}
	for _, q := range query {
		asked[q.Text] = true
	}
	fits := t.related(query, language, asked)
	for term := range asked {
		fits[term] = 1
	}
	refs := t.having(fits, language)
	idfs := map[string]float64{}
	idf := func(term string) float64 {
		v, ok := idfs[term]
		if !ok {
			n := float64(len(t.lines[language+" "+term]))
			v = math.Log(1 + (float64(max(t.count, fewLines))-n+0.5)/(n+0.5))
			idfs[term] = v
		}
		return v
	}
	average := float64(t.words) / float64(max(t.count, 1))
	best := map[uint32]topicHit{}
	for ref := range refs {
		topic := t.of[ref.person][ref.index]
		terms := topic.Terms[language]
		norm := k1 * (1 - b + b*float64(len(terms))/max(average, 1))
		var score, matched, whole float64
		for _, term := range terms { // sorted: sums do not depend on the map
			rare, fit := idf(term.Text), fits[term.Text]
			whole += rare
			matched += fit * rare
			score += fit * rare * (k1 + 1) / (1 + norm)
		}
		hit := topicHit{topic.Line, score * matched / whole}
		if old, ok := best[ref.person]; !ok || hit.score > old.score || hit.score == old.score && hit.line < old.line {
			best[ref.person] = hit
		}
	}
	return best
}

// having are the lines that have one of the terms: the rarest terms first, until
// there are enough. Who has only what nearly everybody has is no match anyway.
func (t *topics) having(terms map[string]float64, language string) map[topicRef]bool {
	type used struct {
		term  string
		lines map[topicRef]struct{}
	}
	var all []used
	for term := range terms {
		if lines := t.lines[language+" "+term]; len(lines) > 0 {
			all = append(all, used{term, lines})
		}
	}
	slices.SortFunc(all, func(a, b used) int {
		return cmp.Or(cmp.Compare(len(a.lines), len(b.lines)), cmp.Compare(a.term, b.term))
	})
	refs := map[topicRef]bool{}
	for _, u := range all {
		if len(refs) >= enoughLines {
			break
		}
		for ref := range u.lines {
			refs[ref] = true
		}
	}
	return refs
}

// related are stems of lines that share a part with what is asked for, with
// the share that each deserves, below 1.
func (t *topics) related(query []text.Term, language string, asked map[string]bool) map[string]float64 {
	count := func(term string) int {
		n := len(t.lines[language+" "+term])
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
		for _, r := range t.compounds.Related(language, q.Text, count) {
			if !asked[r.Term] {
				out[r.Term] = min(out[r.Term]+r.Share, maxShare)
			}
		}
	}
	return out
}

// SetTopics replaces what a person can help with.
func (e *Engine) SetTopics(person string, list []TopicLine) { e.topics.set(e.person(person), list) }

func (t *topics) digest(d *digest, name func(person uint32) string) {
	for person, list := range t.of {
		for _, topic := range list {
			for _, l := range text.Languages() {
				d.add("topic", name(person), fmt.Sprint(topic.Line, l, topic.Terms[l]))
			}
		}
	}
}
