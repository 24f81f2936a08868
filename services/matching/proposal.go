package matching

import (
	"maps"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// Answers of a helper.
const (
	canHelp = "can_help"
	notMe   = "not_me"
)

// proposal is all that was proposed for one request and what each helper said.
type proposal struct {
	Round   int
	Asked   map[string]bool   // proposed in some round
	Answers map[string]string // the latest of each helper
	Offers  map[string]bool   // who has said "I can help" since the request was raised or reopened
	Last    uint64            // position of the last step of routing; 0: none
	Overdue bool              // nobody had answered when the next one was due
}

func foldProposal(p *proposal, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.HelpersProposed:
		if e.Step != events.StepLinked && p.Round > 0 {
			p.Offers = nil // the request was reopened
		}
		p.step(r.Seq)
		p.Round = e.Round
		p.Asked = maps.Clone(p.Asked)
		if p.Asked == nil {
			p.Asked = map[string]bool{}
		}
		for _, h := range e.Helpers {
			p.Asked[h.Person] = true
		}
	case events.HelpOffered:
		p.answer(e.Helper, canHelp)
	case events.HelpDeclined:
		p.answer(e.Helper, notMe)
	case events.RequestUnanswered:
		p.Overdue = true
	case events.RoutingWidened, events.RoutingEnded:
		p.step(r.Seq)
	}
}

func (p *proposal) step(seq uint64) { p.Last, p.Overdue = seq, false }

func (p *proposal) answer(helper, answer string) {
	p.Answers = maps.Clone(p.Answers)
	if p.Answers == nil {
		p.Answers = map[string]string{}
	}
	p.Answers[helper] = answer
	p.Offers = maps.Clone(p.Offers)
	if p.Offers == nil {
		p.Offers = map[string]bool{}
	}
	if p.Offers[helper] = true; answer != canHelp {
		delete(p.Offers, helper)
	}
}

// Declined reports whether the person said "not me", and does so still.
func (p proposal) Declined(person string) bool { return p.Answers[person] == notMe }

// Propose records the router's choice as the next round. Nobody found is a
// choice too: the asker is told. Nobody who declined is asked again.
func (p proposal) Propose(e events.HelpersProposed) (es.Event, error) {
	for _, h := range e.Helpers {
		if h.Person == e.Asker || p.Declined(h.Person) {
			return nil, fault.New(fault.Conflict, "Neither the asker nor somebody who declined can be proposed.")
		}
	}
	e.Round = p.Round + 1
	return e, nil
}

// Unanswered records that nobody has answered in the time of the step at last.
// Nothing changes if somebody can help, or another step was taken.
func (p proposal) Unanswered(e events.RequestUnanswered, last uint64) (es.Event, error) {
	if p.Last != last || p.Overdue || len(p.Offers) > 0 {
		return nil, nil
	}
	return e, nil
}

// about is what the helper's answer is judged by besides the proposal.
type about struct {
	Request, Asker string
	Open           bool
}

// Offer is the person's "I can help", also when nobody had proposed them.
// Saying it again changes nothing, unless the request was reopened meanwhile.
// Returns Conflict for the asker and for a request that is closed.
func (p proposal) Offer(person string, of about) (es.Event, error) {
	switch {
	case person == of.Asker:
		return nil, fault.New(fault.Conflict, "This is your own request. Only others can offer to help with it.")
	case p.Offers[person]:
		return nil, nil
	case !of.Open:
		return nil, closed()
	}
	return events.HelpOffered{Request: of.Request, Helper: person, Asker: of.Asker, Proposed: p.Asked[person]}, nil
}

// Decline is the person's "not me", which also takes back an offer. Saying it
// again changes nothing. Returns Conflict for somebody who was neither
// proposed nor offered to help, and for a request that is closed.
func (p proposal) Decline(person string, of about) (es.Event, error) {
	switch {
	case p.Declined(person):
		return nil, nil
	case !p.Asked[person] && p.Answers[person] == "":
		return nil, fault.New(fault.Conflict, "Nobody has proposed you for this request, so there is nothing to decline.")
	case !of.Open:
		return nil, closed()
	}
	return events.HelpDeclined{Request: of.Request, Helper: person}, nil
}

func closed() error {
	return fault.New(fault.Conflict, "This request is closed and waits for no more help. Its asker can reopen it.")
}
