package engine

import (
	"fmt"
	"slices"
	"strings"

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
	of        map[uint32][]uint32 // numbers of the lines of a person
	lines     []topicLine
	free      []uint32 // lines that are no more
	stems     [languages]stems
	compounds *text.Compounds // of the stems in lines
	count     int
	words     int // sum of lengths in the first language
}

const languages = 3 // as text.Languages

// topicLine is a line with its stems by language, ascending by name.
type topicLine struct {
	person uint32
	line   int32
	stems  [languages][]uint32
}

// stems are the words of all lines in a language.
type stems struct {
	ids   map[string]uint32
	names []string
	lines [][]uint32 // by stem, in no order
}

func newTopics() *topics {
	t := &topics{of: map[uint32][]uint32{}, compounds: text.NewCompounds(text.NewAnalyser())}
	for i := range t.stems {
		t.stems[i].ids = map[string]uint32{}
	}
	return t
}

func (s *stems) number(name string) uint32 {
	id, ok := s.ids[name]
	if !ok {
		name = strings.Clone(name) // not a slice of a whole text
		id = uint32(len(s.names))
		s.ids[name], s.names, s.lines = id, append(s.names, name), append(s.lines, nil)
	}
	return id
}

// having are the lines with a stem.
func (s *stems) having(name string) []uint32 {
	if id, ok := s.ids[name]; ok {
		return s.lines[id]
	}
	return nil
}

// set replaces the topics of person.
func (t *topics) set(person uint32, list []TopicLine) {
	for _, n := range t.of[person] {
		t.drop(n)
	}
	delete(t.of, person)
	if len(list) == 0 {
		return
	}
	numbers := make([]uint32, len(list))
	for i, topic := range list {
		numbers[i] = t.add(person, topic)
	}
	t.of[person] = numbers
}

func (t *topics) add(person uint32, topic TopicLine) uint32 {
	n := uint32(len(t.lines))
	if last := len(t.free) - 1; last >= 0 {
		n, t.free = t.free[last], t.free[:last]
	} else {
		t.lines = append(t.lines, topicLine{})
	}
	line := topicLine{person: person, line: int32(topic.Line)}
	for i, l := range text.Languages() {
		s, terms := &t.stems[i], topic.Terms[l]
		line.stems[i] = make([]uint32, len(terms))
		for j, term := range terms {
			t.compounds.Add(term.Text)
			id := s.number(term.Text)
			line.stems[i][j] = id
			s.lines[id] = append(s.lines[id], n)
		}
	}
	t.lines[n] = line
	t.count, t.words = t.count+1, t.words+len(line.stems[0])
	return n
}

func (t *topics) drop(n uint32) {
	line := &t.lines[n]
	for i, list := range line.stems {
		s := &t.stems[i]
		for _, id := range list {
			at := slices.Index(s.lines[id], n)
			s.lines[id] = slices.Delete(s.lines[id], at, at+1)
		}
	}
	t.count, t.words = t.count-1, t.words-len(line.stems[0])
	*line = topicLine{}
	t.free = append(t.free, n)
}

// SetTopics replaces what a person can help with.
func (e *Engine) SetTopics(person string, list []TopicLine) { e.topics.set(e.person(person), list) }

func (t *topics) digest(d *digest, name func(person uint32) string) {
	for person, numbers := range t.of {
		for _, n := range numbers {
			for i, l := range text.Languages() {
				var words []string
				for _, id := range t.lines[n].stems[i] {
					words = append(words, t.stems[i].names[id])
				}
				d.add("topic", name(person), fmt.Sprint(t.lines[n].line, l, words))
			}
		}
	}
}
