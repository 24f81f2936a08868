// Package engine finds earlier requests that resemble a text, and people who
// can help with one. It is a data structure in memory: it does no I/O, knows
// no clock, and the same calls in the same order give the same answers.
//
// It keeps terms of texts, ids and counts, never a whole text.
package engine

import (
	"fmt"
	"math"
	"sync"
	"time"

	"kith/pkg/text"
)

// Engine is the index. One writer or any number of readers may use it at a
// time; its owner guards it.
type Engine struct {
	corpus  *corpus
	topics  *topics
	ids     requests
	threads []thread
	labels  labels   // of threads
	tagged  []uint32 // labels, see labelled

	people map[string]uint32
	names  []string // by person
	helper []helper // by person

	communities map[string]*community
	byNumber    []*community

	learner learner
	fades   *fades
	rooms   *sync.Pool // of *room
	without Features   // 0 for those that count, 1 for those that do not
}

// New returns an empty Engine.
func New() *Engine {
	return &Engine{
		corpus: newCorpus(), topics: newTopics(), ids: newRequests(), labels: newLabels(), people: map[string]uint32{},
		communities: map[string]*community{}, learner: newLearner(), fades: newFades(),
		rooms: &sync.Pool{New: func() any { return new(room) }},
	}
}

func (e *Engine) person(id string) uint32 {
	if n, ok := e.people[id]; ok {
		return n
	}
	n := uint32(len(e.names))
	e.people[id] = n
	e.names = append(e.names, id)
	e.helper = append(e.helper, helper{})
	return n
}

// Request is a question as the engine takes it in.
type Request struct {
	ID, Community, Asker, Kind string
	Language                   string // of Words
	Tags                       []string
	Words                      text.Bag // as Read has it, with the tags
	At                         time.Time
}

// Read takes in words and tags: of a question, or without tags of an answer.
// The language is found out if tag is "". It may be called at any time.
func (e *Engine) Read(tag string, tags []string, fields ...text.Field) (language string, words text.Bag) {
	return e.corpus.vocabulary.Read(tag, withTags(nil, tags), fields...)
}

// Raise adds a request. One that is there already stays as it is.
func (e *Engine) Raise(r Request) {
	if _, t := e.thread(r.ID); t != nil {
		return
	}
	n := uint32(len(e.threads))
	c := e.community(r.Community)
	c.requests++
	e.corpus.add(c.number)
	asker := e.person(r.Asker)
	e.threads = append(e.threads, thread{
		id: e.ids.add(r.ID, n), community: c.number, kind: e.labels.number(r.Kind), language: e.labels.number(r.Language),
		asker: asker, tags: e.label(r.Tags), order: c.requests, open: true, at: slotOf(r.At),
	})
	e.helper[asker].asks(n)
	e.corpus.set(n, 0, r.Words)
	e.observe(n)
}

// Correct replaces the texts of a request, see Request.
func (e *Engine) Correct(request, language string, tags []string, words text.Bag) {
	n, t := e.thread(request)
	if t == nil || t.retracted {
		return
	}
	t.tags, t.language = e.label(tags), e.labels.number(language)
	e.corpus.set(n, 0, words)
}

// Retract takes a request out for good, with what was answered to it.
func (e *Engine) Retract(request string) {
	n, t := e.thread(request)
	if t == nil {
		return
	}
	for i := range t.answers {
		e.forget(t, i)
	}
	t.retracted, t.open, t.tags = true, false, labelled{}
	e.learner.drop(n)
	e.corpus.clear(n)
}

// SetOpen says whether the request still waits for help.
func (e *Engine) SetOpen(request string, open bool) {
	n, t := e.thread(request)
	if t == nil {
		return
	}
	t.open = open && !t.retracted
	if !open {
		e.learn(n)
	}
}

// Answer adds a response that was given at a time. Votes are those of imported history.
func (e *Engine) Answer(request, response, author string, at time.Time, votes int) {
	_, t := e.thread(request)
	if t == nil || t.retracted || t.index(response) >= 0 {
		return
	}
	a := answer{response: keyOf(response), author: e.person(author), votes: int32(max(min(votes, math.MaxInt32), 0)), at: slotOf(at)}
	c := e.byNumber[t.community]
	a.order = c.answer(a.author, a.at)
	t.answers = append(grown(t.answers), a)
	e.helper[a.author].in(c.number).add(a.order, a.at)
}

// SetAnswerWords sets the words by which an answer makes its request found.
func (e *Engine) SetAnswerWords(request, response string, words text.Bag) {
	n, t := e.thread(request)
	if t == nil || t.retracted {
		return
	}
	if i := t.index(response); i >= 0 && !t.answers[i].retracted {
		e.corpus.set(n, 1+uint32(i), words)
	}
}

// RetractAnswer takes a response out.
func (e *Engine) RetractAnswer(request, response string) {
	n, t := e.thread(request)
	if t == nil {
		return
	}
	if i := t.index(response); i >= 0 {
		e.forget(t, i)
		e.corpus.set(n, 1+uint32(i), text.Bag{})
	}
}

// Accept marks a response as accepted, Thank as thanked for.
func (e *Engine) Accept(request, response string) {
	e.answer(request, response, func(t *thread, a *answer) {
		if !a.accepted {
			a.accepted = true
			e.helper[a.author].in(t.community).accepted++
		}
	})
}

// Thank marks a response as thanked for.
func (e *Engine) Thank(request, response string) {
	e.answer(request, response, func(_ *thread, a *answer) { a.thanked = true })
}

func (e *Engine) answer(request, response string, change func(*thread, *answer)) {
	if _, t := e.thread(request); t != nil {
		if i := t.index(response); i >= 0 && !t.answers[i].retracted {
			change(t, &t.answers[i])
		}
	}
}

// forget takes what an answer counted for out of the history of its author.
func (e *Engine) forget(t *thread, i int) {
	a := &t.answers[i]
	if a.retracted {
		return
	}
	a.retracted = true
	e.helper[a.author].in(t.community).take(a)
}

// Forget drops a person's topics and what was learned of them, and with texts every text that they wrote.
// Whom they helped with what is kept under their id.
func (e *Engine) Forget(person string, texts bool) {
	n := e.person(person)
	e.topics.set(n, nil)
	for _, c := range e.byNumber {
		delete(c.knacks, n)
	}
	if !texts {
		return
	}
	for i := range e.threads {
		t := &e.threads[i]
		if t.asker == n {
			e.corpus.set(uint32(i), 0, text.Bag{})
		}
		for j, a := range t.answers {
			if a.author == n {
				e.corpus.set(uint32(i), 1+uint32(j), text.Bag{})
			}
		}
	}
}

// withTags adds tags as terms of their own, which no word can be.
func withTags(terms []text.Term, tags []string) []text.Term {
	if len(tags) == 0 {
		return terms
	}
	out := make([]text.Term, 0, len(terms)+len(tags))
	out = append(out, terms...)
	for _, tag := range tags {
		out = append(out, text.Term{Text: "#" + tag, Weight: tagWeight})
	}
	return out
}

// tagWeight is what a tag counts in a text, as often as a word of the title.
const tagWeight = 3

// Hash is equal for engines that know the same, however they came to know it.
// What was learned is left out, see Lessons: it comes from what was known at the
// time, texts included that were corrected or erased since.
func (e *Engine) Hash() string {
	d := &digest{}
	name := func(n uint32) string { return e.names[n] }
	e.corpus.digest(d, func(n, key uint32) (request, response string) {
		t := &e.threads[n]
		if key > 0 {
			response = t.answers[key-1].response.String()
		}
		return e.request(n), response
	})
	e.topics.digest(d, name)
	for i := range e.threads {
		t, id := &e.threads[i], e.request(uint32(i))
		d.add("thread", fmt.Sprint(i, id, e.byNumber[t.community].id, e.labels.names[t.kind], name(t.asker), e.tags(t), t.open, t.retracted))
		for _, a := range t.answers {
			d.add("answer", id, name(a.author), fmt.Sprint(a.response, a.order, a.votes, a.accepted, a.thanked, a.retracted, a.at))
		}
	}
	for i, h := range e.helper {
		d.add("helper", name(uint32(i)), fmt.Sprint(h.optOut, h.cap, h.capped, h.away, h.limited, h.asked, h.turns, h.speaks))
		for _, g := range h.given {
			d.add("given", name(uint32(i)), e.byNumber[g.community].id, fmt.Sprint(g.answers, g.accepted, g.first, g.last, g.pace, g.rhythm))
		}
		for j, p := range h.proposals {
			d.add("proposal", name(uint32(i)), fmt.Sprint(j, e.request(p.thread), p.at, p.answer))
		}
	}
	for id, c := range e.communities {
		d.add("community", id, fmt.Sprint(c.requests, c.answers, c.hours))
		for i, n := range c.lately {
			d.add("lately", id, fmt.Sprint(i), name(n))
		}
	}
	return d.String()
}
