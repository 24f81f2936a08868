package access_test

import (
	"fmt"
	"testing"
	"time"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
)

// story tells an Access what happened, event by event.
type story struct {
	t   *testing.T
	a   *access.Access
	log []es.Recorded
}

func newStory(t *testing.T) *story { return &story{t: t, a: access.New()} }

var contexts = map[string]string{
	membership.Unit: membership.Context, membership.Person: membership.Context, membership.Reservation: membership.Context,
	membership.Membership: membership.Context, membership.Role: membership.Context, membership.Token: membership.Context,
	community.Community: community.Context, community.Request: community.Context, community.Link: community.Context, matching.Proposal: matching.Context,
}

func (s *story) on(aggregate, id string, e es.Event) {
	s.t.Helper()
	s.add(es.Recorded{Stream: es.Stream{Context: contexts[aggregate], Aggregate: aggregate, ID: id}, Type: e.EventType(), Data: e})
}

func (s *story) add(r es.Recorded) {
	s.t.Helper()
	r.Seq = uint64(len(s.log) + 1)
	s.log = append(s.log, r)
	if err := s.a.Apply(s.t.Context(), s.log[len(s.log)-1:]); err != nil {
		s.t.Fatal(err)
	}
}

// person brings a person into a condition of the table in policy_test.go.
func (s *story) person(id, condition string) {
	if condition == "unknown" {
		return
	}
	s.on("person", id, membership.PersonRegistered{Unit: "u", Language: "de"})
	switch condition {
	case "reactivated":
		s.on("person", id, membership.PersonDeactivated{})
		s.on("person", id, membership.PersonReactivated{})
	case "deactivated":
		s.on("person", id, membership.PersonDeactivated{})
	case "erased":
		s.on("person", id, membership.PersonErased{})
		s.on("person", id, membership.PersonReactivated{}) // too late, as is what follows
		s.on("person", id, membership.PersonRegistered{Unit: "u", Language: "de"})
	}
}

func (s *story) found(id, visibility, founder string) {
	s.on("community", id, community.CommunityFounded{Founder: founder, Settings: community.Settings{
		Name: id, Visibility: visibility, Joining: community.JoinRequest}})
}

func tie(community, person string) membership.Tie {
	return membership.Tie{Community: community, Person: person}
}

func (s *story) join(community, person string, role access.Role) {
	s.on("membership", community+"-"+person, membership.MembershipJoined{Tie: tie(community, person), Via: membership.ViaOpen, Role: string(role)})
}

func (s *story) ask(id, where, asker string, beyond bool) {
	s.on("request", id, community.RequestRaised{Community: where, Asker: asker, Kind: community.Problem, Beyond: beyond})
}

func (s *story) route(request string, people ...string) {
	e := matching.HelpersProposed{Request: request, Round: 1}
	for _, p := range people {
		e.Helpers = append(e.Helpers, matching.ProposedHelper{Person: p})
	}
	s.on("proposal", request, e)
}

// day is a fixed time for tokens.
var day = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// crowd is an organisation of n people in one community.
func crowd(t *testing.T, n int) *story {
	s := newStory(t)
	s.found("all", community.Open, "p00000")
	for i := range n {
		id := fmt.Sprintf("p%05d", i)
		s.on("person", id, membership.PersonRegistered{Unit: fmt.Sprint("u", i%100), Language: "de"})
		s.join("all", id, access.Member)
	}
	return s
}
