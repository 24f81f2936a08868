package community_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/services/community"
)

// successions are the events of succession of a community, in words.
func (h house) successions(id string) string {
	h.t.Helper()
	var all []string
	for rec, err := range h.App.Core.Events.Load(h.t.Context(), stream("community", "community", id), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		var e struct {
			Last, Cause, Host string
			Asked             []string
		}
		if err := json.Unmarshal(rec.Stored.Data, &e); err != nil {
			h.t.Fatal(err)
		}
		switch rec.Type {
		case "community.succession_opened":
			all = append(all, fmt.Sprintf("opened %s %s %v", e.Last, e.Cause, e.Asked))
		case "community.succession_settled":
			all = append(all, "settled "+e.Host)
		}
	}
	return strings.Join(all, "; ")
}

func TestSuccession(t *testing.T) {
	tie := func(id, person string) membership.Tie { return membership.Tie{Community: id, Person: person} }
	person := func(id string) es.Stream { return stream(membership.Context, membership.Person, id) }
	left := func(h house, id, who string) { h.tie(id, who, membership.MembershipLeft{Tie: tie(id, who)}) }
	for name, c := range map[string]struct {
		members map[string]string
		happens func(h house, id string)
		want    string
	}{
		"the last host leaves: core members are asked": {
			map[string]string{"bob": "core", "cem": "member", "dan": "core"}, func(h house, id string) { left(h, id, "ada") }, "opened ada left [bob dan]"},
		"without a core all members are asked": {
			map[string]string{"bob": "member", "cem": "guest"}, func(h house, id string) { left(h, id, "ada") }, "opened ada left [bob cem]"},
		"without members nobody is asked, and it is told": {
			nil, func(h house, id string) { left(h, id, "ada") }, "opened ada left []"},
		"another host remains": {
			map[string]string{"bob": "host"}, func(h house, id string) { left(h, id, "ada") }, ""},
		"a host who is deactivated does not count": {
			map[string]string{"bob": "host", "cem": "core"}, func(h house, id string) {
				h.Append("adm", person("bob"), membership.PersonDeactivated{})
				left(h, id, "ada")
			}, "opened ada left [cem]"},
		"the last host is removed": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				h.tie(id, "ada", membership.MembershipRemoved{Tie: tie(id, "ada")})
			}, "opened ada removed [bob]"},
		"the last host becomes a member": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				h.tie(id, "ada", membership.MembershipRoleChanged{Tie: tie(id, "ada"), Role: "member"})
			}, "opened ada role_changed [bob]"},
		"the last host is deactivated, and comes back": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				h.Append("adm", person("ada"), membership.PersonDeactivated{})
				h.Append("adm", person("ada"), membership.PersonReactivated{})
			}, "opened ada deactivated [bob]; settled ada"},
		"the last host is erased": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				h.Append("adm", person("ada"), membership.PersonErased{})
			}, "opened ada erased [bob]"},
		"a core member takes over": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				left(h, id, "ada")
				left(h, id, "bob")
				h.join(id, "cem", "member")
				h.tie(id, "cem", membership.MembershipRoleChanged{Tie: tie(id, "cem"), Role: "host"})
			}, "opened ada left [bob]; settled cem"},
		"it can happen again": {
			map[string]string{"bob": "core"}, func(h house, id string) {
				left(h, id, "ada")
				h.tie(id, "bob", membership.MembershipRoleChanged{Tie: tie(id, "bob"), Role: "host"})
				left(h, id, "bob")
			}, "opened ada left [bob]; settled bob; opened bob left []"},
		"members come and go": {
			map[string]string{"bob": "core"}, func(h house, id string) { left(h, id, "bob") }, ""},
		"a closed community needs no host": {
			nil, func(h house, id string) {
				h.do(200, "ada", "POST", "/communities/"+id+"/state", obj{"to": "closed", "reason": "done"})
				left(h, id, "ada")
			}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, community.Config{})
			h.t = t
			id := h.found("Hosted", "open")
			for who, role := range c.members {
				h.join(id, who, role)
			}
			c.happens(h, id)
			if got := h.successions(id); got != c.want {
				t.Errorf("successions: %q, want %q", got, c.want)
			}
			if dead := h.Dead(); len(dead) > 0 {
				t.Errorf("the reactor gave up: %v", dead)
			}
		})
	}
}

func TestSuccessionIsShownToThoseItConcerns(t *testing.T) {
	h := start(t, community.Config{})
	id := h.found("Hosted", "open")
	h.join(id, "bob", "core")
	h.join(id, "cem", "member")
	h.tie(id, "ada", membership.MembershipLeft{Tie: membership.Tie{Community: id, Person: "ada"}})
	for person, want := range map[string]string{"bob": "asked", "cem": "told", "kit": "told", "dan": ""} {
		var d api.CommunityDetail
		h.decode(h.do(200, person, "GET", "/communities/"+id, nil), &d)
		got := ""
		switch {
		case d.Succession != nil && d.Succession.Asked:
			got = "asked"
		case d.Succession != nil:
			got = "told"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", person, got, want)
		}
	}
}

// The same event handled again, even long after, changes nothing.
func TestSuccessionIsIdempotent(t *testing.T) {
	var module app.Module
	h := startWith(t, func(ctx context.Context, core app.Core) (app.Module, error) {
		var err error
		module, err = community.New(ctx, core, community.Config{})
		return module, err
	})
	id := h.found("Hosted", "open")
	h.join(id, "bob", "core")
	h.tie(id, "ada", membership.MembershipLeft{Tie: membership.Tie{Community: id, Person: "ada"}})
	h.tie(id, "bob", membership.MembershipRoleChanged{Tie: membership.Tie{Community: id, Person: "bob"}, Role: "host"})
	last, err := h.App.Core.Events.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range h.App.Core.Events.Follow(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if err := module.Reactors[0].Handle(t.Context(), rec); err != nil {
			t.Errorf("%s again: %v", rec.Type, err)
		}
		if rec.Seq == last {
			break
		}
	}
	h.Settle()
	if got := h.successions(id); got != "opened ada left [bob]; settled bob" {
		t.Errorf("successions: %s", got)
	}
}
