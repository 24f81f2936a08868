package membership

import (
	"strconv"

	events "kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// reservation ties one external key to at most one person at a time.
type reservation struct {
	person     string // "": free
	generation int    // how often it was released
}

func foldReservation(s *reservation, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.ReservationMade:
		s.person = e.Person
	case events.ReservationReleased:
		s.person, s.generation = "", s.generation+1
	}
}

// personID is the id of the person whom command brings into the organisation,
// with this key as the first of theirs. Of the command, so that a repeat finds
// the same person; of the generation, so that the same command after an
// erasure makes a new one.
func (s reservation) personID(command string) string {
	return es.ID("person", command, strconv.Itoa(s.generation))
}

// Reserve ties the key to person; again for the same person changes nothing.
// Returns Conflict naming field if it is another's.
func (s reservation) Reserve(person, kind, field string) (es.Event, error) {
	switch s.person {
	case person:
		return nil, nil
	case "":
		return events.ReservationMade{Person: person, Kind: kind}, nil
	}
	return nil, taken(field)
}

// Release frees the key if it is person's.
func (s reservation) Release(person string) (es.Event, error) {
	if s.person != person {
		return nil, nil
	}
	return events.ReservationReleased{Person: person}, nil
}

func taken(field string) error {
	return &fault.Error{
		Code: fault.Conflict, Detail: "Another person is registered with the same " + field + ". Correct it, or change that person first.",
		Fields: []fault.Field{{Field: field, Reason: "belongs to another person"}},
	}
}
