package membership_test

import (
	"fmt"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
)

func (o *organisation) status(r apptest.Response) string {
	o.t.Helper()
	var out struct{ Status string }
	if r.Status != 200 {
		o.t.Fatalf("answered %d %s", r.Status, r.Body)
	}
	o.json(r, &out)
	return out.Status
}

func (o *organisation) members(viewer, c string) string {
	o.t.Helper()
	p := o.list(viewer, c[len(base):]+"/members")
	var out []string
	for _, m := range p.Items {
		out = append(out, fmt.Sprint(m["name"], ":", m["role"]))
	}
	return strings.Join(out, ",")
}

func TestJoining(t *testing.T) {
	o := start(t)
	ada, bob, eve := o.person("Ada"), o.person("Bob"), o.person("Eve")
	t.Run("the founder is host", func(t *testing.T) {
		c := o.community(ada, "founded", "open", "open")
		if got := o.members(bob, c); got != "Ada:host" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("an imported community has no member", func(t *testing.T) {
		o.AppendMeta(es.Meta{Actor: o.admin, Imported: true}, es.Stream{Context: "community", Aggregate: "community", ID: "old"},
			community.CommunityFounded{Settings: community.Settings{Name: "Old", Joining: "open", Visibility: "open"}})
		if got := o.members(bob, base+"/communities/old"); got != "" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("open: at once", func(t *testing.T) {
		c := o.community(ada, "open", "open", "open")
		if got := o.status(o.Do(bob, "POST", c+"/join", nil)); got != "member" {
			t.Errorf("status is %s", got)
		}
	})
	t.Run("on request: a host admits or declines with a reason", func(t *testing.T) {
		c := o.community(ada, "asked", "request", "closed")
		if got := o.status(o.Do(bob, "POST", c+"/join", map[string]string{"message": "I know contracts"})); got != "requested" {
			t.Errorf("status is %s", got)
		}
		o.refused(o.Do(bob, "POST", c+"/join-requests/"+bob+"/admit", nil), 403, "host")
		o.refused(o.Do(bob, "GET", c+"/members", nil), 403, "closed")
		if got := o.list(ada, c[len(base):]+"/join-requests"); got.column("message") != "I know contracts" || got.column("name") != "Bob" {
			t.Errorf("requests are %v", got)
		}
		o.Must(204, ada, "POST", c+"/join-requests/"+bob+"/admit", nil)
		o.Must(200, eve, "POST", c+"/join", nil)
		o.refused(o.Do(ada, "POST", c+"/join-requests/"+eve+"/decline", map[string]string{}), 422, "reason")
		o.Must(204, ada, "POST", c+"/join-requests/"+eve+"/decline", map[string]string{"reason": "we are full"})
		if got := fmt.Sprint(o.list(eve, "/me/memberships")); !strings.Contains(got, "we are full") {
			t.Errorf("eve reads %s", got)
		}
		if got := o.members(bob, c); got != "Ada:host,Bob:member" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("a request that was withdrawn admits nobody", func(t *testing.T) {
		c := o.community(ada, "withdrawn", "request", "open")
		o.Must(200, bob, "POST", c+"/join", nil)
		o.Must(204, bob, "POST", c+"/join-request/withdraw", nil)
		o.refused(o.Do(ada, "POST", c+"/join-requests/"+bob+"/admit", nil), 409, "no open request")
	})
	t.Run("by invitation: only the invited person accepts", func(t *testing.T) {
		c := o.community(ada, "invited", "invitation", "closed")
		o.refused(o.Do(bob, "POST", c+"/join", nil), 403, "invite you")
		o.refused(o.Do(bob, "POST", c+"/invitation/accept", nil), 409, "no standing invitation")
		o.refused(o.Do(bob, "POST", c+"/invitations", map[string]string{"person": bob}), 403, "host")
		o.Must(204, ada, "POST", c+"/invitations", map[string]string{"person": bob, "message": "come"})
		o.Must(204, ada, "POST", c+"/invitations", map[string]string{"person": eve})
		if got := o.members(ada, c); got != "Ada:host" {
			t.Errorf("an invitation made a member: %s", got)
		}
		if got := o.list(bob, "/me/invitations"); got.column("message") != "come" || got.column("by_name") != "Ada" || got.column("community_name") != "Community invited" {
			t.Errorf("invitations are %v", got)
		}
		if got := o.list(ada, c[len(base):]+"/invitations").column("name"); got != "Bob,Eve" {
			t.Errorf("standing are %s", got)
		}
		o.Must(204, bob, "POST", c+"/invitation/accept", nil)
		o.Must(204, ada, "DELETE", c+"/invitations/"+eve, nil)
		o.refused(o.Do(eve, "POST", c+"/invitation/accept", nil), 409, "withdrawn")
		if got := o.members(bob, c); got != "Ada:host,Bob:member" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("people who are unknown or deactivated are not invited", func(t *testing.T) {
		c := o.community(ada, "inactive", "invitation", "open")
		gone := o.person("Gone")
		o.Must(204, o.admin, "POST", base+"/people/"+gone+"/deactivate", nil)
		o.refused(o.Do(ada, "POST", c+"/invitations", map[string]string{"person": "nobody"}), 404, "no person")
		o.refused(o.Do(ada, "POST", c+"/invitations", map[string]string{"person": gone}), 409, "deactivated")
	})
	t.Run("a closed community is joined by nobody", func(t *testing.T) {
		c := o.community(ada, "over", "open", "open")
		o.Append(ada, es.Stream{Context: "community", Aggregate: "community", ID: "over"}, community.CommunityStateChanged{From: "active", To: "closed"})
		o.refused(o.Do(bob, "POST", c+"/join", nil), 409, "closed")
	})
	t.Run("an unknown community is not found", func(t *testing.T) {
		for _, call := range []string{"POST join", "POST leave", "GET members", "GET join-requests", "POST take-over", "POST lay-down-role"} {
			method, path, _ := strings.Cut(call, " ")
			o.refused(o.Do(bob, method, base+"/communities/nowhere/"+path, nil), 404, "no community")
		}
	})
	if dead := o.Dead(); len(dead) > 0 {
		t.Errorf("reactors gave up: %v", dead)
	}
}

func TestBeingAMember(t *testing.T) {
	o := start(t)
	ada, bob, eve := o.person("Ada"), o.person("Bob"), o.person("Eve")
	c := o.community(ada, "c1", "open", "open")
	o.Must(200, bob, "POST", c+"/join", nil)
	o.Must(200, eve, "POST", c+"/join", nil)
	t.Run("hosts give roles, members do not", func(t *testing.T) {
		o.refused(o.Do(bob, "POST", c+"/members/"+bob+"/role", map[string]string{"role": "host"}), 403, "host")
		o.Must(204, ada, "POST", c+"/members/"+bob+"/role", map[string]string{"role": "core"})
		if got := o.members(eve, c); got != "Ada:host,Bob:core,Eve:member" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("a role is handed back by who has it", func(t *testing.T) {
		key := apptest.Header("Idempotency-Key", "back")
		o.Must(204, bob, "POST", c+"/lay-down-role", nil, key)
		o.Must(204, bob, "POST", c+"/lay-down-role", nil, key)
		if got := o.members(eve, c); got != "Ada:host,Bob:member,Eve:member" {
			t.Errorf("members are %s", got)
		}
		o.refused(o.Do(o.person("Stranger"), "POST", c+"/lay-down-role", nil), 403, "members")
		o.Must(204, ada, "POST", c+"/members/"+bob+"/role", map[string]string{"role": "core"})
	})
	t.Run("members are found by the beginnings of their names", func(t *testing.T) {
		for query, want := range map[string]string{"ev": "Eve", "%20B%C3%93": "Bob", "xavier": "", "": "Ada,Bob,Eve"} {
			if got := o.list(eve, c[len(base):]+"/members?query="+query).column("name"); got != want {
				t.Errorf("%q finds %s", query, got)
			}
		}
	})
	t.Run("a coordinator of the organisation gives roles too", func(t *testing.T) {
		help := o.person("Coordinator")
		o.Must(204, o.admin, "POST", base+"/people/"+help+"/roles", map[string]string{"role": "coordinator"})
		o.Must(204, help, "POST", c+"/members/"+eve+"/role", map[string]string{"role": "peripheral"})
		o.refused(o.Do(help, "POST", c+"/members/"+help+"/role", map[string]string{"role": "host"}), 404, "not a member")
	})
	t.Run("who is removed reads the reason", func(t *testing.T) {
		o.refused(o.Do(bob, "POST", c+"/members/"+eve+"/remove", map[string]string{"reason": "x"}), 403, "host")
		o.refused(o.Do(ada, "POST", c+"/members/"+ada+"/remove", map[string]string{"reason": "x"}), 409, "leave")
		key := apptest.Header("Idempotency-Key", "remove")
		o.Must(204, ada, "POST", c+"/members/"+eve+"/remove", map[string]string{"reason": "broke the norms"}, key)
		o.Must(204, ada, "POST", c+"/members/"+eve+"/remove", map[string]string{"reason": "broke the norms"}, key)
		got := o.list(eve, "/me/memberships")
		if text := fmt.Sprint(got); len(got.Items) != 1 || got.column("status") != "past" || !strings.Contains(text, "broke the norms") || !strings.Contains(text, "end:removed") {
			t.Errorf("eve reads %s", text)
		}
		if text := fmt.Sprint(o.list(bob, "/me/memberships")); strings.Contains(text, "broke") {
			t.Errorf("bob reads %s", text)
		}
	})
	t.Run("nobody takes over from a host", func(t *testing.T) {
		o.refused(o.Do(bob, "POST", c+"/take-over", nil), 409, "has a host")
	})
	t.Run("the last host leaves with one call and a core member takes over", func(t *testing.T) {
		o.Must(200, eve, "POST", c+"/join", nil)
		o.Must(204, ada, "POST", c+"/leave", nil)
		o.refused(o.Do(eve, "POST", c+"/take-over", nil), 403, "core members")
		o.refused(o.Do(ada, "POST", c+"/take-over", nil), 403, "members")
		key := apptest.Header("Idempotency-Key", "take")
		o.Must(204, bob, "POST", c+"/take-over", nil, key)
		o.Must(204, bob, "POST", c+"/take-over", nil, key)
		if got := o.members(eve, c); got != "Bob:host,Eve:member" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("leaving repeats itself without effect", func(t *testing.T) {
		before := o.last()
		o.Must(204, ada, "POST", c+"/leave", nil)
		if o.last() != before {
			t.Error("it was an event")
		}
	})
}
