package community

import (
	"slices"

	events "kith/api/events/community"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/text/tidy"
)

// The decisions below take in the past of another forum. What happened there
// did happen: askers answered themselves, and answers came after acceptance.
// Each is idempotent by what it brings, so that half an item can be completed.

// importRaised takes in a question; one that is there already stays as it is.
func (q request) importRaised(e events.RequestRaised) (es.Event, error) {
	if q.State != "" {
		return nil, nil
	}
	e.Kind, e.Tags = events.Information, tidy.Tags(e.Tags)
	return e, nil
}

// importResponse takes in an answer.
func (q request) importResponse(e events.RequestResponded) (es.Event, error) {
	if err := q.exists(); err != nil {
		return nil, err
	}
	if q.index(e.Response) >= 0 {
		return nil, nil
	}
	return e, nil
}

// importAccepted takes in the acceptance of an answer. Returns Conflict if
// another one is accepted.
func (q request) importAccepted(id string) (es.Event, error) {
	i := q.index(id)
	switch {
	case i < 0:
		return nil, fault.New(fault.NotFound, "The accepted answer has not been imported.")
	case q.Responses[i].Accepted:
		return nil, nil
	case slices.ContainsFunc(q.Responses, func(a response) bool { return a.Accepted }):
		return nil, fault.New(fault.Conflict, "Another answer to this question was imported as accepted.")
	}
	return events.ResponseAccepted{Response: id, Author: q.Responses[i].Author, Resolves: true}, nil
}

// importThanked takes in thanks. Where the two worked then is not known.
func (q request) importThanked(id string) (es.Event, error) {
	i := q.index(id)
	if i < 0 || q.Responses[i].Thanked || q.Responses[i].Author == q.Asker {
		return nil, nil
	}
	return events.Thanked{Response: id, From: q.Asker, To: q.Responses[i].Author}, nil
}

// importUnresolved closes a question without an accepted answer, for nobody
// waits for one any more.
func (q request) importUnresolved() (es.Event, error) {
	if q.State != stateOpen {
		return nil, nil
	}
	return events.RequestUnresolved{}, nil
}
