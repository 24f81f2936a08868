package community

import (
	"slices"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// Respond adds person's answer. Returns Conflict unless the request is open,
// Forbidden for its asker.
func (q request) Respond(person, id string, body sealed.Text) (es.Event, error) {
	if err := q.exists(); err != nil {
		return nil, err
	}
	switch {
	case q.State != stateOpen:
		return nil, q.notOpen()
	case q.Asker == person:
		return nil, fault.New(fault.Forbidden, "This is your own request. Correct its texts to add to them.")
	case body.IsZero():
		return nil, fault.InvalidField("body", "say something")
	}
	return events.RequestResponded{Response: id, Author: person, Body: body}, nil
}

// CorrectResponse replaces the text of person's response that was read as
// version. Returns NotFound, Forbidden, Stale or Invalid.
func (q request) CorrectResponse(person, id string, body sealed.Text, version uint64) (es.Event, error) {
	a, err := q.ofAuthor(person, id, "correct it")
	switch {
	case err != nil:
		return nil, err
	case body.IsZero():
		return nil, fault.InvalidField("body", "say something, or retract the response")
	case version != a.Version:
		return nil, stale("the words of this response")
	}
	return events.ResponseCorrected{Response: id, Body: body}, nil
}

// RetractResponse takes person's response out of every view. A mark that it
// was accepted, and what followed from that, stays in force.
func (q request) RetractResponse(person, id string) (es.Event, error) {
	if i := q.index(id); i >= 0 && q.Responses[i].Retracted && q.Responses[i].Author == person {
		return nil, nil
	}
	if _, err := q.ofAuthor(person, id, "retract it"); err != nil {
		return nil, err
	}
	return events.ResponseRetracted{Response: id}, nil
}

// Accept is the asker's yes to a response. It resolves a problem or a search
// for information; of experiences several may be accepted.
func (q request) Accept(person, id string) (es.Event, error) {
	if err := q.mine(person, "accept a response"); err != nil {
		return nil, err
	}
	a, err := q.response(id)
	switch {
	case err != nil:
		return nil, err
	case a.Accepted:
		return nil, nil
	case q.State != stateOpen:
		return nil, q.notOpen()
	}
	return events.ResponseAccepted{Response: id, Author: a.Author, Resolves: q.Kind != events.Experience}, nil
}

// units are where asker and helper work at a moment; "" where it is not known.
type units struct{ From, To string }

// Thank recognises the help of a response, once, in any state of the request
// but retracted.
func (q request) Thank(person, id string, u units, note sealed.Text) (es.Event, error) {
	if err := q.mine(person, "thank for a response"); err != nil {
		return nil, err
	}
	if err := q.shown(); err != nil {
		return nil, err
	}
	a, err := q.response(id)
	if err != nil || a.Thanked {
		return nil, err
	}
	return events.Thanked{
		Response: id, From: person, To: a.Author, FromUnit: u.From, ToUnit: u.To,
		Across: u.From != "" && u.To != "" && u.From != u.To, Note: note,
	}, nil
}

func (q request) index(id string) int {
	return slices.IndexFunc(q.Responses, func(a response) bool { return a.ID == id })
}

// response returns NotFound for one that does not exist or was retracted.
func (q request) response(id string) (response, error) {
	if i := q.index(id); i >= 0 && !q.Responses[i].Retracted {
		return q.Responses[i], nil
	}
	return response{}, fault.New(fault.NotFound, "There is no such response to this request, or it was retracted.")
}

func (q request) ofAuthor(person, id, what string) (response, error) {
	if err := q.exists(); err != nil {
		return response{}, err
	}
	a, err := q.response(id)
	if err == nil && a.Author != person {
		err = fault.New(fault.Forbidden, "Only who wrote this response may %s.", what)
	}
	return a, err
}
