package matching_test

import (
	"testing"
	"time"

	"kith/api/events/community"
	matched "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/services/matching"
)

// weeks counts how often somebody was told of their first week in a community.
func (b *bed) weeks(communityID, person string) (n int) {
	b.t.Helper()
	for r, err := range b.App.Core.Events.Load(b.t.Context(), stream(matched.Context, matched.Buddy, es.ID(communityID, person)), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		if _, ok := r.Data.(matched.FirstWeekPassed); ok {
			n++
		}
	}
	return n
}

// untilWeeks lets ticks pass until somebody was told so often.
func (b *bed) untilWeeks(communityID, person string, want int) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); b.weeks(communityID, person) < want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s was told %d times after 20 s, want %d", person, b.weeks(communityID, person), want)
		}
		b.Clock.Advance(time.Minute)
	}
	b.later(0)
}

func TestTheFirstWeek(t *testing.T) {
	t.Parallel()
	b := start(t, matching.Config{RoundsByHand: true})
	for _, p := range []string{"hal", "ada", "ben", "cyd"} {
		b.person(p, "unit-"+p)
	}
	b.community("circle", "hal", community.Open)
	b.join("circle", "ada", "member")
	b.join("circle", "ben", "member")
	b.later(6 * 24 * time.Hour)
	b.join("circle", "cyd", "member")
	left := stream(membership.Context, membership.Membership, es.ID("circle", "ben"))
	b.Append("ben", left, membership.MembershipLeft{Tie: membership.Tie{Community: "circle", Person: "ben"}})
	b.later(24 * time.Hour)
	b.untilWeeks("circle", "ada", 1)
	if n := b.weeks("circle", "cyd") + b.weeks("circle", "ben"); n != 0 {
		t.Errorf("%d were told who joined yesterday or have left", n)
	}
	b.later(6 * 24 * time.Hour)
	b.untilWeeks("circle", "cyd", 1)
	if n := b.weeks("circle", "ada"); n != 1 {
		t.Errorf("ada was told %d times", n)
	}
	// Who joins again is a newcomer again.
	tie := membership.Tie{Community: "circle", Person: "ada"}
	b.Append("ada", stream(membership.Context, membership.Membership, es.ID("circle", "ada")), membership.MembershipLeft{Tie: tie})
	b.join("circle", "ada", "member")
	b.later(aWeek)
	b.untilWeeks("circle", "ada", 2)
	b.alive()
}
