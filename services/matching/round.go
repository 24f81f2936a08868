package matching

import (
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// round is a round of introductions.
type round struct {
	Started, Finished bool
	Pairs             int
	// introduced are the people who have a partner in this round. The fold
	// changes it in place: a round of thousands of pairs would copy it thousands
	// of times. So a round is asked within Execute alone, and never loaded.
	introduced map[string]string
}

func foldRound(o *round, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.RoundStarted:
		o.Started, o.introduced = true, map[string]string{}
	case events.IntroductionMade:
		o.Pairs++
		for i, p := range e.People {
			o.introduced[p] = e.People[len(e.People)-1-i]
		}
	case events.RoundFinished:
		o.Finished = true
	}
}

// Start begins the round of a period. One that has begun is not begun again.
func (o round) Start(e events.RoundStarted) (es.Event, error) {
	if o.Started {
		return nil, nil
	}
	return e, nil
}

// Introduce makes a pair. Making it again changes nothing. Returns Conflict if one
// of the two has another partner in this round, or if it is not under way.
func (o round) Introduce(e events.IntroductionMade) (es.Event, error) {
	if len(e.People) != 2 || e.People[0] >= e.People[1] {
		return nil, fault.New(fault.Conflict, "An introduction is of two people, in the order of ids.")
	}
	a, b := e.People[0], e.People[1]
	switch {
	case !o.Started:
		return nil, fault.New(fault.Conflict, "This round has not begun.")
	case o.introduced[a] == b:
		return nil, nil
	case o.Finished:
		return nil, fault.New(fault.Conflict, "This round is finished.")
	case o.introduced[a] != "" || o.introduced[b] != "":
		return nil, fault.New(fault.Conflict, "One of the two has been introduced to somebody else in this round.")
	}
	return e, nil
}

// Finish ends the round, of people in all. Ending it again changes nothing.
func (o round) Finish(people int) (es.Event, error) {
	switch {
	case !o.Started:
		return nil, fault.New(fault.Conflict, "This round has not begun.")
	case o.Finished:
		return nil, nil
	}
	return events.RoundFinished{Pairs: o.Pairs, LeftOut: max(0, people-2*o.Pairs)}, nil
}
