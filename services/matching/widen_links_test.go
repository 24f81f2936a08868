package matching_test

import (
	"testing"

	"kith/api/events/community"
	events "kith/api/events/matching"
)

// Communities are linked from the agreement of both until one side ends it.
func TestWideningFollowsLinks(t *testing.T) {
	t.Parallel()
	b := town(t, two())
	b.asks("q", "c", community.Problem)
	at := func(want string) {
		t.Helper()
		b.next(b.steps("q", events.StepCommunity), want, "Mon 13:00")
	}
	ends := community.Ends{Proposer: "l", Other: "c", Kind: community.Bridge}
	b.Append("lou", stream(community.Context, community.Link, "one"), community.LinkProposed{Ends: ends})
	at(events.StepConnectors)
	b.Append("hal", stream(community.Context, community.Link, "one"), community.LinkAgreed{Ends: ends})
	at(events.StepLinked)
	b.Append("lou", stream(community.Context, community.Link, "one"), community.LinkEnded{Ends: ends, Side: "l"})
	at(events.StepConnectors)
	b.alive()
}
