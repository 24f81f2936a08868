package matching

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/services/matching/engine"
)

// policy names the way of ranking in what it proposed.
const policy = "log-linear-3"

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

// proposed chooses helpers for a round of a request, none of those who are but.
func (x *router) proposed(ctx context.Context, d routingDoc, round int, but func(person string) bool) (events.HelpersProposed, error) {
	chosen, weights, err := x.forRequest(ctx, d.Request, d.Asker, d.Kind, round, but)
	if err != nil {
		return events.HelpersProposed{}, err
	}
	e := events.HelpersProposed{
		Request: d.Request, Community: d.Community, Asker: d.Asker, Kind: d.Kind, Policy: policy,
		Helpers: make([]events.ProposedHelper, len(chosen)), Due: x.path.due(d.Kind, x.core.Now()),
		Weights: byName(weights),
	}
	for i, c := range chosen {
		e.Helpers[i] = events.ProposedHelper{
			Person: c.Person, Score: rounded(c.Score), Reasons: recorded(c.Person, c.reasons), Propensity: rounded(c.Propensity),
		}
		if e.Helpers[i].Evidence, err = x.figures(c.Candidate); err != nil {
			return e, err
		}
	}
	return e, nil
}

// figures are what ranked c, to be sealed for them; absent in works-council mode.
func (f finder) figures(c engine.Candidate) (sealed.Text, error) {
	if f.cfg.WorksCouncil {
		return sealed.Text{}, nil
	}
	text, err := json.Marshal(events.Evidence{
		Features: byName(engine.Weights(c.Features)), Load: c.Load, Turns: rounded(c.Turns),
		Like: c.Like, Tagged: c.Tagged, Helped: c.Helped,
	})
	if err != nil {
		return sealed.Text{}, fmt.Errorf("write the evidence for a helper: %w", err)
	}
	return sealed.New(c.Person, sealed.Identity, string(text)), nil
}

// byName are values by the names of their features, without those that are 0.
func byName(values engine.Weights) map[string]float64 {
	out := map[string]float64{}
	for f, v := range values {
		if v = rounded(v); v != 0 {
			out[engine.Feature(f).Name()] = v
		}
	}
	return out
}

// rounded is v to four digits: more say nothing, and the log keeps them for good.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }

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
