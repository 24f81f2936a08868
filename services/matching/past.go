package matching

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/services/matching/pairing"
)

// past is the log up to the beginning of a round of introductions, and nothing
// after it: what the pairs of the round follow from. Views go on while a round is
// made; so it is read from the log, where a round that was interrupted finds the
// same again.
type past struct {
	access   *access.Access
	wishes   map[string]meeting
	lines    map[string]linesDoc
	helped   map[couple]time.Time // when one of the two last responded to the other
	refused  map[couple]bool      // one of the two said "not this time"
	rounds   [][]couple           // the pairs of each round, in order
	last     map[string]int       // week of a person's latest introduction
	waiting  map[string]int       // rounds in a row in which there was nobody for them
	due      map[string]bool      // who is to be introduced in the latest round and has not been
	started  es.Recorded          // of the latest round
	thisWeek int
}

// couple is two people in the order of ids.
type couple [2]string

func coupleOf(a, b string) couple { return couple{min(a, b), max(a, b)} }

// familiarFor is how long two people count as working together after one of them
// has responded to the other's request for help.
const familiarFor = 90 * 24 * time.Hour

func newPast() *past {
	return &past{
		access: access.New(), wishes: map[string]meeting{}, lines: map[string]linesDoc{}, helped: map[couple]time.Time{},
		refused: map[couple]bool{}, last: map[string]int{}, waiting: map[string]int{},
	}
}

// readPast reads the log up to the event at position through, which it MUST have.
func readPast(ctx context.Context, log es.Store, through uint64) (*past, error) {
	p := newPast()
	next := uint64(1)
	for r, err := range log.Follow(ctx, 0) {
		switch {
		case err != nil:
			return nil, err
		case r.Seq != next:
			return nil, fmt.Errorf("%w: the event at %d is missing", es.ErrGap, next)
		}
		if err := p.fold(ctx, r); err != nil {
			return nil, err
		}
		if next++; next > through {
			return p, nil
		}
	}
	return nil, ctx.Err()
}

func (p *past) fold(ctx context.Context, r es.Recorded) error {
	if err := p.access.Apply(ctx, []es.Recorded{r}); err != nil {
		return err
	}
	id := r.Stream.ID
	switch e := r.Data.(type) {
	case events.MeetingPreferencesChanged:
		w := p.wishes[id]
		foldMeeting(&w, r)
		p.wishes[id] = w
	case membership.ProfileChanged:
		d := p.lines[id]
		foldLines(&d, r)
		p.lines[id] = d
	case membership.PersonErased:
		delete(p.wishes, id)
		delete(p.lines, id)
	case community.RequestResponded:
		if q, ok := p.access.Request(id); ok {
			p.helped[coupleOf(q.Asker, e.Author)] = r.Occurred()
		}
	case events.IntroductionAnswered:
		if e.Answer == events.IntroductionNotNow {
			p.refused[coupleOf(e.Person, e.Other)] = true
		} else {
			delete(p.refused, coupleOf(e.Person, e.Other))
		}
	case events.RoundStarted:
		p.started, p.thisWeek = r, e.Week
		p.rounds = append(p.rounds, nil)
		p.due = map[string]bool{}
		for person := range p.wishes {
			if p.wants(person) {
				p.due[person] = true
			}
		}
	case events.IntroductionMade:
		p.rounds[len(p.rounds)-1] = append(p.rounds[len(p.rounds)-1], coupleOf(e.People[0], e.People[1]))
		for _, person := range e.People {
			p.last[person] = p.thisWeek
			delete(p.waiting, person)
			delete(p.due, person)
		}
	case events.RoundFinished:
		for person := range p.due {
			p.waiting[person]++
		}
	}
	return nil
}

// wants reports whether the person wants to be introduced this week.
func (p *past) wants(person string) bool {
	w := p.wishes[person]
	if !w.Introduced || !p.access.Active(person) {
		return false
	}
	last, ok := p.last[person]
	return !ok || p.thisWeek-last >= weeksOf(w.Introductions)
}

func weeksOf(interval string) int {
	switch interval {
	case events.IntroduceWeekly:
		return 1
	case events.IntroduceFortnightly:
		return 2
	default:
		return 4
	}
}

// people are those who want to be introduced this week, without their topics.
func (p *past) people() []pairing.Person {
	apart, familiar := map[string][]string{}, map[string][]string{}
	e := p.started.Data.(events.RoundStarted)
	before := p.rounds[:len(p.rounds)-1]
	for _, pairs := range before[max(0, len(before)-e.Apart):] {
		for _, c := range pairs {
			apart[c[0]] = append(apart[c[0]], c[1])
		}
	}
	for c := range p.refused {
		apart[c[0]] = append(apart[c[0]], c[1])
	}
	for c, when := range p.helped {
		if p.started.Time.Sub(when) < familiarFor {
			familiar[c[0]] = append(familiar[c[0]], c[1])
		}
	}
	var out []pairing.Person
	for id := range p.due {
		who, _ := p.access.Person(id)
		slices.Sort(apart[id]) // maps have no order
		slices.Sort(familiar[id])
		out = append(out, pairing.Person{
			ID: id, Unit: who.Unit, Languages: p.lines[id].Languages,
			Apart: apart[id], Familiar: familiar[id], Waiting: p.waiting[id],
		})
	}
	slices.SortFunc(out, func(a, b pairing.Person) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
