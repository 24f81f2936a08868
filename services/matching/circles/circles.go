// Package circles knows what communities are about and who asked and answered
// what in them, to suggest communities to a person, links between communities,
// and splits. Like the engine it is a data structure in memory: it does no I/O,
// knows no clock, and keeps terms, ids and counts, never a whole text.
//
// What it knows does not depend on the order in which streams are delivered,
// only on the order within each.
package circles

import (
	"cmp"
	"slices"
)

// Circles is the index. One writer or any number of readers may use it at a
// time; its owner guards it.
type Circles struct {
	terms       map[string]uint32
	names       []string // by term
	posts       [][]post // by term, each in the order of communities
	communities map[string]*community
	byNumber    []*community
	requests    map[string]*request
	people      map[string]*person
}

// community is what one is about: what it says of itself, for everybody, and
// what is asked in it, for those who read its content.
type community struct {
	number   uint32
	id       string
	language string
	about    map[uint32]about
	requests []*request        // as they came
	tags     map[uint32]int    // tag → requests that have it
	links    map[string]uint64 // other → position of the first proposal of a link
	spurned  map[string]bool   // other: no link to it is to be suggested
	whole    int64             // no split is to be suggested before, in seconds since 1970
}

// post says how many requests of a community have a term.
type post struct{ community, requests uint32 }

// about is a term of a description.
type about struct {
	weight float64
	word   string // that it stands for
}

// request is a question: its tags and the terms of its title.
type request struct {
	id        string
	community *community
	asker     string // "": has been erased
	language  string
	tags      []uint32
	terms     []uint32 // ascending, those of tags among them
	retracted bool
	mute      bool // the asker took the texts along
	answers   []answer
}

type answer struct{ response, author string }

// person is what somebody did and does not want.
type person struct {
	id              string
	erased, texts   bool // erased; with their texts
	asked, answered []*request
	ties            map[string]uint64 // community → position of the first thing between them
	spurned         map[string]bool   // community: is not to be suggested
}

// New returns an empty Circles.
func New() *Circles {
	return &Circles{terms: map[string]uint32{}, communities: map[string]*community{}, requests: map[string]*request{}, people: map[string]*person{}}
}

// Description is what a community says of itself, with weights from 0 to 1 and
// the words that terms stand for.
type Description struct {
	Language string
	Terms    map[string]Said
}

// Said is one term of a description.
type Said struct {
	Weight float64
	Word   string
}

// Describe replaces what a community says of itself.
func (c *Circles) Describe(id string, d Description) {
	of := c.community(id)
	of.language = d.Language
	of.about = make(map[uint32]about, len(d.Terms))
	for term, said := range d.Terms {
		of.about[c.term(term)] = about{said.Weight, said.Word}
	}
}

// Texts are the terms of a request.
type Texts struct {
	Language string
	Tags     []string
	Title    []string // terms
}

// Raise adds a request; community "" is everybody. One that is there already
// stays as it is.
func (c *Circles) Raise(id, communityID, asker string, t Texts) {
	q := c.request(id)
	if q.community != nil {
		return
	}
	of, who := c.community(communityID), c.person(asker)
	q.community, q.asker = of, who.id
	of.requests = append(of.requests, q)
	who.asked = append(who.asked, q)
	if who.erased {
		q.asker = ""
	}
	if q.mute = who.texts; !q.mute {
		c.set(q, t)
	}
}

// Correct replaces the texts of a request.
func (c *Circles) Correct(id string, t Texts) {
	q := c.requests[id]
	if q == nil || q.retracted || q.mute || q.community == nil {
		return
	}
	c.set(q, t)
}

// Retract takes out the texts of a request and its answers.
func (c *Circles) Retract(id string) {
	q := c.requests[id]
	if q == nil || q.community == nil {
		return
	}
	c.set(q, Texts{})
	q.retracted, q.answers = true, nil
}

// Answer adds a response.
func (c *Circles) Answer(id, response, author string) {
	q, who := c.requests[id], c.person(author)
	if q == nil || q.retracted {
		return
	}
	if author = who.id; who.erased {
		author = ""
	}
	q.answers = append(q.answers, answer{response, author})
	if !who.erased && !slices.Contains(who.answered, q) {
		who.answered = append(who.answered, q)
	}
}

// RetractAnswer takes a response out.
func (c *Circles) RetractAnswer(id, response string) {
	if q := c.requests[id]; q != nil {
		q.answers = slices.DeleteFunc(q.answers, func(a answer) bool { return a.response == response })
	}
}

// Tie says that at position something happened between a person and a
// community: it was asked, invited, joined, left, or declined.
func (c *Circles) Tie(id, communityID string, position uint64) {
	if p := c.person(id); !p.erased {
		first(&p.ties, communityID, position)
	}
}

// Tied returns the position of the first thing that happened between them, 0
// for nothing.
func (c *Circles) Tied(id, communityID string) uint64 {
	if p := c.people[id]; p != nil {
		return p.ties[communityID]
	}
	return 0
}

// Spurn says that a community is not to be suggested to a person.
func (c *Circles) Spurn(id, communityID string) {
	if p := c.person(id); !p.erased {
		mark(&p.spurned, communityID)
	}
}

// Link says that at position a link between two communities was proposed.
func (c *Circles) Link(one, other string, position uint64) {
	first(&c.community(one).links, other, position)
	first(&c.community(other).links, one, position)
}

// Linked returns the position of the first proposal of a link, 0 for none.
func (c *Circles) Linked(one, other string) uint64 {
	if of := c.communities[one]; of != nil {
		return of.links[other]
	}
	return 0
}

// SpurnLink says that other is not to be suggested to a community for a link.
func (c *Circles) SpurnLink(id, other string) { mark(&c.community(id).spurned, other) }

// SpurnSplit says that no split of a community is to be suggested before a
// time, in seconds since 1970.
func (c *Circles) SpurnSplit(id string, until int64) {
	of := c.community(id)
	of.whole = max(of.whole, until)
}

// Forget drops who a person was, and with texts the terms of what they wrote.
func (c *Circles) Forget(id string, texts bool) {
	p := c.person(id)
	for _, q := range p.answered {
		for i := range q.answers {
			if q.answers[i].author == id {
				q.answers[i].author = ""
			}
		}
	}
	// Requests stay with them: the texts may be taken along later.
	*p = person{id: p.id, erased: true, texts: p.texts || texts, asked: p.asked}
	for _, q := range p.asked {
		if q.mute = p.texts; q.mute {
			c.set(q, Texts{})
		}
		q.asker = ""
	}
}

// set replaces the terms of a request and counts them for its community.
func (c *Circles) set(q *request, t Texts) {
	for _, term := range q.terms {
		c.count(q.community, term, -1)
	}
	q.language, q.tags, q.terms = t.Language, nil, nil
	for _, tag := range t.Tags {
		q.tags = append(q.tags, c.term(Tag(tag)))
	}
	q.terms = slices.Clone(q.tags)
	for _, term := range t.Title {
		q.terms = append(q.terms, c.term(term))
	}
	slices.Sort(q.terms)
	q.terms = slices.Compact(q.terms)
	for _, term := range q.terms {
		c.count(q.community, term, 1)
	}
}

// count adds to the requests of a community that have a term.
func (c *Circles) count(of *community, term uint32, by int) {
	if c.isTag(term) {
		if of.tags[term] += by; of.tags[term] == 0 {
			delete(of.tags, term)
		}
	}
	posts := c.posts[term]
	i, ok := find(posts, of)
	if !ok {
		posts = slices.Insert(posts, i, post{community: of.number})
	}
	if posts[i].requests = uint32(int(posts[i].requests) + by); posts[i].requests == 0 {
		posts = slices.Delete(posts, i, i+1)
	}
	c.posts[term] = posts
}

// having is how many requests of a community have a term.
func (c *Circles) having(of *community, term uint32) int {
	if i, ok := find(c.posts[term], of); ok {
		return int(c.posts[term][i].requests)
	}
	return 0
}

func find(posts []post, of *community) (int, bool) {
	return slices.BinarySearchFunc(posts, of.number, func(p post, number uint32) int { return cmp.Compare(p.community, number) })
}

func (c *Circles) isTag(term uint32) bool { return c.names[term][0] == '#' }

// Tag is the term of a tag, which no word can be.
func Tag(tag string) string { return "#" + tag }

func (c *Circles) term(name string) uint32 {
	if n, ok := c.terms[name]; ok {
		return n
	}
	n := uint32(len(c.names))
	c.terms[name] = n
	c.names, c.posts = append(c.names, name), append(c.posts, nil)
	return n
}

func (c *Circles) community(id string) *community {
	of := c.communities[id]
	if of == nil {
		of = &community{id: id, number: uint32(len(c.byNumber)), tags: map[uint32]int{}}
		c.communities[id] = of
		c.byNumber = append(c.byNumber, of)
	}
	return of
}

func (c *Circles) request(id string) *request {
	q := c.requests[id]
	if q == nil {
		q = &request{id: id}
		c.requests[id] = q
	}
	return q
}

func (c *Circles) person(id string) *person {
	p := c.people[id]
	if p == nil {
		p = &person{id: id}
		c.people[id] = p
	}
	return p
}

func first(of *map[string]uint64, key string, position uint64) {
	if *of == nil {
		*of = map[string]uint64{}
	}
	if have, ok := (*of)[key]; !ok || position < have {
		(*of)[key] = position
	}
}

func mark(of *map[string]bool, key string) {
	if *of == nil {
		*of = map[string]bool{}
	}
	(*of)[key] = true
}
