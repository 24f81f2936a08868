package community

import (
	"slices"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/text/tidy"
)

// States of a request as its asker's and helpers' acts make them. Whether an
// open one has been routed or responded to is derived for display.
const (
	stateOpen       = "open"
	stateResolved   = "resolved"
	stateUnresolved = "unresolved"
	stateWithdrawn  = "withdrawn"
	stateRetracted  = "retracted"
)

// request is the state of a help request, without its texts. It is folded by
// the aggregate and by the view of conversations alike, so that what the API
// offers is what the aggregate allows.
//
//	         ┌── accept (problem, information), resolve (experience) → resolved ──┐
//	open ────┼── unresolved → unresolved ─────────────────────────────────────────┼─ reopen → open
//	         └── withdraw → withdrawn ────────────────────────────────────────────┘
//	any ── retract → retracted, which is final
type request struct {
	State     string     `json:"state"` // "": it has not been raised
	Community string     `json:"community,omitempty"`
	Asker     string     `json:"asker"`
	Kind      string     `json:"kind"`
	Version   uint64     `json:"version"` // of the asker's texts, from 1
	Responses []response `json:"responses,omitempty"`
}

// response is an answer, in the order of answers.
type response struct {
	ID        string `json:"id"`
	Author    string `json:"author"`
	Version   uint64 `json:"version"` // of its text, from 1
	Accepted  bool   `json:"accepted,omitempty"`
	Retracted bool   `json:"retracted,omitempty"`
	Thanked   bool   `json:"thanked,omitempty"`

	Note sealed.Text `json:"-"` // of the thanks, for the aggregate alone
}

// foldRequest changes no slice in place: readers may be looking at it.
func foldRequest(q *request, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.RequestRaised:
		*q = request{Community: e.Community, Asker: e.Asker, Kind: e.Kind, Version: 1}
	case events.RequestCorrected:
		q.Version++
	case events.RequestResponded:
		q.Responses = append(slices.Clip(q.Responses), response{ID: e.Response, Author: e.Author, Version: 1})
	case events.ResponseCorrected:
		q.change(e.Response, func(a *response) { a.Version++ })
	case events.ResponseRetracted:
		q.change(e.Response, func(a *response) { a.Retracted = true })
	case events.ResponseAccepted:
		q.change(e.Response, func(a *response) { a.Accepted = true })
	case events.Thanked:
		q.change(e.Response, func(a *response) { a.Thanked, a.Note = true, e.Note })
	case events.RequestReopened:
		if q.Kind != events.Experience {
			// Its one resolution did not hold; the thanks stay.
			q.Responses = slices.Clone(q.Responses)
			for i := range q.Responses {
				q.Responses[i].Accepted = false
			}
		}
	}
	q.State = stateAfter(q.State, r.Data)
}

// stateAfter is the state that e leads to from state.
func stateAfter(state string, e es.Event) string {
	switch e := e.(type) {
	case events.RequestRaised, events.RequestReopened:
		return stateOpen
	case events.ResponseAccepted:
		if e.Resolves {
			return stateResolved
		}
	case events.RequestResolved:
		return stateResolved
	case events.RequestUnresolved:
		return stateUnresolved
	case events.RequestWithdrawn:
		return stateWithdrawn
	case events.RequestRetracted:
		return stateRetracted
	}
	return state
}

func (q *request) change(id string, f func(*response)) {
	q.Responses = slices.Clone(q.Responses)
	for i := range q.Responses {
		if q.Responses[i].ID == id {
			f(&q.Responses[i])
		}
	}
}

// question is what a request says: the texts sealed for its asker, with the
// one field that its kind needs.
type question struct {
	Title, Body, Tried, Purpose, Situation sealed.Text
	Tags                                   []string
}

// Raise puts the question e. Returns Invalid unless it has the field of its
// kind and none of another kind.
func (q request) Raise(e events.RequestRaised) (es.Event, error) {
	if q.State != "" {
		return nil, fault.New(fault.Conflict, "There is a request with this id already.")
	}
	if err := fits(e.Kind, question{Title: e.Title, Tried: e.Tried, Purpose: e.Purpose, Situation: e.Situation}); err != nil {
		return nil, err
	}
	e.Tags = tidy.Tags(e.Tags)
	return e, nil
}

// Correct replaces the asker's texts that were read as version. Returns
// Conflict for a retracted request, Forbidden, Stale, or Invalid as Raise does.
func (q request) Correct(person string, t question, version uint64) (es.Event, error) {
	if err := q.mine(person, "correct its texts"); err != nil {
		return nil, err
	}
	if err := q.shown(); err != nil {
		return nil, err
	}
	if err := fits(q.Kind, t); err != nil {
		return nil, err
	}
	if version != q.Version {
		return nil, stale("the texts of this request")
	}
	return events.RequestCorrected{Title: t.Title, Body: t.Body, Tried: t.Tried, Purpose: t.Purpose, Situation: t.Situation, Tags: tidy.Tags(t.Tags)}, nil
}

// Retract takes the asker's texts out of every view and ends the request for good.
func (q request) Retract(person string) (es.Event, error) {
	if err := q.mine(person, "retract it"); err != nil {
		return nil, err
	}
	if q.State == stateRetracted {
		return nil, nil
	}
	return events.RequestRetracted{}, nil
}

// Resolve closes a request of kind experience, of whose responses at least one
// is accepted and still there. The other kinds are resolved by the acceptance.
func (q request) Resolve(person string) (es.Event, error) {
	if err := q.mine(person, "resolve it"); err != nil {
		return nil, err
	}
	switch {
	case q.State == stateResolved:
		return nil, nil
	case q.State != stateOpen:
		return nil, q.notOpen()
	case q.Kind != events.Experience:
		return nil, fault.New(fault.Conflict, "A request of the kind %s is resolved by accepting a response.", q.Kind)
	case !slices.ContainsFunc(q.Responses, func(a response) bool { return a.Accepted && !a.Retracted }):
		return nil, fault.New(fault.Conflict, "Accept at least one response first, or close the request as unresolved.")
	}
	return events.RequestResolved{}, nil
}

// GiveUp closes a request that found no answer, with a reason.
func (q request) GiveUp(person string, reason sealed.Text) (es.Event, error) {
	if err := q.mine(person, "close it as unresolved"); err != nil {
		return nil, err
	}
	switch {
	case q.State == stateUnresolved:
		return nil, nil
	case q.State != stateOpen:
		return nil, q.notOpen()
	case reason.IsZero():
		return nil, fault.InvalidField("reason", "say what was missing; it helps those who wanted to help")
	}
	return events.RequestUnresolved{Reason: reason}, nil
}

// Withdraw closes a request that is no longer needed.
func (q request) Withdraw(person string, reason sealed.Text) (es.Event, error) {
	if err := q.mine(person, "withdraw it"); err != nil {
		return nil, err
	}
	switch q.State {
	case stateWithdrawn:
		return nil, nil
	case stateOpen:
		return events.RequestWithdrawn{Reason: reason}, nil
	}
	return nil, q.notOpen()
}

// Abandon withdraws what an erased asker had open, for nobody waits for it and
// nobody could close it.
func (q request) Abandon() (es.Event, error) {
	if q.State != stateOpen {
		return nil, nil
	}
	return events.RequestWithdrawn{}, nil
}

// Reopen opens a closed request again, with a reason.
func (q request) Reopen(person string, reason sealed.Text) (es.Event, error) {
	if err := q.mine(person, "reopen it"); err != nil {
		return nil, err
	}
	if err := q.shown(); err != nil {
		return nil, err
	}
	switch {
	case q.State == stateOpen:
		return nil, nil
	case reason.IsZero():
		return nil, fault.InvalidField("reason", "say what is still needed")
	}
	return events.RequestReopened{Reason: reason}, nil
}

// exists returns NotFound for a request that was never raised.
func (q request) exists() error {
	if q.State == "" {
		return noRequest()
	}
	return nil
}

// mine returns NotFound or Forbidden unless person is the asker.
func (q request) mine(person, what string) error {
	if err := q.exists(); err != nil {
		return err
	}
	if q.Asker != person {
		return fault.New(fault.Forbidden, "Only who asked this request may %s.", what)
	}
	return nil
}

// shown returns Conflict for a retracted request.
func (q request) shown() error {
	if q.State == stateRetracted {
		return fault.New(fault.Conflict, "This request has been retracted for good. You can raise a new one.")
	}
	return nil
}

func (q request) notOpen() error {
	if err := q.shown(); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "This request is %s. Its asker can reopen it.", q.State)
}

// fits returns Invalid unless t has a title, the field that kind needs, and no
// field of another kind; all wrong fields at once.
func fits(kind string, t question) error {
	var wrong []fault.Field
	if t.Title.IsZero() {
		wrong = append(wrong, fault.Field{Field: "title", Reason: "say in one line what you ask"})
	} else if _, _, plain, ok := t.Title.Plain(); ok && fault.WrongLine(plain) != "" {
		wrong = append(wrong, fault.Field{Field: "title", Reason: fault.WrongLine(plain)})
	}
	for _, f := range []struct {
		kind, field, needed string
		text                sealed.Text
	}{
		{events.Problem, "tried", "say what you have tried already, so that others can think on from there", t.Tried},
		{events.Information, "purpose", "say what you need it for, so that others find what fits", t.Purpose},
		{events.Experience, "situation", "describe your situation, so that others recognise it", t.Situation},
	} {
		switch {
		case f.kind == kind && f.text.IsZero():
			wrong = append(wrong, fault.Field{Field: f.field, Reason: f.needed})
		case f.kind != kind && !f.text.IsZero():
			wrong = append(wrong, fault.Field{Field: f.field, Reason: "belongs to requests of the kind " + f.kind + " alone; leave it out"})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	err := fault.InvalidField(wrong[0].Field, wrong[0].Reason)
	err.Fields = wrong
	return err
}

// noRequest is also the answer for what the caller may not see.
func noRequest() error {
	return fault.New(fault.NotFound, "There is no request with this id, or none that you may see.")
}
