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

// successionName is the name of the reactor, part of its commands' ids.
const successionName = "community-succession"

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

// successor looks after communities without a host.
type successor struct {
	access      *access.Access
	communities *es.Repo[commons]
	directory   *view.View[communityDoc]
}

// successionReactor opens a succession when a community has lost its last
// active host, and settles it when there is one again. What it finds is judged
// on the present: the runner has folded the event before it is handled, so an
// event that is handled late or twice does not undo what came after it.
func successionReactor(a *access.Access, repo *es.Repo[commons], directory *view.View[communityDoc]) react.Reactor {
	s := successor{a, repo, directory}
	return react.Reactor{
		Name:     successionName,
		Subjects: []string{"evt.membership.membership.*", "evt.membership.person.*"},
		From:     react.Start,
		Handle:   s.handle,
	}
}

func (s successor) handle(ctx context.Context, r es.Recorded) error {
	switch e := r.Data.(type) {
	case membership.MembershipLeft:
		return s.look(ctx, r, e.Community, e.Person, causeLeft)
	case membership.MembershipRemoved:
		return s.look(ctx, r, e.Community, e.Person, causeRemoved)
	case membership.MembershipRoleChanged:
		return s.look(ctx, r, e.Community, e.Person, causeRoleChanged)
	case membership.MembershipJoined:
		return s.look(ctx, r, e.Community, e.Person, "")
	case membership.PersonDeactivated:
		return s.lookEverywhere(ctx, r, causeDeactivated)
	case membership.PersonErased:
		return s.lookEverywhere(ctx, r, causeErased)
	case membership.PersonReactivated:
		return s.lookEverywhere(ctx, r, "")
	}
	return nil
}

// lookEverywhere looks at every community that the person hosts.
func (s successor) lookEverywhere(ctx context.Context, r es.Recorded, cause string) error {
	of := s.access.CommunitiesOf(r.Stream.ID)
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if of[id] != access.Host {
			continue
		}
		if err := s.look(ctx, r, id, r.Stream.ID, cause); err != nil {
			return err
		}
	}
	return nil
}

// look opens or settles the succession of one community, as it is now. A
// person's coming opens none: cause is "" then.
func (s successor) look(ctx context.Context, r es.Recorded, id, person, cause string) error {
	if c, ok := s.access.Community(id); !ok || c.State == events.Ended {
		return nil
	}
	decide, op := s.settle(s.access.Members(id, access.Host)), "settle"
	if decide == nil {
		hosted, err := s.hosted(ctx, id)
		if err != nil || !hosted || cause == "" {
			return err
		}
		decide, op = s.open(id, person, cause), "open"
	}
	m := react.Command(r, successionName, op, id)
	m.Access, m.Reason = s.access.Position(), cause
	_, err := s.communities.Execute(ctx, id, m, decide)
	return err
}

// settle returns nil if there is no host.
func (s successor) settle(hosts []string) func(commons) (es.Event, error) {
	if len(hosts) == 0 {
		return nil
	}
	return func(c commons) (es.Event, error) { return c.SettleSuccession(hosts[0]) }
}

// open asks core members, or all members where there is no core. Where there
// are none at all nobody is asked, and the event tells the coordinators.
func (s successor) open(id, last, cause string) func(commons) (es.Event, error) {
	asked := s.access.Members(id, access.Core)
	if len(asked) == 0 {
		asked = s.access.Members(id)
	}
	asked = asked[:min(len(asked), maxAsked)]
	return func(c commons) (es.Event, error) { return c.OpenSuccession(last, cause, asked) }
}

// hosted is false for communities that never had a host, as imported ones.
func (s successor) hosted(ctx context.Context, id string) (bool, error) {
	d, ok, err := s.directory.Get(ctx, id)
	return ok && d.Hosted, err
}
