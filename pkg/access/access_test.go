package access_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
)

func TestDirectory(t *testing.T) {
	s := newStory(t)
	a := s.a
	s.on("unit", "u1", membership.UnitCreated{Code: "HQ", Name: "Head office", Kind: "organisation"})
	s.on("unit", "u2", membership.UnitCreated{Parent: "u1", Code: "IT", Name: "IT", Kind: "department"})
	s.on("unit", "u2", membership.UnitChanged{Parent: "u1", Name: "Computing", Kind: "team"})
	s.on("unit", "u2", membership.UnitClosed{})
	for _, p := range []string{"b", "a", "c"} {
		s.person(p, "active")
		s.on("reservation", "login-"+p, membership.ReservationMade{Person: p, Kind: "login"})
		s.on("token", "token-"+p, membership.TokenIssued{Person: p, Hash: "hash-" + p, Expires: day})
	}
	s.on("person", "a", membership.PersonMoved{Unit: "u2", Site: "north"})
	s.on("person", "a", membership.PersonChanged{Language: "da"})
	s.on("person", "b", membership.PersonLanguageChosen{Language: "de"})
	s.on("person", "b", membership.PersonChanged{Language: "da"})
	s.on("role", "a", membership.RoleGranted{Role: "auditor"})
	s.on("role", "a", membership.RoleGranted{Role: "auditor"})
	s.on("role", "c", membership.RoleGranted{Role: "auditor"})
	s.on("role", "b", membership.RoleGranted{Role: "auditor"})
	s.on("role", "b", membership.RoleGranted{Role: "connector"})
	held, _ := a.Person("b")
	s.on("role", "b", membership.RoleRevoked{Role: "auditor"})
	s.on("reservation", "login-b", membership.ReservationReleased{Person: "b"})
	s.on("token", "token-b", membership.TokenRevoked{Person: "b"})
	s.on("person", "c", membership.PersonErased{})
	s.on("role", "c", membership.RoleGranted{Role: "administrator"}) // too late
	s.found("x", community.Open, "a")
	s.join("x", "b", access.Member)
	s.join("x", "c", access.Member)
	s.on("membership", "x-b", membership.MembershipRoleChanged{Tie: tie("x", "b"), Role: "core"})
	s.on("community", "x", community.SuccessionOpened{})

	same := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	same("people", a.People(), []access.Person{
		{ID: "a", Active: true, Unit: "u2", Site: "north", Language: "da", Roles: []access.OrgRole{"auditor"}},
		{ID: "b", Active: true, Unit: "u", Language: "de", Own: true, Roles: []access.OrgRole{"connector"}},
		{ID: "c", Erased: true, Unit: "u", Language: "de"}})
	same("roles handed out before", held.Roles, []access.OrgRole{"auditor", "connector"})
	same("units", a.Units(), []access.Unit{{ID: "u1", Code: "HQ", Name: "Head office", Kind: "organisation"},
		{ID: "u2", Parent: "u1", Code: "IT", Name: "Computing", Kind: "team", Closed: true}})
	u, ok := a.UnitByCode("IT")
	same("unit by code", []any{u.ID, ok}, []any{"u2", true})
	_, ok = a.UnitByCode("none")
	same("no unit", ok, false)
	same("holding", a.Holding(access.Auditor), []string{"a"})
	same("members", a.Members("x"), []string{"a", "b"})
	same("hosts", a.Members("x", access.Host), []string{"a"})
	same("hosts and core", a.Members("x", access.Host, access.Core), []string{"a", "b"})
	same("members of nothing", len(a.Members("none")), 0)
	same("share", []bool{a.Share("a", "b"), a.Share("a", "stranger")}, []bool{true, false})
	same("communities", a.CommunitiesOf("b"), map[string]access.Role{"x": "core"})
	c, _ := a.Community("x")
	same("hostless", c.Hostless, true)
	s.on("community", "x", community.SuccessionSettled{Host: "b"})
	c, _ = a.Community("x")
	same("settled", c.Hostless, false)
	_, ok = a.Reserved("login-b")
	same("released", ok, false)
	p, ok := a.Reserved("login-a")
	same("reserved", []any{p, ok}, []any{"a", true})
	_, _, _, ok = a.Token("token-b")
	same("revoked", ok, false)
	p, hash, expires, ok := a.Token("token-a")
	same("token", []any{p, hash, expires, ok}, []any{"a", "hash-a", day, true})
	same("active", []bool{a.Active("a"), a.Active("c"), a.Active("d")}, []bool{true, false, false})
}

func TestRequestIsOpen(t *testing.T) {
	for name, c := range map[string]struct {
		events []es.Event
		open   bool
	}{
		"when it is raised":                          {nil, true},
		"when a response is accepted among several":  {[]es.Event{community.ResponseAccepted{}}, true},
		"until a response that resolves is accepted": {[]es.Event{community.ResponseAccepted{Resolves: true}}, false},
		"until it is resolved":                       {[]es.Event{community.RequestResolved{}}, false},
		"until it is given up":                       {[]es.Event{community.RequestUnresolved{}}, false},
		"until it is withdrawn":                      {[]es.Event{community.RequestWithdrawn{}}, false},
		"until it is retracted":                      {[]es.Event{community.RequestRetracted{}}, false},
		"again when it is reopened":                  {[]es.Event{community.RequestResolved{}, community.RequestReopened{}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			s.ask("q", "", "p", false)
			for _, e := range c.events {
				s.on("request", "q", e)
			}
			if q, ok := s.a.Request("q"); !ok || q.Open != c.open {
				t.Fatalf("%+v", q)
			}
		})
	}
}

// anything draws events of every kind about a few ids, in any order.
func anything() *rapid.Generator[es.Recorded] {
	id := rapid.SampledFrom([]string{"a", "b", "c"})
	return rapid.Custom(func(t *rapid.T) es.Recorded {
		on, other := id.Draw(t, "on"), id.Draw(t, "other")
		role := string(rapid.SampledFrom(roles).Draw(t, "role"))
		set := community.Settings{Name: other, Visibility: rapid.SampledFrom([]string{"open", "closed", "odd"}).Draw(t, "visibility")}
		e := rapid.SampledFrom([]es.Event{
			membership.UnitCreated{Code: other}, membership.UnitChanged{Parent: other}, membership.UnitClosed{},
			membership.ReservationMade{Person: other}, membership.ReservationReleased{Person: other},
			membership.PersonRegistered{Unit: other}, membership.PersonChanged{Language: other}, membership.PersonMoved{Unit: other},
			membership.PersonDeactivated{}, membership.PersonReactivated{}, membership.PersonErased{}, membership.ProfileChanged{},
			membership.RoleGranted{Role: other}, membership.RoleRevoked{Role: other},
			membership.TokenIssued{Person: other}, membership.TokenRevoked{},
			membership.MembershipRequested{Tie: tie(on, other)}, membership.MembershipJoined{Tie: tie(on, other), Role: role},
			membership.MembershipLeft{Tie: tie(on, other)}, membership.MembershipRemoved{Tie: tie(on, other)},
			membership.MembershipRoleChanged{Tie: tie(on, other), Role: role},
			community.CommunityFounded{Founder: other, Settings: set}, community.CommunityFounded{Settings: set},
			community.CommunitySettingsChanged{Settings: set}, community.CommunityStateChanged{To: other},
			community.SuccessionOpened{}, community.SuccessionSettled{}, community.CharterRevised{},
			community.RequestRaised{Community: other, Asker: id.Draw(t, "asker"), Beyond: rapid.Bool().Draw(t, "beyond")},
			community.RequestResponded{Response: other, Author: other}, community.ResponseAccepted{Resolves: true},
			community.RequestResolved{}, community.RequestReopened{}, community.RequestRetracted{},
			matching.HelpersProposed{Helpers: []matching.ProposedHelper{{Person: other}}}, matching.HelpersProposed{}, matching.RoutingWidened{Told: []string{other, on}},
			es.Unreadable{},
		}).Draw(t, "event")
		return es.Recorded{Stream: es.Stream{ID: on}, Type: e.EventType(), Data: e, Meta: es.Meta{Imported: rapid.Bool().Draw(t, "imported")}}
	})
}

// TestFoldIsDeterministic folds nonsense in one batch, in several that
// overlap, and in a twin that is swapped in.
func TestFoldIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := rapid.SliceOfN(anything(), 0, 60).Draw(t, "log")
		for i := range log {
			log[i].Seq = uint64(i + 1)
		}
		whole, split := access.New(), access.New()
		must(t, whole.Apply(t.Context(), log))
		for from := 0; from < len(log); {
			n := rapid.IntRange(1, len(log)-from).Draw(t, "batch")
			must(t, split.Apply(t.Context(), log[max(0, from-2):from+n]))
			from += n
		}
		want := hash(t, whole)
		if got := hash(t, split); got != want || split.Position() != uint64(len(log)) {
			t.Fatalf("split: hash %s instead of %s, position %d", got, want, split.Position())
		}
		twin, err := split.Fresh(t.Context())
		must(t, err)
		if twin.Position() != 0 || hash(t, twin) != hash(t, access.New()) {
			t.Fatal("the twin is not empty")
		}
		must(t, twin.Apply(t.Context(), log))
		must(t, split.Swap(context.Background(), twin))
		if got := hash(t, split); got != want || split.Position() != uint64(len(log)) {
			t.Fatalf("rebuilt: hash %s instead of %s", got, want)
		}
		// Whatever happened, the ways of asking agree with each other.
		for _, p := range whole.People() {
			for _, c := range []string{"a", "b", "c"} {
				role := whole.Role(c, p.ID)
				if slices.Contains(whole.Members(c), p.ID) != (role != access.None) {
					t.Fatalf("%s in %s: role %q, members %v", p.ID, c, role, whole.Members(c))
				}
				if p.Active && whole.CommunitiesOf(p.ID)[c] != role {
					t.Fatalf("%s in %s: role %q, communities %v", p.ID, c, role, whole.CommunitiesOf(p.ID))
				}
				if !p.Active && (whole.SeesCommunity(p.ID, c) || whole.SeesRequest(p.ID, c) || whole.MayBeAsked(p.ID, c)) {
					t.Fatalf("%s, who is not active, sees something", p.ID)
				}
			}
		}
	})
}

func TestHashIsAboutContent(t *testing.T) {
	tell := func(f func(*story)) string {
		s := newStory(t)
		s.person("p", "active")
		s.found("x", community.Open, "")
		s.ask("q", "x", "p", false)
		f(s)
		return hash(t, s.a)
	}
	plain := tell(func(*story) {})
	if plain != tell(func(s *story) {
		s.join("x", "p", access.Member)
		s.on("membership", "x-p", membership.MembershipLeft{Tie: tie("x", "p")})
	}) {
		t.Fatal("a membership that has ended changes the hash")
	}
	seen := map[string]string{plain: "nothing"}
	for what, f := range map[string]func(*story){
		"a member":       func(s *story) { s.join("x", "p", access.Member) },
		"another role":   func(s *story) { s.join("x", "p", access.Core) },
		"a routing":      func(s *story) { s.route("q", "p") },
		"a closed one":   func(s *story) { s.on("request", "q", community.RequestResolved{}) },
		"a token":        func(s *story) { s.on("token", "t", membership.TokenIssued{Person: "p", Expires: day}) },
		"a login":        func(s *story) { s.on("reservation", "l", membership.ReservationMade{Person: "p"}) },
		"a unit":         func(s *story) { s.on("unit", "u", membership.UnitCreated{Code: "c"}) },
		"a role":         func(s *story) { s.on("role", "p", membership.RoleGranted{Role: "auditor"}) },
		"a language":     func(s *story) { s.on("person", "p", membership.PersonLanguageChosen{Language: "de"}) },
		"a deactivation": func(s *story) { s.on("person", "p", membership.PersonDeactivated{}) },
	} {
		h := tell(f)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have the same hash", what, other)
		}
		seen[h] = what
	}
}

type stranger struct{ view.Rebuilder }

func TestSwapRefusesStrangers(t *testing.T) {
	if err := access.New().Swap(context.Background(), stranger{access.New()}); err == nil {
		t.Fatal("a stranger was taken for a twin")
	}
}

func TestCrowd(t *testing.T) {
	const n = 11_500
	a := crowd(t, n).a
	if got := len(a.People()); got != n {
		t.Fatalf("%d people", got)
	}
	if members := a.Members("all"); len(members) != n || !slices.IsSorted(members) {
		t.Fatalf("%d members", len(members))
	}
}

func hash(t interface {
	Fatal(...any)
}, r view.Rebuilder) string {
	h, err := r.Hash(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func must(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkMembers(b *testing.B) {
	a := access.New()
	log := []es.Recorded{{Seq: 1, Stream: es.Stream{ID: "all"}, Data: community.CommunityFounded{Settings: community.Settings{Visibility: community.Open}}}}
	for i := range 11_500 {
		id := fmt.Sprintf("p%05d", i)
		log = append(log, es.Recorded{Seq: uint64(2*i + 2), Stream: es.Stream{ID: id}, Data: membership.PersonRegistered{Language: "de"}},
			es.Recorded{Seq: uint64(2*i + 3), Data: membership.MembershipJoined{Tie: tie("all", id), Role: "member"}})
	}
	if err := a.Apply(b.Context(), log); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.Run("members", func(b *testing.B) {
		for b.Loop() {
			a.Members("all")
		}
	})
	b.Run("people", func(b *testing.B) {
		for b.Loop() {
			a.People()
		}
	})
	b.Run("sees", func(b *testing.B) {
		for b.Loop() {
			a.SeesCommunity("p00100", "all")
		}
	})
}
