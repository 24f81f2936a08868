package demo

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Numbers of people that a plan can have.
const (
	MinPeople = 20
	MaxPeople = 11_500
)

// plan is everything that is to happen.
type plan struct {
	seed        uint64
	root        string // code of the organisation's unit, which names seed and number of people
	units       []unit
	people      []person
	communities []community
	requests    []request
	past        []pastQuestion
	newcomer    int // who does nothing yet
	texts       content
}

// unit is a line of units.csv.
type unit struct{ code, parent, name, kind string }

// person is a line of people.csv with what the person brings along. Elsewhere
// people are named by their place in plan.people.
type person struct {
	staff, name, login, unit, site, language string
	speaks                                   []string
	department                               int
	themes                                   []int // what they care about
	profile                                  *profile
}

type profile struct {
	CanHelp      []string `json:"can_help"`
	WantToLearn  []string `json:"want_to_learn,omitempty"`
	About        string   `json:"about"`
	Languages    []string `json:"languages"`
	Availability string   `json:"availability"`
}

// newPlan plans an organisation of MinPeople to MaxPeople people.
func newPlan(seed uint64, people int) (plan, error) {
	if people < MinPeople || people > MaxPeople {
		return plan{}, fmt.Errorf("the demonstration has %d to %d people, not %d", MinPeople, MaxPeople, people)
	}
	texts, err := readContent()
	if err != nil {
		return plan{}, err
	}
	p := plan{seed: seed, root: fmt.Sprintf("%s%d-%d", rootPrefix, seed, people), texts: texts, newcomer: people - 1}
	p.organise(people)
	p.introduce()
	p.found()
	p.ask()
	p.remember()
	return p, nil
}

// dice are the randomness of one part of the plan, so that a change in one
// part leaves the others as they are.
type dice struct{ *rand.Rand }

func (p *plan) dice(part string) dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(part)) // a hash never fails
	return dice{rand.New(rand.NewPCG(p.seed, h.Sum64()))}
}

// chance is true in share of all cases.
func (d dice) chance(share float64) bool { return d.Float64() < share }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// some picks n different ones, or all if there are fewer.
func some[T any](d dice, from []T, n int) []T {
	var out []T
	for _, i := range d.Perm(len(from)) {
		if len(out) == n {
			break
		}
		out = append(out, from[i])
	}
	return out
}

// fill replaces the {words} of text.
func fill(text string, values map[string]string) string {
	var pairs []string
	for word, value := range values {
		pairs = append(pairs, "{"+word+"}", value)
	}
	return capital(strings.NewReplacer(pairs...).Replace(text))
}

// capital begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
