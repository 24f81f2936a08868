package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// size is one of an organisation.
type size struct {
	name                                             string
	people, requests, responses, communities, topics int
}

func sizes() []size {
	return []size{
		{"small", 11_500, 30_000, 100_000, 100, 300},
		{"medium", 100_000, 300_000, 1_000_000, 600, 1_000},
		{"large", 1_000_000, 3_000_000, 10_000_000, 3_000, 3_000},
	}
}

// Shares of what happens.
const (
	profileShare   = 0.2  // people who say what they can help with
	expertShare    = 0.75 // answers by somebody at home in the topic
	acceptShare    = 0.35 // requests of which an answer is accepted
	thankShare     = 0.2  // answers that are thanked for
	correctShare   = 0.01 // requests that are corrected
	retractShare   = 0.002
	closedShare    = 0.3 // communities that only members see
	nowhereShare   = 0.05
	requestsPerDay = 1000 // days in the log: an answer comes within some
)

// organisation makes the events of one, always the same from a seed.
type organisation struct {
	size
	random  *rand.Rand
	words   *words
	active  law        // people by activity
	experts [][]uint32 // people by topic
	where   law        // communities by activity
	themes  [][]uint32 // topics by community
	tags    [][]string // by topic
	within  law        // topics of a community
	week    week

	final bool // nothing is corrected or retracted

	due  map[int][]answering // by the number of requests raised
	last int                 // response
}

// answering is an answer that is still to come.
type answering struct {
	request   int
	subject   subject
	accepted  bool
	community int
}

func newOrganisation(s size, seed uint64) *organisation {
	random := rand.New(rand.NewPCG(seed, uint64(s.requests)))
	o := &organisation{
		size: s, random: random, words: newWords(s.topics, random), active: newLaw(s.people, 0.95, 20),
		experts: make([][]uint32, s.topics), where: newLaw(s.communities, 0.9, 5),
		themes: make([][]uint32, s.communities), tags: make([][]string, s.topics), within: newLaw(8, 0.9, 0),
		week: newWeek(), due: map[int][]answering{},
	}
	for p := range s.people {
		for range 1 + random.IntN(4) {
			t := random.IntN(s.topics)
			o.experts[t] = append(o.experts[t], uint32(p))
		}
	}
	popular := newLaw(s.topics*3/2, 0.9, 10)
	for t := range o.tags {
		if len(o.experts[t]) == 0 {
			o.experts[t] = []uint32{uint32(random.IntN(s.people))}
		}
		for range 4 {
			o.tags[t] = append(o.tags[t], fmt.Sprint("tag-", popular.rank(random.Float64())))
		}
	}
	for c := range o.themes {
		for range 8 {
			o.themes[c] = append(o.themes[c], uint32(random.IntN(s.topics)))
		}
	}
	return o
}

// question is a text that asks for help, and where.
type question struct {
	asker, community int // community -1: none
	subject          subject
	tags             []string
	title, body      string
}

func (o *organisation) question() question {
	r := o.random
	q := question{asker: r.IntN(o.people), community: -1}
	theme := func() uint32 { return uint32(r.IntN(o.topics)) }
	if r.Float64() >= nowhereShare {
		q.community = o.where.rank(r.Float64())
		theme = func() uint32 { return o.themes[q.community][o.within.rank(r.Float64())] }
	}
	q.subject = subject{[3]uint32{theme(), theme(), uint32(r.IntN(o.topics))}, 0.6 + 0.3*r.Float64(), 0.92}
	main := o.tags[q.subject.topics[0]]
	for _, i := range r.Perm(len(main))[:1+r.IntN(3)] {
		q.tags = append(q.tags, main[i])
	}
	q.title = o.words.prose(r, &q.subject, length(r, 9))
	q.body = o.words.prose(r, &q.subject, length(r, 75))
	return q
}

// answerer is somebody who comes by; who rests at that time leaves it to the next.
func (o *organisation) answerer(s *subject, at time.Time) int {
	person := o.passing(s)
	for tries := 0; tries < 2 && rests(person, at); tries++ {
		person = o.passing(s)
	}
	return person
}

// passing is somebody at home in the topic, or somebody active.
func (o *organisation) passing(s *subject) int {
	r := o.random
	if r.Float64() < expertShare {
		e := o.experts[s.topic(r)]
		u := r.Float64()
		return int(e[int(u*u*float64(len(e)))])
	}
	return o.active.rank(r.Float64())
}

// events yields the log in order. Answers come after a while, others' requests
// in between.
func (o *organisation) events(yield func(event) bool) bool {
	return o.profiles(yield) && o.threads(yield)
}

func (o *organisation) profiles(yield func(event) bool) bool {
	for p := range o.people {
		if o.random.Float64() >= profileShare {
			continue
		}
		e := event{kind: profile, person: personID(p)}
		for range 1 + o.random.IntN(3) {
			s := subject{topics: [3]uint32{uint32(o.random.IntN(o.topics))}, second: 1}
			e.lines = append(e.lines, o.words.prose(o.random, &s, 2+o.random.IntN(4)))
		}
		if !yield(e) {
			return false
		}
	}
	return true
}

func (o *organisation) threads(yield func(event) bool) bool {
	perRequest := float64(o.responses) / float64(o.requests)
	for n := range o.requests {
		q := o.question()
		if !yield(event{kind: raised, request: requestID(n), person: personID(q.asker), community: communityID(q.community),
			tags: q.tags, title: q.title, body: q.body, at: o.week.at(n)}) {
			return false
		}
		accept := o.random.Float64() < acceptShare
		for o.random.Float64() >= 1/(1+perRequest) { // geometric
			at := n + int(o.random.ExpFloat64()*requestsPerDay)
			o.due[at] = append(o.due[at], answering{n, q.subject, accept, q.community})
			accept = false
		}
		if !o.final && o.random.Float64() < correctShare {
			if !yield(event{kind: corrected, request: requestID(n), tags: q.tags, title: q.title + " " + q.title, body: q.body}) {
				return false
			}
		}
		if !o.final && o.random.Float64() < retractShare && !yield(event{kind: retracted, request: requestID(n)}) {
			return false
		}
		if !o.answers(n, yield) {
			return false
		}
	}
	for n := o.requests; len(o.due) > 0; n++ {
		if !o.answers(n, yield) {
			return false
		}
	}
	return true
}

// answers yields what is due after request n.
func (o *organisation) answers(n int, yield func(event) bool) bool {
	at := o.week.at(n)
	for i := range o.due[n] {
		a := &o.due[n][i]
		o.last++
		e := event{kind: answered, request: requestID(a.request), response: responseID(o.last),
			person: personID(o.answerer(&a.subject, at)), at: at, body: o.words.prose(o.random, &a.subject, length(o.random, 58))}
		if !yield(e) {
			return false
		}
		e.body = ""
		if a.accepted {
			e.kind = accepted
			if !yield(e) {
				return false
			}
		}
		if o.random.Float64() < thankShare {
			e.kind = thanked
			if !yield(e) {
				return false
			}
		}
	}
	delete(o.due, n)
	return true
}

// closed says whether only members see the community.
func closed(community string) bool {
	sum := uint32(2166136261)
	for i := range len(community) {
		sum = (sum ^ uint32(community[i])) * 16777619
	}
	return community != "" && float64(sum>>8%1000) < closedShare*1000
}

func requestID(n int) string  { return fmt.Sprintf("018f3c2a-7b1e-7c3d-9a4b-%012x", n) }
func responseID(n int) string { return fmt.Sprintf("018f3c2a-7b1e-7c3d-8a4b-%012x", n) }
func personID(n int) string   { return fmt.Sprintf("018f3c2a-7b1e-7c3d-aa4b-%012x", n) }

func communityID(n int) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("018f3c2a-7b1e-7c3d-ba4b-%012x", n)
}
