package matching_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/services/matching"
)

// The clock stands at Monday 10:00 in Berlin, 09:00 UTC.
func TestWidening(t *testing.T) {
	t.Parallel()
	b := town(t, two()).linked("c", "l")
	b.asks("q", "c", community.Problem)
	first := helpers(b.proposals("ada", "q"))
	if len(first) != 2 {
		t.Fatalf("proposed %v", first)
	}
	at := b.steps("q", events.StepCommunity)
	b.next(at, events.StepLinked, "Mon 13:00")
	if at.Because != nil {
		t.Errorf("the first step is because of %v", *at.Because)
	}

	b.pass(4 * time.Hour)
	b.next(b.steps("q", events.StepLinked), events.StepConnectors, "Tue 08:00") // four hours after 14:00, until 17:00 and from 08:00 on
	all := helpers(b.proposals("ada", "q"))
	for _, person := range all[:len(all)-len(first)] {
		if person != "lia" && person != "lou" {
			t.Errorf("%s is in no linked community", person)
		}
	}
	if len(all) == len(first) || len(all) > 4 {
		t.Errorf("proposed %v after %v", all, first)
	}

	b.pass(23 * time.Hour)
	b.next(b.steps("q", events.StepConnectors), events.StepHosts, "")
	b.pass(24 * time.Hour)
	b.next(b.steps("q", events.StepHosts), events.StepEnded, "")
	b.pass(24 * time.Hour)
	end := b.steps("q", events.StepEnded)
	if end.Next != nil || *end.Because != api.RoutingBecauseUnanswered || end.Answered != nil {
		t.Errorf("at the end: %+v", end)
	}
	b.alive()
	b.expect("events", b.types("q"), "proposal.proposed", "proposal.unanswered", "proposal.proposed",
		"proposal.unanswered", "proposal.widened", "proposal.unanswered", "proposal.widened", "proposal.unanswered", "proposal.ended")
	for i, r := range b.recorded("q") {
		if i > 0 && (r.Meta.Cause == "" || r.Meta.CauseSeq == 0 || r.Meta.Actor == "") {
			t.Errorf("%s says not why: %+v", r.Type, r.Meta)
		}
		switch e := r.Data.(type) {
		case events.HelpersProposed:
			for _, h := range e.Helpers {
				if i > 0 && slices.Contains(first, h.Person) {
					t.Errorf("%s is proposed again", h.Person)
				}
			}
		case events.RoutingWidened:
			want := map[string]string{events.StepConnectors: "con", events.StepHosts: "hal"}[e.Step]
			if len(e.Told) != 1 || e.Told[0] != want || e.Because != events.BecauseUnanswered || e.Due.IsZero() {
				t.Errorf("%+v", e)
			}
		case events.RequestUnanswered:
			if e.Asker != "ada" || e.Step == "" {
				t.Errorf("%+v", e)
			}
		}
	}
	if q, _ := b.App.Core.Access.Request("q"); !q.Open {
		t.Error("the request is closed")
	}
}

func TestWideningSkipsWhoIsNotThere(t *testing.T) {
	t.Parallel()
	b := town(t, two())
	b.Append("admin", stream(membership.Context, membership.Role, "con"), membership.RoleRevoked{Role: "connector"})
	b.Append("hal", stream(membership.Context, membership.Membership, es.ID("c", "hal")), membership.MembershipLeft{Tie: membership.Tie{Community: "c", Person: "hal"}})
	b.asks("q", "c", community.Information)
	b.next(b.steps("q", events.StepCommunity), events.StepConnectors, "Tue 08:00")
	b.pass(23 * time.Hour)
	b.next(b.steps("q", events.StepConnectors), events.StepCoordinators, "")
	b.pass(30 * time.Hour)
	b.next(b.steps("q", events.StepCoordinators), events.StepEnded, "")
	told := map[string]string{}
	for _, r := range b.recorded("q") {
		if e, ok := r.Data.(events.RoutingWidened); ok {
			told[e.Step] = e.Told[0]
		}
	}
	if told[events.StepConnectors] != "top" || told[events.StepCoordinators] != "coo" {
		t.Errorf("told were %v; of a unit without connector it is that of the unit above", told)
	}
	b.alive()
}

func TestWideningWaitsForNobody(t *testing.T) {
	t.Parallel()
	t.Run("everybody has declined", func(t *testing.T) {
		b := town(t, two()).linked("c", "l")
		b.asks("q", "c", community.Problem)
		for _, person := range helpers(b.proposals("ada", "q")) {
			b.steps("q", events.StepCommunity)
			b.offer(person, "q", "not_me")
		}
		at := b.steps("q", events.StepLinked)
		if *at.Because != api.RoutingBecauseAllDeclined {
			t.Errorf("because of %s", *at.Because)
		}
		if r := b.proposals("hal", "q").Routing; r == nil || r.Because != nil {
			t.Errorf("others read %+v", r)
		}
		b.next(at, events.StepConnectors, "Mon 13:00")
		b.expect("events", b.types("q"), "proposal.proposed", "proposal.declined", "proposal.declined", "proposal.proposed")
	})
	t.Run("everybody has declined, and the one answer is taken back", func(t *testing.T) {
		b := town(t, two())
		b.asks("q", "c", community.Problem)
		b.Append("coo", request("q"), community.RequestResponded{Response: "r", Author: "coo", Body: sealed.New("coo", sealed.Content, "Water them.")})
		for _, person := range helpers(b.proposals("ada", "q")) {
			b.offer(person, "q", "not_me")
		}
		b.steps("q", events.StepCommunity)
		b.Append("coo", request("q"), community.ResponseRetracted{Response: "r"})
		if at := b.proposals("ada", "q").Routing; at.Step != api.RoutingStepConnectors {
			t.Errorf("it is at %+v", at)
		}
	})
	t.Run("nobody is found in linked communities", func(t *testing.T) {
		b := town(t, two()).linked("c", "l")
		b.raise("q", "ada", "Tuning harpsichords", in("c"))
		b.next(b.steps("q", events.StepCommunity), events.StepLinked, "")
		b.pass(4 * time.Hour)
		b.steps("q", events.StepConnectors)
		b.alive()
	})
	t.Run("nobody was found, and nobody has heard of it", func(t *testing.T) {
		b := town(t, two())
		b.raise("q", "ada", "Tuning harpsichords", func(e *community.RequestRaised) { e.Kind = community.Information })
		b.steps("q", events.StepConnectors)
	})
	t.Run("nobody was found, but a community has heard of it", func(t *testing.T) {
		b := town(t, two())
		b.raise("q", "ada", "Tuning harpsichords", in("c"))
		b.next(b.steps("q", events.StepCommunity), events.StepConnectors, "Mon 13:00")
	})
}

// Each step reaches new people, and nobody who has declined.
func TestWideningReachesNewPeople(t *testing.T) {
	t.Parallel()
	b := town(t, two()).linked("c", "l")
	b.grants("hal", "connector")
	b.Append("hal", stream(membership.Context, membership.Person, "hal"), membership.PersonMoved{Unit: "team"})
	b.asks("q", "c", community.Problem)
	for _, person := range []string{"lia", "lou"} { // who was not proposed has declined before anybody asked
		if !slices.Contains(helpers(b.proposals("ada", "q")), person) {
			b.offer(person, "q", "can_help")
			b.offer(person, "q", "not_me")
		}
	}
	b.pass(4 * time.Hour)
	b.next(b.steps("q", events.StepConnectors), events.StepCoordinators, "") // hal was told as connector
	b.alive()
}

// Nothing is widened before its time, whatever else is.
func TestWideningIsNotEarly(t *testing.T) {
	t.Parallel()
	cfg := two()
	cfg.WidenAfter.ExperienceAfter = time.Hour
	b := town(t, cfg)
	b.asks("q", "c", community.Problem)
	for _, id := range []string{"one", "two"} { // are due before q
		b.asks(id, "c", community.Experience)
		b.pass(time.Hour)
		b.steps(id, events.StepConnectors)
	}
	b.next(b.steps("q", events.StepCommunity), events.StepConnectors, "Mon 13:00")
}

func TestAnswersStopWidening(t *testing.T) {
	t.Parallel()
	b := town(t, two())
	for _, id := range []string{"responded", "offered", "withdrawn", "nobody"} {
		b.asks(id, "c", community.Problem)
	}
	b.Append("mia", request("responded"), community.RequestResponded{Response: "r", Author: "mia", Body: sealed.New("mia", sealed.Content, "Water them.")})
	b.offer("coo", "offered", "can_help")
	b.Append("ada", request("withdrawn"), community.RequestWithdrawn{})
	widened := func(id string) bool {
		for _, typ := range b.types(id) {
			if typ == "proposal.widened" {
				return true
			}
		}
		return false
	}

	b.pass(4 * time.Hour)
	b.steps("nobody", events.StepConnectors)
	for _, id := range []string{"responded", "offered", "withdrawn"} {
		if widened(id) {
			t.Errorf("%s was widened: %v", id, b.types(id))
		}
	}
	for _, id := range []string{"responded", "offered"} {
		if at := b.steps(id, events.StepCommunity); at.Answered == nil || !*at.Answered || at.Next != nil {
			t.Errorf("%s: %+v", id, at)
		}
	}
	if got := b.proposals("ada", "withdrawn"); got.Routing != nil {
		t.Errorf("a request that is closed is routed: %+v", got.Routing)
	}

	t.Run("what is taken back was no answer", func(t *testing.T) {
		b.Append("mia", request("responded"), community.ResponseRetracted{Response: "r"})
		b.offer("coo", "offered", "not_me")
		b.Clock.Advance(5 * time.Second)
		b.steps("responded", events.StepConnectors)
		b.steps("offered", events.StepConnectors)
	})
	t.Run("reopening begins anew", func(t *testing.T) {
		b.Append("ada", request("nobody"), community.RequestWithdrawn{})
		b.Append("ada", request("nobody"), community.RequestReopened{})
		at := b.steps("nobody", events.StepCommunity)
		b.next(at, events.StepConnectors, "Tue 08:00")
		b.offer("ben", "nobody", "can_help")
		if at := b.steps("nobody", events.StepCommunity); at.Answered == nil {
			t.Errorf("%+v", at)
		}
		b.Append("ada", request("nobody"), community.RequestWithdrawn{})
		b.Append("ada", request("nobody"), community.RequestReopened{})
		for _, h := range b.proposals("ada", "nobody").Items {
			if h.Person == "ben" && h.Round == 3 && h.Answer != api.ProposedHelperAnswerWaiting {
				t.Errorf("an offer of before is taken for one: %+v", h)
			}
		}
		b.offer("ben", "nobody", "can_help")
		if at := b.steps("nobody", events.StepCommunity); at.Answered == nil {
			t.Errorf("an offer is not taken a second time: %+v", at)
		}
	})
	b.alive()
}

// Nobody learns of a closed community by being reached, or by who is.
func TestWideningKeepsClosedDoors(t *testing.T) {
	t.Parallel()
	for _, beyond := range []bool{false, true} {
		b := town(t, two())
		b.community("x", "hal", community.Closed)
		b.join("x", "ada", "member")
		b.community("y", "lou", community.Closed)
		b.join("y", "lia", "member")
		b.linked("x", "y")
		b.raise("q", "ada", "Growing orchids", func(e *community.RequestRaised) { e.Community, e.Beyond = "x", beyond })
		want := events.StepHosts // con is no member
		if beyond {
			want = events.StepConnectors // and not the linked community, which ada does not see
		}
		b.next(b.steps("q", events.StepCommunity), want, "")
		if b.Do("con", http.MethodGet, "/api/matching/requests/q/proposals", nil).Status == http.StatusOK {
			t.Error("a connector sees the request before they are reached")
		}
		b.pass(4 * time.Hour)
		b.steps("q", want)
		sees := b.Do("con", http.MethodGet, "/api/matching/requests/q/proposals", nil).Status == http.StatusOK
		if sees != beyond {
			t.Errorf("beyond %v: the connector sees the request: %v", beyond, sees)
		}
		b.alive()
	}
}

func TestKindsWaitDifferently(t *testing.T) {
	t.Parallel()
	b := town(t, matching.Config{WidenAfter: matching.After{ExperienceAfter: 3 * time.Hour}})
	for kind, due := range map[string]string{community.Problem: "Mon 13:00", community.Information: "Tue 08:00", community.Experience: "Mon 12:00"} {
		b.asks(kind, "c", kind)
		b.next(b.steps(kind, events.StepCommunity), events.StepConnectors, due)
	}
}
