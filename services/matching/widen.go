package matching

import (
	"context"
	"slices"

	events "kith/api/events/matching"
	"kith/pkg/es"
)

// begin proposes helpers for a request that was raised or reopened: the best of
// all who may be asked.
func (x *router) begin(ctx context.Context, d routingDoc, p proposal) (es.Event, error) {
	e, err := x.proposed(ctx, d, p.Round+1, p.Declined)
	if err != nil {
		return nil, err
	}
	e.Step = events.StepCommunity
	return p.Propose(e)
}

// widen takes the next step that reaches somebody. d is what is known of the
// request at the event that widens.
func (x *router) widen(ctx context.Context, d routingDoc, p proposal) (es.Event, error) {
	because := d.widens()
	if because == "" || p.Last != d.Cause.Seq {
		return nil, nil // somebody has answered, or another step was taken
	}
	step, told := x.path.next(d)
	if step == events.StepLinked {
		members := x.path.members(d)
		e, err := x.proposed(ctx, d, p.Round+1, func(person string) bool {
			return !members[person] || p.Declined(person) || slices.Contains(d.Asked, person)
		})
		if err != nil {
			return nil, err
		}
		if e.Step, e.Because = step, because; len(e.Helpers) > 0 {
			return p.Propose(e)
		}
		d.Step = step // reached nobody
		step, told = x.path.next(d)
	}
	if step == events.StepEnded {
		return events.RoutingEnded{Request: d.Request, Community: d.Community, Asker: d.Asker, Because: because}, nil
	}
	return events.RoutingWidened{
		Request: d.Request, Community: d.Community, Asker: d.Asker,
		Step: step, Because: because, Told: told, Due: x.path.due(d.Kind, x.core.Now()),
	}, nil
}
