package matching

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/vault"
)

// policy names the way of ranking in what it proposed.
const policy = "log-linear-2"

// Names of reactors. They are part of command ids and never change.
const routerReactor = "matching-router"

// reactors handle one request at a time, so that caps hold.
func (s *service) reactors() []react.Reactor {
	x := &router{finder: s.finder, proposals: s.proposals}
	return []react.Reactor{
		{Name: routerReactor, Subjects: []string{"evt.community.request.*"}, From: react.Start, InFlight: 1, Handle: x.handle},
		s.welcomer(),
	}
}

// router proposes helpers for requests that are raised or opened again.
type router struct {
	finder
	proposals *es.Repo[proposal]
	last      atomic.Uint64 // position of its newest proposal
}

func (x *router) handle(ctx context.Context, r es.Recorded) error {
	switch r.Data.(type) {
	case community.RequestRaised, community.RequestReopened:
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
	id := r.Stream.ID
	q, ok := x.core.Access.Request(id)
	if !ok || !q.Open {
		return nil // it was settled before anybody had to be asked
	}
	m := react.Command(r, routerReactor)
	m.Access = x.core.Access.Position()
	seq, err := x.proposals.Execute(ctx, id, m, func(p proposal) (es.Event, error) {
		return x.propose(ctx, q.Community, q.Asker, id, p)
	})
	if errors.Is(err, vault.ErrErased) {
		// Somebody was erased between ranking and sealing. Next time they are not found.
		return errors.New("matching: a proposed helper was erased meanwhile")
	}
	if err != nil {
		return fmt.Errorf("propose helpers for %s: %w", id, err)
	}
	x.last.Store(max(seq, x.last.Load()))
	return nil
}

func (x *router) propose(ctx context.Context, communityID, asker, request string, p proposal) (es.Event, error) {
	var kind string
	if err := x.index.read(ctx, func(k *known) { kind = k.titles[request].Kind }); err != nil {
		return nil, err
	}
	chosen, err := x.forRequest(ctx, request, asker, kind, p.Declined)
	if err != nil {
		return nil, err
	}
	e := events.HelpersProposed{
		Request: request, Community: communityID, Asker: asker, Kind: kind, Policy: policy,
		Helpers: make([]events.ProposedHelper, len(chosen)),
	}
	for i, c := range chosen {
		e.Helpers[i] = events.ProposedHelper{
			Person: c.Person, Score: math.Round(c.Score*1e4) / 1e4, Reasons: recorded(c.Person, c.reasons),
		}
	}
	return p.Propose(e)
}
