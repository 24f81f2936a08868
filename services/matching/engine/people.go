package engine

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"kith/pkg/text"
)

// helper is what is known of a person as helper.
type helper struct {
	given         []given    // by community, ascending
	proposals     []proposal // in the order of rounds
	asked         []uint32   // their own latest requests
	turns         turns
	cap           int32 // proposals within the window; only if capped
	optOut        bool
	capped        bool
	away, limited bool
	speaks        speaks
}

// given are the answers of somebody in a community.
type given struct {
	community         uint32 // its number
	answers, accepted int32
	first, last       uint32 // in the order of the community's answers
	pace              pace   // when last was given
	record            record
	rhythm            rhythm
}

// record is how often somebody helped with requests that were learned from, and
// how often that was expected by their chances. Both fade with those after them.
type record struct {
	helped, expected float32
	at               uint32 // example of the community
}

const (
	recordHalf = 1000 // examples of the community
	// recordDoubt is how many times as expected are taken as given: a single
	// surprise says little.
	recordDoubt = 3
)

func (r *record) add(at uint32, helped, expected float64) {
	fade := math.Exp2(-float64(at-r.at) / recordHalf)
	r.helped = float32(float64(float64(r.helped)*fade) + helped)
	r.expected = float32(float64(float64(r.expected)*fade) + expected)
	r.at = at
}

// beyond is above 0 for who helped more often than expected.
func (r record) beyond(at uint32) float64 {
	fade := math.Exp2(-float64(at-r.at) / recordHalf)
	return math.Log((recordDoubt + float64(float64(r.helped)*fade)) / (recordDoubt + float64(float64(r.expected)*fade)))
}

// in is what h gave in a community.
func (h *helper) in(community uint32) *given {
	at, found := h.place(community)
	if !found {
		h.given = slices.Insert(grown(h.given), at, given{community: community})
	}
	return &h.given[at]
}

// gave is what h gave in a community; nil for nothing.
func (h *helper) gave(community uint32) *given {
	if at, found := h.place(community); found {
		return &h.given[at]
	}
	return nil
}

// place is where what h gave in a community is or would be.
func (h *helper) place(community uint32) (at int, found bool) {
	return slices.BinarySearchFunc(h.given, community, func(g given, community uint32) int { return cmp.Compare(g.community, community) })
}

// add counts the community's answer of the order.
func (g *given) add(order uint32, at slot) {
	g.rhythm.add(at)
	if g.answers == 0 {
		g.first = order
	}
	now := g.pace.after(order - g.last)
	for i := range now {
		g.pace[i] = float32(now[i] + 1)
	}
	g.answers, g.last = g.answers+1, order
}

// take takes what an answer counted for out again.
func (g *given) take(a *answer) {
	g.answers--
	g.rhythm.take(a.at)
	if a.accepted {
		g.accepted--
	}
	if g.answers == 0 {
		g.pace = pace{} // what is left is rounding
		return
	}
	one := pace{}
	for i := range one {
		one[i] = 1
	}
	for i, v := range one.after(g.last - a.order) {
		g.pace[i] = max(0, g.pace[i]-float32(v))
	}
}

// ownRequests is how many of somebody's own requests say who has helped them.
const ownRequests = 50

func (h *helper) asks(thread uint32) {
	if len(h.asked) == ownRequests {
		h.asked = append(h.asked[:0], h.asked[1:]...)
	}
	h.asked = append(grown(h.asked), thread)
}

// proposal is one that somebody got.
type proposal struct {
	at     int64 // in microseconds of Unix
	thread uint32
	answer reply
}

// reply is what somebody said to a proposal.
type reply uint8

const (
	silent reply = iota
	yes
	no
)

// turns are the requests that somebody was proposed for, fading with those that
// come after: how often it was their turn of late.
type turns struct {
	value float32
	at    uint32 // request
}

// turnsHalf is their half-life, in requests of the organisation.
const turnsHalf = 200

func (t *turns) add(at uint32) { t.value, t.at = float32(t.now(at)+1), at }

func (t turns) now(at uint32) float64 {
	return float64(t.value) * math.Exp2(-float64(at-t.at)/turnsHalf)
}

// share is turns in relation to those of somebody whose turn it always is, 0 to 1.
func (t turns) share(at uint32) float64 {
	return min(1, t.now(at)*(1-math.Exp2(-1.0/turnsHalf)))
}

// community counts what people do in it. The empty community is everybody.
type community struct {
	id       string
	number   uint32
	requests uint32
	examples uint32            // requests that were learned from
	answers  uint32            // the community's clock: decay is by order, not by time
	lately   []uint32          // who gave the latest answers: a ring, by order
	hours    [slots]uint32     // answers by the time of the week
	knacks   map[uint32]*knack // by person
	custom   custom
}

// latest is how many of a community's answers say who is active there: those
// before count for next to nothing in Active.
const latest = 600

// answer counts an answer and returns its order.
func (c *community) answer(author uint32, at slot) uint32 {
	c.answers++
	c.hours[at]++
	if len(c.lately) < latest {
		c.lately = append(c.lately, author)
	} else {
		c.lately[(c.answers-1)%latest] = author
	}
	return c.answers
}

// knack is that of somebody, who gets one if they have none.
func (c *community) knack(person uint32) *knack {
	k := c.knacks[person]
	if k == nil {
		k = &knack{}
		c.knacks[person] = k
	}
	return k
}

func (e *Engine) community(id string) *community {
	c := e.communities[id]
	if c == nil {
		c = &community{id: id, number: uint32(len(e.byNumber)), knacks: map[uint32]*knack{}}
		e.communities[id] = c
		e.byNumber = append(e.byNumber, c)
	}
	return c
}

// speaks are the languages of somebody's profile: a bit for each that texts are
// handled in, and the highest one if there is any at all.
type speaks uint8

const speaksSome speaks = 1 << 7

// SetLanguages sets the languages that a person's profile lists, as BCP 47 tags.
func (e *Engine) SetLanguages(person string, languages []string) {
	var s speaks
	for _, tag := range languages {
		s |= speaksSome
		primary, _, _ := strings.Cut(tag, "-")
		if i := slices.Index(text.Languages(), strings.ToLower(primary)); i >= 0 {
			s |= 1 << i
		}
	}
	e.helper[e.person(person)].speaks = s
}

// fits is 1 for a language that is spoken, -1 for one that is not, 0 if nothing is known.
func (s speaks) fits(language string) float64 {
	i := slices.Index(text.Languages(), language)
	switch {
	case i < 0 || s&speaksSome == 0:
		return 0
	case s&(1<<i) != 0:
		return 1
	default:
		return -1
	}
}
