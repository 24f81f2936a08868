package community

import (
	"context"
	"maps"
	"slices"

	events "kith/api/events/community"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
)

// Names of reactors. They are part of command ids and never change.
const (
	successionReactor = "community-succession"
	erasureReactor    = "community-erasure"
)

// causeAskerErased is the reason code of a request that ends because its asker
// was erased.
const causeAskerErased = "asker_erased"

// maxAsked bounds how many members are asked to take over when there is no
// core: one of them is enough, and an event has a size.
const maxAsked = 500

// Causes of a succession.
const (
	causeLeft        = "left"
	causeRemoved     = "removed"
	causeRoleChanged = "role_changed"
	causeDeactivated = "deactivated"
	causeErased      = "erased"
)

func (s *service) reactors() []react.Reactor {
	x := successor{s.core.Access, s.communities, s.directory}
	return []react.Reactor{
		{Name: successionReactor, Subjects: []string{"evt.membership.membership.*", "evt.membership.person.*"}, From: react.Start, Handle: x.handle},
		{Name: erasureReactor, Subjects: []string{"evt.membership.person.*", "evt.community.request.*"}, From: react.Start, InFlight: 4, Handle: s.endRequests},
	}
}

// endRequests withdraws what an erased person has open: it would stay so for
// ever, and helpers would be asked on behalf of nobody. A request that was
// decided before the erasure was known, and appended after it, is found by its
// own event.
func (s *service) endRequests(ctx context.Context, r es.Recorded) error {
	switch r.Data.(type) {
	case membership.PersonErased:
		return s.endAllRequests(ctx, r)
	case events.RequestRaised, events.RequestReopened:
		q, ok := s.core.Access.Request(r.Stream.ID)
		if !ok || !s.core.Access.Erased(q.Asker) {
			return nil
		}
		return s.abandon(ctx, r, r.Stream.ID)
	}
	return nil
}

func (s *service) endAllRequests(ctx context.Context, r es.Recorded) error {
	theirs := view.Query{Index: "asker", Equal: []any{r.Stream.ID}}
	for d, err := range s.list.All(ctx, theirs, func(d *requestDoc) bool { return d.State == stateOpen }) {
		if err != nil {
			return err
		}
		if err := s.abandon(ctx, r, d.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) abandon(ctx context.Context, r es.Recorded, id string) error {
	m := react.Command(r, erasureReactor, id)
	m.Access, m.Reason = s.core.Access.Position(), causeAskerErased
	_, err := s.requests.Execute(ctx, id, m, request.Abandon)
	return err
}

// successor opens a succession when a community has lost its last active host,
// and settles it when there is one again. What it finds is judged on the
// present: the runner has folded the event before it is handled, so an event
// that is handled late or twice does not undo what came after it.
type successor struct {
	access      *access.Access
	communities *es.Repo[commons]
	directory   *view.View[communityDoc]
}

func (x successor) handle(ctx context.Context, r es.Recorded) error {
	switch e := r.Data.(type) {
	case membership.MembershipLeft:
		return x.look(ctx, r, e.Community, e.Person, causeLeft)
	case membership.MembershipRemoved:
		return x.look(ctx, r, e.Community, e.Person, causeRemoved)
	case membership.MembershipRoleChanged:
		return x.look(ctx, r, e.Community, e.Person, causeRoleChanged)
	case membership.MembershipJoined:
		return x.look(ctx, r, e.Community, e.Person, "")
	case membership.PersonDeactivated:
		return x.lookEverywhere(ctx, r, causeDeactivated)
	case membership.PersonErased:
		return x.lookEverywhere(ctx, r, causeErased)
	case membership.PersonReactivated:
		return x.lookEverywhere(ctx, r, "")
	}
	return nil
}

// lookEverywhere looks at every community that the person hosts.
func (x successor) lookEverywhere(ctx context.Context, r es.Recorded, cause string) error {
	of := x.access.CommunitiesOf(r.Stream.ID)
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if of[id] != access.Host {
			continue
		}
		if err := x.look(ctx, r, id, r.Stream.ID, cause); err != nil {
			return err
		}
	}
	return nil
}

// look opens or settles the succession of one community, as it is now. A
// person's coming opens none: cause is "" then.
func (x successor) look(ctx context.Context, r es.Recorded, id, person, cause string) error {
	if c, ok := x.access.Community(id); !ok || c.State == events.Ended {
		return nil
	}
	decide, op := x.settle(x.access.Members(id, access.Host)), "settle"
	if decide == nil {
		hosted, err := x.hosted(ctx, id)
		if err != nil || !hosted || cause == "" {
			return err
		}
		decide, op = x.open(id, person, cause), "open"
	}
	m := react.Command(r, successionReactor, op, id)
	m.Access, m.Reason = x.access.Position(), cause
	_, err := x.communities.Execute(ctx, id, m, decide)
	return err
}

// settle returns nil if there is no host.
func (x successor) settle(hosts []string) func(commons) (es.Event, error) {
	if len(hosts) == 0 {
		return nil
	}
	return func(c commons) (es.Event, error) { return c.SettleSuccession(hosts[0]) }
}

// open asks core members, or all members where there is no core. Where there
// are none at all nobody is asked, and the event tells the coordinators.
func (x successor) open(id, last, cause string) func(commons) (es.Event, error) {
	asked := x.access.Members(id, access.Core)
	if len(asked) == 0 {
		asked = x.access.Members(id)
	}
	asked = asked[:min(len(asked), maxAsked)]
	return func(c commons) (es.Event, error) { return c.OpenSuccession(last, cause, asked) }
}

// hosted is false for communities that never had a host, as imported ones.
func (x successor) hosted(ctx context.Context, id string) (bool, error) {
	d, ok, err := x.directory.Get(ctx, id)
	return ok && d.Hosted, err
}
