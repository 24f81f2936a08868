package matching

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// policy names the way of ranking in what it proposed.
const policy = "log-linear-2"

// Names of reactors. They are part of command ids and never change.
const routerReactor = "matching-router"

// reactors handle one request at a time, so that caps hold.
func (s *service) reactors() []react.Reactor {
	x := &router{finder: s.finder, path: s.path, proposals: s.proposals, routing: s.routing, widened: s.widened}
	return []react.Reactor{
		{
			Name: routerReactor, Subjects: []string{"evt.community.request.*", "evt.matching.proposal.*"},
			From: react.Start, InFlight: 1, Handle: x.handle,
		},
		{Name: takerReactor, Subjects: []string{"evt.membership.membership.*", "evt.community.link.*"}, From: react.Now, Handle: s.taken},
		s.welcomer(),
	}
}

// router proposes helpers for requests that are raised or opened again, and
// reaches further people for those that nobody answers.
type router struct {
	finder
	path      path
	proposals *es.Repo[proposal]
	routing   *view.View[routingDoc]
	widened   *prometheus.CounterVec
	last      atomic.Uint64 // position of its newest proposal
}

func (x *router) handle(ctx context.Context, r es.Recorded) error {
	take := x.widen
	switch e := r.Data.(type) {
	case community.RequestRaised, community.RequestReopened:
		take = x.begin
	case events.HelpersProposed:
		if len(e.Helpers) > 0 {
			return nil
		}
	case events.RequestUnanswered, events.HelpDeclined, community.ResponseRetracted:
	default:
		return nil
	}
	// The load of everybody must be known up to the latest proposal, also of
	// a router in another process that was active a moment ago.
	if err := x.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	if err := x.core.Follower.Wait(ctx, x.last.Load()); err != nil {
		return err
	}
	d, ok, err := x.routed(ctx, r.Stream.ID)
	if err != nil || !ok {
		return err // or it was settled before anybody had to be asked
	}
	m := react.Command(r, routerReactor)
	m.Access = x.core.Access.Position()
	var step string
	seq, err := x.proposals.Execute(ctx, d.Request, m, func(p proposal) (es.Event, error) {
		e, err := take(ctx, d, p)
		step = stepOf(e)
		return e, err
	})
	if errors.Is(err, vault.ErrErased) {
		// Somebody was erased between ranking and sealing. Next time they are not found.
		return errors.New("matching: a proposed helper was erased meanwhile")
	}
	if err != nil {
		return fmt.Errorf("route %s: %w", d.Request, err)
	}
	if step != "" && step != events.StepCommunity {
		x.widened.WithLabelValues(step).Inc()
	}
	x.last.Store(max(seq, x.last.Load()))
	return nil
}

// routed is what is known of the routing of a request; ok is false if it is
// not open.
func (x *router) routed(ctx context.Context, request string) (d routingDoc, ok bool, err error) {
	q, ok := x.core.Access.Request(request)
	if !ok || !q.Open {
		return d, false, nil
	}
	if d, _, err = x.routing.Get(ctx, request); err != nil {
		return d, false, err
	}
	d.Request, d.Community, d.Asker = request, q.Community, q.Asker
	return d, true, x.index.read(ctx, func(k *known) { d.Kind = k.titles[request].Kind })
}

// proposed chooses helpers for a request, none of those who are but.
func (x *router) proposed(ctx context.Context, d routingDoc, but func(person string) bool) (events.HelpersProposed, error) {
	chosen, err := x.forRequest(ctx, d.Request, d.Asker, d.Kind, but)
	e := events.HelpersProposed{
		Request: d.Request, Community: d.Community, Asker: d.Asker, Kind: d.Kind, Policy: policy,
		Helpers: make([]events.ProposedHelper, len(chosen)), Due: x.path.due(d.Kind, x.core.Now()),
	}
	for i, c := range chosen {
		e.Helpers[i] = events.ProposedHelper{
			Person: c.Person, Score: math.Round(c.Score*1e4) / 1e4, Reasons: recorded(c.Person, c.reasons),
		}
	}
	return e, err
}

// stepOf is the step of routing that an event takes, "" if it takes none.
func stepOf(e es.Event) string {
	switch e := e.(type) {
	case events.HelpersProposed:
		return e.Step
	case events.RoutingWidened:
		return e.Step
	case events.RoutingEnded:
		return events.StepEnded
	default:
		return ""
	}
}
