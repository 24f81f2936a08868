package matching

import (
	"slices"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/view"
)

// routingDoc is how far an open request has been routed since it was raised or
// reopened. A request that is closed has none.
type routingDoc struct {
	Request   string    `json:"request"`
	Community string    `json:"community,omitempty"`
	Asker     string    `json:"asker,omitempty"`
	Kind      string    `json:"kind,omitempty"`
	Step      string    `json:"step,omitempty"` // "": not routed yet
	At        time.Time `json:"at,omitzero"`    // of the step
	Because   string    `json:"because,omitempty"`
	Due       time.Time `json:"due,omitzero"` // of the next step; zero: there is none
	Cause     cause     `json:"cause"`        // the event of the step, which causes the next one

	Asked    []string `json:"asked,omitempty"`    // proposed as helpers
	Declined []string `json:"declined,omitempty"` // of them
	Told     []string `json:"told,omitempty"`     // asked to help to find somebody
	Answers  []string `json:"answers,omitempty"`  // who can help, and responses that are there

	Overdue bool `json:"overdue,omitempty"` // nobody had answered when the next step was due
	Waiting bool `json:"waiting"`           // for the time when it is
}

// cause is what a command says of the event that it follows from.
type cause struct {
	Event       string `json:"event,omitempty"`
	Seq         uint64 `json:"seq,omitempty"`
	Correlation string `json:"correlation,omitempty"`
}

// routingView has a document for each open request that was raised or reopened
// here, by its id. Its index due lists those that wait for their next step, the
// next one first, so that a look at what is due costs what is due.
func routingView() view.Spec[routingDoc] {
	return view.Spec[routingDoc]{
		Name: "matching-routing", Version: 1,
		Indexes: []view.Index{{Name: "due", Fields: []string{"waiting", "due"}}},
		Keys: func(r es.Recorded) []string {
			if r.Meta.Imported {
				return nil
			}
			switch r.Data.(type) {
			case community.RequestRaised, community.RequestReopened, community.RequestResponded, community.ResponseRetracted,
				community.ResponseAccepted, community.RequestResolved, community.RequestUnresolved, community.RequestWithdrawn,
				community.RequestRetracted,
				events.HelpersProposed, events.HelpOffered, events.HelpDeclined,
				events.RequestUnanswered, events.RoutingWidened, events.RoutingEnded:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *routingDoc, r es.Recorded) (keep bool) {
			keep = d.foldRequest(key, r)
			d.foldProposal(r)
			d.Waiting = !d.Due.IsZero() && !d.Overdue && len(d.Answers) == 0
			return keep
		},
	}
}

// foldRequest reports whether the request is open after r, as far as is known.
func (d *routingDoc) foldRequest(key string, r es.Recorded) (open bool) {
	switch e := r.Data.(type) {
	case community.RequestRaised:
		*d = routingDoc{Request: key, Community: e.Community, Asker: e.Asker, Kind: e.Kind}
	case community.RequestReopened:
		*d = routingDoc{Request: key} // the rest is in what is proposed next
	case community.RequestResponded:
		d.Answers = with(d.Answers, e.Response)
	case community.ResponseRetracted:
		d.Answers = without(d.Answers, e.Response)
	case community.ResponseAccepted:
		return d.Request != "" && !e.Resolves
	case community.RequestResolved, community.RequestUnresolved, community.RequestWithdrawn, community.RequestRetracted:
		return false
	}
	return d.Request != ""
}

func (d *routingDoc) foldProposal(r es.Recorded) {
	switch e := r.Data.(type) {
	case events.HelpersProposed:
		d.Community, d.Asker, d.Kind = e.Community, e.Asker, e.Kind
		for _, h := range e.Helpers {
			d.Asked = with(d.Asked, h.Person)
		}
		step := e.Step
		if step == "" {
			step = events.StepCommunity
		}
		d.step(r, step, e.Because, e.Due)
	case events.RoutingWidened:
		for _, person := range e.Told {
			d.Told = with(d.Told, person)
		}
		d.step(r, e.Step, e.Because, e.Due)
	case events.RoutingEnded:
		d.step(r, events.StepEnded, e.Because, time.Time{})
	case events.RequestUnanswered:
		d.Overdue = true
	case events.HelpOffered:
		d.Answers, d.Declined = with(d.Answers, e.Helper), without(d.Declined, e.Helper)
	case events.HelpDeclined:
		d.Answers, d.Declined = without(d.Answers, e.Helper), with(d.Declined, e.Helper)
	}
}

func (d *routingDoc) step(r es.Recorded, step, because string, due time.Time) {
	d.Step, d.Because, d.At, d.Due, d.Overdue = step, because, r.Time, due, false
	d.Cause = cause{r.ID, r.Seq, r.Meta.Correlation}
}

// widens says why the next step is to be taken now, "" if it is not.
func (d *routingDoc) widens() string {
	switch {
	case d.Step == "" || d.Step == events.StepEnded || len(d.Answers) > 0:
		return ""
	case d.Step == events.StepCommunity && len(d.Asked) == 0 && d.Community == "" && !d.Due.IsZero():
		return events.BecauseNobodyFound // nobody has heard of it: nothing to wait for
	case d.Overdue:
		return events.BecauseUnanswered
	case d.proposing() && len(d.Asked) > 0 && !slices.ContainsFunc(d.Asked, func(person string) bool { return !slices.Contains(d.Declined, person) }):
		return events.BecauseAllDeclined
	}
	return ""
}

// proposing reports whether the step was to propose helpers.
func (d *routingDoc) proposing() bool {
	return d.Step == events.StepCommunity || d.Step == events.StepLinked
}

// with and without make new lists: readers may be looking at the old one.
func with(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(slices.Clip(list), one)
}

func without(list []string, one string) []string {
	i := slices.Index(list, one)
	if i < 0 {
		return list
	}
	return slices.Delete(slices.Clone(list), i, i+1)
}
