package matching_test

import (
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/es"
	"kith/services/matching"
)

// town is an organisation in which somebody can be asked at every step:
//
//	unit town: top (connector) · team below it: ada, con (connector)
//	community c: hal hosts it, ada and mia are members
//	community l, see linked: lia and lou are members, lou hosts it
//	coo coordinates, ben is in no community
//
// ben, mia, lia and lou know about orchids.
func town(t *testing.T, cfg matching.Config) *bed {
	t.Helper()
	b := start(t, cfg)
	b.unit("town", "")
	b.unit("team", "town")
	for person, unit := range map[string]string{"ada": "team", "con": "team", "top": "town", "hal": "hall", "mia": "m", "lia": "l1", "lou": "l2", "coo": "office", "ben": "b"} {
		b.person(person, unit)
	}
	b.grants("con", "connector")
	b.grants("top", "connector")
	b.grants("coo", "coordinator")
	b.community("c", "hal", community.Open)
	b.join("c", "ada", "member")
	b.join("c", "mia", "member")
	b.community("l", "lou", community.Open)
	b.join("l", "lia", "member")
	for _, person := range []string{"ben", "mia", "lia", "lou"} {
		b.profile(person, nil, "orchids")
	}
	return b
}

// linked links two communities, by agreement of both.
func (b *bed) linked(one, other string) *bed {
	b.t.Helper()
	s, ends := stream(community.Context, community.Link, es.ID(one, other)), community.Ends{Proposer: one, Other: other, Kind: community.Sister}
	b.Append("admin", s, community.LinkProposed{Ends: ends})
	b.Append("admin", s, community.LinkAgreed{Ends: ends})
	return b
}

func (b *bed) unit(id, parent string) {
	b.t.Helper()
	b.Append("admin", stream(membership.Context, membership.Unit, id), membership.UnitCreated{Parent: parent, Code: id, Name: id, Kind: "team"})
}

func (b *bed) grants(person, role string) {
	b.t.Helper()
	b.Append("admin", stream(membership.Context, membership.Role, person), membership.RoleGranted{Role: role})
}

// asks raises a request about orchids of which two may be asked at once.
func (b *bed) asks(id, in, kind string) {
	b.t.Helper()
	b.raise(id, "ada", "Growing orchids", func(e *community.RequestRaised) {
		e.Community, e.Kind, e.Beyond = in, kind, true
	})
}

// pass moves the clock, and waits until the process has seen that nothing else
// has happened in that time.
func (b *bed) pass(d time.Duration) {
	b.t.Helper()
	b.Clock.Advance(d)
	for tries := 0; !b.App.Ready(); tries++ {
		if tries == 4000 {
			b.t.Fatal("the process is not ready")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// steps waits until request has been routed as far as step, and returns what
// the asker reads.
func (b *bed) steps(id, step string) api.Routing {
	b.t.Helper()
	return b.routed(id, func(r api.Routing) bool { return string(r.Step) == step })
}

func (b *bed) routed(id string, far func(api.Routing) bool) api.Routing {
	b.t.Helper()
	for tries := 1; ; tries++ {
		r := b.proposals("ada", id).Routing
		if r != nil && far(*r) {
			return *r
		}
		if tries == 2000 {
			b.t.Fatalf("%s was never routed that far; it is at %+v", id, r)
		}
		if tries%20 == 0 {
			b.Clock.Advance(5 * time.Second) // a look may have been under way when the clock was moved
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// recorded are the events of a request's proposal.
func (b *bed) recorded(id string) (out []es.Recorded) {
	b.t.Helper()
	for r, err := range b.App.Core.Events.Load(b.t.Context(), stream(events.Context, events.Proposal, id), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func (b *bed) types(id string) (out []string) {
	b.t.Helper()
	for _, r := range b.recorded(id) {
		out = append(out, r.Type)
	}
	return out
}

func (b *bed) next(r api.Routing, step, due string) {
	b.t.Helper()
	switch {
	case r.Next == nil:
		b.t.Errorf("at %s nothing follows, want %s", r.Step, step)
	case string(r.Next.Step) != step || due != "" && r.Next.Due.UTC().Format("Mon 15:04") != due:
		b.t.Errorf("at %s follows %s on %s, want %s on %s", r.Step, r.Next.Step, r.Next.Due.UTC().Format("Mon 15:04"), step, due)
	}
}

func two() matching.Config {
	var cfg matching.Config
	cfg.Problem.Count, cfg.Information.Count = 2, 2
	return cfg
}
