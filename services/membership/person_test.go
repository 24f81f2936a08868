package membership

import (
	"testing"
	"time"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

var why = content("admin", "They asked for it.")

func deactivate(p person) (es.Event, error) { return p.Deactivate(why) }
func reactivate(p person) (es.Event, error) { return p.Reactivate(why) }
func closeUnit(u unit) (es.Event, error)    { return u.Close(why) }

func TestPerson(t *testing.T) {
	here := events.PersonRegistered{Unit: "u", Site: "s"}
	r := record{name: "Ada", email: "ada@example.org", unit: "u", language: "en"}

	t.Run("registering seals who somebody is", func(t *testing.T) {
		estest.Given(t, foldPerson).When(func(p person) (es.Event, error) { return p.Register("p", r) }).
			Then(events.PersonRegistered{Name: identity("p", "Ada"), Email: identity("p", "ada@example.org"), Unit: "u", Language: "en"})
	})
	t.Run("nobody is registered twice", func(t *testing.T) {
		estest.Given(t, foldPerson, here).When(func(p person) (es.Event, error) { return p.Register("p", r) }).Fails(fault.Conflict)
	})
	t.Run("nobody unknown is changed", func(t *testing.T) {
		estest.Given(t, foldPerson).When(deactivate).Fails(fault.NotFound)
		estest.Given(t, foldPerson).When(func(p person) (es.Event, error) { return p.Erase(true) }).Fails(fault.NotFound)
	})
	t.Run("moving says why, and to where one is it changes nothing", func(t *testing.T) {
		estest.Given(t, foldPerson, here).When(func(p person) (es.Event, error) { return p.Move("u", "s", sealed.Text{}) }).Nothing()
		estest.Given(t, foldPerson, here).When(func(p person) (es.Event, error) { return p.Move("v", "s", why) }).Then(events.PersonMoved{Unit: "v", Site: "s", Reason: why})
	})
	t.Run("deactivating and reactivating are each done once", func(t *testing.T) {
		estest.Given(t, foldPerson, here).When(deactivate).Then(events.PersonDeactivated{Reason: why})
		estest.Given(t, foldPerson, here, events.PersonDeactivated{}).When(deactivate).Nothing()
		estest.Given(t, foldPerson, here, events.PersonDeactivated{}).When(reactivate).Then(events.PersonReactivated{Reason: why})
		estest.Given(t, foldPerson, here).When(reactivate).Nothing()
	})
	t.Run("nothing of an erased person comes back", func(t *testing.T) {
		gone := estest.Given(t, foldPerson, here, events.PersonErased{})
		gone.When(reactivate).Fails(fault.Conflict)
		gone.When(func(p person) (es.Event, error) { return p.Register("p", r) }).Fails(fault.Conflict)
		gone.When(func(p person) (es.Event, error) { return p.Change("p", r) }).Fails(fault.Conflict)
		gone.When(func(p person) (es.Event, error) { return p.Erase(false) }).Nothing()
	})
	t.Run("the texts of an erased person can still be ordered to go, once", func(t *testing.T) {
		texts := func(p person) (es.Event, error) { return p.Erase(true) }
		estest.Given(t, foldPerson, here, events.PersonErased{}).When(texts).Then(events.PersonErased{Texts: true})
		estest.Given(t, foldPerson, here, events.PersonErased{}, events.PersonErased{Texts: true}).When(texts).Nothing()
	})
	t.Run("a profile is changed on the version that was read", func(t *testing.T) {
		change := func(version uint64) func(person) (es.Event, error) {
			return func(p person) (es.Event, error) { return p.ChangeProfile("p", version, profile{availability: "away"}) }
		}
		past := estest.Given(t, foldPerson, here, events.PersonMoved{Unit: "v"}, events.ProfileChanged{})
		past.When(change(1)).Fails(fault.Stale)
		past.When(change(3)).Then(events.ProfileChanged{Availability: "away"})
	})
}

func TestReservation(t *testing.T) {
	reserve := func(who string) func(reservation) (es.Event, error) {
		return func(s reservation) (es.Event, error) { return s.Reserve(who, KindLogin, "email") }
	}
	made, released := events.ReservationMade{Person: "p", Kind: KindLogin}, events.ReservationReleased{Person: "p"}
	t.Run("a key belongs to one person", func(t *testing.T) {
		estest.Given(t, foldReservation).When(reserve("p")).Then(made)
		estest.Given(t, foldReservation, made).When(reserve("p")).Nothing()
		estest.Given(t, foldReservation, made).When(reserve("q")).Fails(fault.Conflict)
		estest.Given(t, foldReservation, made, released).When(reserve("q")).Then(events.ReservationMade{Person: "q", Kind: KindLogin})
	})
	t.Run("only whose it is frees a key", func(t *testing.T) {
		estest.Given(t, foldReservation, made).When(func(s reservation) (es.Event, error) { return s.Release("q") }).Nothing()
		estest.Given(t, foldReservation, made).When(func(s reservation) (es.Event, error) { return s.Release("p") }).Then(released)
	})
	t.Run("after a release the key leads to a new id", func(t *testing.T) {
		if (reservation{}).personID("c") == (reservation{generation: 1}).personID("c") {
			t.Error("the id is the same")
		}
	})
	t.Run("logins do not depend on case, staff numbers do", func(t *testing.T) {
		s := []byte("secret")
		if access.ReservationID(s, KindLogin, "A@x") != access.ReservationID(s, KindLogin, "a@X") {
			t.Error("two logins that differ in case are two")
		}
		if access.ReservationID(s, KindStaffNumber, "A") == access.ReservationID(s, KindStaffNumber, "a") {
			t.Error("two staff numbers that differ in case are one")
		}
		if access.ReservationID(s, KindLogin, "a") == access.ReservationID([]byte("other"), KindLogin, "a") || access.ReservationID(s, KindLogin, "a") == access.ReservationID(s, KindStaffNumber, "a") {
			t.Error("neither the secret nor the kind matters")
		}
	})
}

func TestUnit(t *testing.T) {
	u := events.UnitCreated{Code: "1", Name: "One", Kind: "team"}
	t.Run("a code is used once", func(t *testing.T) {
		estest.Given(t, foldUnit, u).When(func(s unit) (es.Event, error) { return s.Create("1", "", "Other", "team") }).Fails(fault.Conflict)
	})
	t.Run("a change is one", func(t *testing.T) {
		estest.Given(t, foldUnit, u).When(func(s unit) (es.Event, error) { return s.Change("", "One", "team", why) }).Nothing()
		estest.Given(t, foldUnit, u).When(func(s unit) (es.Event, error) { return s.Change("p", "One", "team", why) }).Then(events.UnitChanged{Parent: "p", Name: "One", Kind: "team", Reason: why})
	})
	t.Run("closing says why", func(t *testing.T) {
		estest.Given(t, foldUnit, u).When(closeUnit).Then(events.UnitClosed{Reason: why})
	})
	t.Run("a closed unit stays as it was", func(t *testing.T) {
		closed := estest.Given(t, foldUnit, u, events.UnitClosed{})
		closed.When(closeUnit).Nothing()
		closed.When(func(s unit) (es.Event, error) { return s.Change("", "Two", "team", why) }).Fails(fault.Conflict)
	})
	t.Run("an unknown unit is not found", func(t *testing.T) {
		estest.Given(t, foldUnit).When(closeUnit).Fails(fault.NotFound)
	})
}

func TestRoles(t *testing.T) {
	configured := es.Recorded{Meta: es.Meta{Actor: configuration}, Data: events.RoleGranted{Role: roleAdministrator}}
	given := es.Recorded{Meta: es.Meta{Actor: "p"}, Data: events.RoleGranted{Role: "connector"}}
	grant := func(role, by string) func(roles) (es.Event, error) {
		return func(s roles) (es.Event, error) { return s.Grant(role, by, sealed.Text{}) }
	}
	revoke := func(role, by string) func(roles) (es.Event, error) {
		return func(s roles) (es.Event, error) { return s.Revoke(role, by, sealed.Text{}) }
	}
	t.Run("a role is held once", func(t *testing.T) {
		estest.Given(t, foldRoles).When(grant("connector", "p")).Then(events.RoleGranted{Role: "connector"})
		estest.Given(t, foldRoles, given).When(grant("connector", "p")).Nothing()
		estest.Given(t, foldRoles, given).When(revoke("connector", "p")).Then(events.RoleRevoked{Role: "connector"})
		estest.Given(t, foldRoles, given).When(revoke("coordinator", "p")).Nothing()
	})
	t.Run("auditors are the configuration's alone", func(t *testing.T) {
		estest.Given(t, foldRoles).When(grant(roleAuditor, "p")).Fails(fault.Forbidden)
		estest.Given(t, foldRoles).When(revoke(roleAuditor, "p")).Fails(fault.Forbidden)
		estest.Given(t, foldRoles).When(grant(roleAuditor, configuration)).Then(events.RoleGranted{Role: roleAuditor})
	})
	t.Run("what the configuration gave it alone takes", func(t *testing.T) {
		estest.Given(t, foldRoles, configured).When(revoke(roleAdministrator, "p")).Fails(fault.Conflict)
		estest.Given(t, foldRoles, configured).When(revoke(roleAdministrator, configuration)).Then(events.RoleRevoked{Role: roleAdministrator})
	})
	t.Run("there is no other role", func(t *testing.T) {
		estest.Given(t, foldRoles).When(grant("boss", "p")).Fails(fault.Invalid)
	})
}

func TestToken(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	issue := func(expires time.Time) func(token) (es.Event, error) {
		return func(s token) (es.Event, error) { return s.Issue("p", "ci", "h", expires, now) }
	}
	issued := events.TokenIssued{Person: "p", Hash: "h"}
	t.Run("a token lives at most 366 days", func(t *testing.T) {
		last := now.Add(366 * 24 * time.Hour)
		estest.Given(t, foldToken).When(issue(last)).Then(events.TokenIssued{Person: "p", Name: identity("p", "ci"), Hash: "h", Expires: last})
		estest.Given(t, foldToken).When(issue(last.Add(time.Second))).Fails(fault.Invalid)
		estest.Given(t, foldToken).When(issue(now)).Fails(fault.Invalid)
	})
	t.Run("its name is a line of text", func(t *testing.T) {
		for _, name := range []string{"", " \u00a0 ", "two\nlines", "\x1b[2J"} {
			estest.Given(t, foldToken).When(func(s token) (es.Event, error) { return s.Issue("p", name, "h", now.Add(time.Hour), now) }).Fails(fault.Invalid)
		}
	})
	t.Run("its person and administrators revoke it, others do not find it", func(t *testing.T) {
		revoke := func(by string, admin bool) func(token) (es.Event, error) {
			return func(s token) (es.Event, error) { return s.Revoke(by, admin) }
		}
		estest.Given(t, foldToken, issued).When(revoke("p", false)).Then(events.TokenRevoked{Person: "p"})
		estest.Given(t, foldToken, issued).When(revoke("a", true)).Then(events.TokenRevoked{Person: "p"})
		estest.Given(t, foldToken, issued).When(revoke("q", false)).Fails(fault.NotFound)
		estest.Given(t, foldToken).When(revoke("a", true)).Fails(fault.NotFound)
		estest.Given(t, foldToken, issued, events.TokenRevoked{Person: "p"}).When(revoke("p", false)).Nothing()
	})
}
