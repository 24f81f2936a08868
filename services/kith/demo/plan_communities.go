package demo

import (
	"fmt"
	"slices"
)

// community is what a founder begins and others join. Members, Pending and the
// roles hold places in plan.people; the founder is none of them.
type community struct {
	theme      int
	name       string
	purpose    string
	language   string
	visibility string
	joining    string
	topics     []string
	charter    charter
	state      string // that it reaches
	founder    int
	members    []int
	core       []int // of the members
	sponsor    int   // of the members
	pending    []int // whose request or invitation waits
}

// charter is the text that a community agrees on.
type charter struct {
	Purpose      string        `json:"purpose"`
	Vision       string        `json:"vision"`
	Objectives   []string      `json:"objectives"`
	Norms        []string      `json:"norms"`
	Stakeholders []stakeholder `json:"stakeholders"`
	Note         string        `json:"note"`
}

// States that communities reach, and ways to join.
const (
	forming = "forming"
	active  = "active"
	dormant = "dormant"

	byRequest    = "request"
	byInvitation = "invitation"
	closed       = "closed"
)

const mostCommunities = 150

// found plans the communities, one for twenty people.
func (p *plan) found() {
	d := p.dice("communities")
	founders := map[int]bool{p.newcomer: true}
	for i := range min(mostCommunities, max(2, len(p.people)/20)) {
		c := p.describe(i)
		near := p.candidates(d, c, nil)
		c.founder = near[0]
		for _, who := range near {
			if !founders[who] {
				c.founder = who
				break
			}
		}
		founders[c.founder] = true
		others := p.candidates(d, c, []int{c.founder})
		size := min(7+d.IntN(min(53, max(1, len(p.people)/6))), len(others))
		c.members = others[:size]
		if c.joining != "open" {
			c.pending = others[size:min(size+2, len(others))]
		}
		roles := some(d, c.members, 3)
		c.sponsor, c.core = roles[0], roles[1:]
		p.communities = append(p.communities, c)
	}
}

// describe is the i-th community: each theme once, then again for smaller circles.
func (p *plan) describe(i int) community {
	themes := p.texts.Themes
	at := i % len(themes)
	t := themes[at]
	words := p.texts.Phrases[t.Language]
	c := community{
		theme: at, name: t.Name, purpose: t.Purpose, language: t.Language, visibility: t.Visibility, joining: t.Joining,
		topics: t.Topics, state: active,
	}
	if round := i / len(themes); round > 0 {
		g := words.Groups[(round-1)%len(words.Groups)]
		c.name, c.purpose = fmt.Sprintf("%s: %s", t.Name, g.Name), t.Purpose+" "+g.Purpose
	}
	switch {
	case i%10 == 9:
		c.state = forming
	case i%20 == 12:
		c.state = dormant
	}
	c.charter = charter{
		Purpose: c.purpose, Vision: t.Vision, Objectives: t.Objectives, Norms: words.Norms, Stakeholders: t.Stakeholders, Note: words.Note,
	}
	return c
}

// candidates are who could be in a community, in random order, mostly those
// who care about its theme first.
func (p *plan) candidates(d dice, c community, without []int) []int {
	var near, far []int
	for _, i := range d.Perm(len(p.people)) {
		who := p.people[i]
		switch {
		case i == p.newcomer || slices.Contains(without, i) || !slices.Contains(who.speaks, c.language):
		case slices.Contains(who.themes, c.theme) && d.chance(0.85):
			near = append(near, i)
		default:
			far = append(far, i)
		}
	}
	return append(near, far...)
}

// everybody are all who are in the community.
func (c community) everybody() []int { return append([]int{c.founder}, c.members...) }
