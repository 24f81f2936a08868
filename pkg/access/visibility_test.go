package access_test

import (
	"errors"
	"fmt"
	"testing"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
)

// TestRequests asks in every kind of community, with and without permission to
// go beyond it, and looks with everybody's eyes.
func TestRequests(t *testing.T) {
	s := everybody(t)
	type asked struct {
		id, where string
		beyond    bool
	}
	var all []asked
	for _, where := range []string{"open", "closed", ""} {
		for _, beyond := range []bool{true, false} {
			q := asked{fmt.Sprint("q", where, beyond), where, beyond}
			all = append(all, q)
			s.person("asker", "active")
			s.ask(q.id, q.where, "asker", beyond) // who is no member any more
		}
	}
	for _, condition := range conditions {
		for _, role := range roles {
			p := string(role) + "-" + condition
			alive := condition == "active" || condition == "reactivated"
			for _, q := range all {
				inside := alive && (q.where != "closed" || role != access.None)
				if got := s.a.SeesRequest(p, q.id); got != inside {
					t.Errorf("%s sees %+v: %v", p, q, got)
				}
				if got, want := s.a.MayBeAsked(p, q.id), alive && (inside || q.beyond); got != want {
					t.Errorf("%s may be asked %+v: %v", p, q, got)
				}
				s.route(q.id, p)
				if got, want := s.a.SeesRequest(p, q.id), alive && (inside || q.beyond); got != want {
					t.Errorf("%s, routed, sees %+v: %v", p, q, got)
				}
				if !s.a.Routed(p, q.id) {
					t.Errorf("%s was not routed to %+v", p, q)
				}
			}
		}
	}
	for _, q := range all {
		if !s.a.SeesRequest("asker", q.id) || s.a.MayBeAsked("asker", q.id) {
			t.Errorf("the asker of %+v does not see it, or may be asked", q)
		}
	}
	for _, p := range []string{"host-active", "nobody", ""} {
		if s.a.SeesRequest(p, "never") || s.a.MayBeAsked(p, "never") || s.a.Routed(p, "never") {
			t.Errorf("%q sees a request that does not exist", p)
		}
	}
}

func TestSight(t *testing.T) {
	setUp := func(t *testing.T) *story {
		s := newStory(t)
		for _, p := range []string{"founder", "member", "outsider", "other"} {
			s.person(p, "active")
		}
		s.found("club", community.Closed, "founder")
		s.join("club", "member", access.Member)
		s.ask("beyond", "club", "founder", true)
		s.ask("within", "club", "founder", false)
		return s
	}
	check := func(t *testing.T, s *story, person string, want ...string) {
		t.Helper()
		got := []string{}
		if s.a.SeesCommunity(person, "club") {
			got = append(got, "club")
		}
		for _, q := range []string{"beyond", "within", "mine"} {
			if s.a.SeesRequest(person, q) {
				got = append(got, q)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s sees %v instead of %v", person, got, want)
		}
	}
	t.Run("the founder is host at once", func(t *testing.T) {
		s := setUp(t)
		if s.a.Role("club", "founder") != access.Host || s.a.May("founder", access.ChangeSettings, "club") != nil {
			t.Fatal("the founder is not host")
		}
	})
	t.Run("who is asked to help to find somebody sees what may go beyond the community, and it alone", func(t *testing.T) {
		s := setUp(t)
		for _, q := range []string{"beyond", "within"} {
			s.on("proposal", q, matching.RoutingWidened{Request: q, Told: []string{"outsider"}})
		}
		check(t, s, "outsider", "beyond")
		check(t, s, "other")
	})
	for name, end := range map[string]es.Event{
		"removed": membership.MembershipRemoved{Tie: tie("club", "member")},
		"gone":    membership.MembershipLeft{Tie: tie("club", "member")},
	} {
		t.Run("whoever is "+name+" loses sight at once, but for their own request", func(t *testing.T) {
			s := setUp(t)
			s.ask("mine", "club", "member", false)
			check(t, s, "member", "club", "beyond", "within", "mine")
			s.on("membership", "club-member", end)
			check(t, s, "member", "mine")
			if s.a.Share("member", "founder") || len(s.a.CommunitiesOf("member")) != 0 || s.a.May("member", access.AskCommunity, "club") == nil {
				t.Fatal("something of the membership is left")
			}
			s.on("person", "member", membership.PersonDeactivated{})
			check(t, s, "member")
		})
	}
	t.Run("a routed outsider sees that request and no other", func(t *testing.T) {
		s := setUp(t)
		s.route("beyond", "outsider")
		check(t, s, "outsider", "beyond")
		check(t, s, "other")
	})
	t.Run("routing does not go beyond what the asker allows", func(t *testing.T) {
		s := setUp(t)
		s.route("within", "outsider")
		check(t, s, "outsider")
	})
	t.Run("closing an open community takes its requests out of sight", func(t *testing.T) {
		s := setUp(t)
		s.on("community", "club", community.CommunitySettingsChanged{Settings: community.Settings{Visibility: community.Open}})
		check(t, s, "other", "club", "beyond", "within")
		s.on("community", "club", community.CommunitySettingsChanged{Settings: community.Settings{Visibility: community.Closed}})
		check(t, s, "other")
	})
	t.Run("what cannot be understood is hidden", func(t *testing.T) {
		s := setUp(t)
		s.on("community", "club", community.CommunitySettingsChanged{Settings: community.Settings{Visibility: "by moonlight"}})
		check(t, s, "other")
		// Founded by a newer version, whose event this one cannot read.
		s.add(es.Recorded{Stream: es.Stream{Context: "community", Aggregate: "community", ID: "new"}, Type: "community.founded", Data: es.Unreadable{Err: errors.New("newer")}})
		s.on("community", "new", community.CommunityStateChanged{To: community.Active})
		s.join("new", "member", access.Member)
		s.ask("mine", "new", "member", false)
		if s.a.SeesCommunity("other", "new") || s.a.SeesRequest("other", "mine") || s.a.SeesCommunity("member", "new") {
			t.Fatal("a community without known settings is visible")
		}
		if _, ok := s.a.Community("new"); ok || s.a.May("member", access.AskCommunity, "new") == nil {
			t.Fatal("a community without known settings can be used")
		}
	})
	t.Run("nothing is visible before it exists", func(t *testing.T) {
		s := newStory(t)
		s.person("p", "active")
		s.join("later", "p", access.Member)
		s.route("asked", "p")
		if _, ok := s.a.Request("asked"); ok || s.a.SeesCommunity("p", "later") || s.a.SeesRequest("p", "asked") || s.a.Routed("p", "asked") || s.a.MayBeAsked("p", "asked") {
			t.Fatal("something is visible before it exists")
		}
		s.found("later", community.Closed, "")
		s.ask("asked", "elsewhere", "somebody", true)
		q, ok := s.a.Request("asked")
		if !ok || !s.a.SeesCommunity("p", "later") || !s.a.SeesRequest("p", "asked") {
			t.Fatalf("what was referred to early is lost: %+v", q)
		}
	})
}
