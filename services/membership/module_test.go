package membership_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kith/api/events"
	"kith/api/events/community"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/membership"
)

const base = "/api/membership"

func codec() *es.Codec {
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(types...)
}

// organisation is a running module with one administrator and one auditor.
type organisation struct {
	*apptest.System
	t              *testing.T
	logins         access.People
	admin, auditor string
}

func start(t *testing.T) *organisation {
	t.Helper()
	cfg := membership.Config{Administrators: []string{"Root@example.org"}, Auditors: []string{"eye@example.org"}}
	s := apptest.Start(t, codec(), func(ctx context.Context, core app.Core) (app.Module, error) {
		return membership.New(ctx, core, cfg)
	})
	o := &organisation{System: s, t: t, logins: access.NewPeople(s.App.Core.Access, s.App.Core.Secret(access.ReservationPurpose), "")}
	o.eventually("the administrator of the configuration is there", func() bool {
		o.admin, _ = o.logins.ByLogin("root@example.org")
		o.auditor, _ = o.logins.ByLogin("eye@example.org")
		p, _ := s.App.Core.Access.Person(o.auditor)
		return o.admin != "" && len(p.Roles) == 1
	})
	s.Settle()
	return o
}

func (o *organisation) eventually(what string, ok func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("not after 10 s: %s", what)
		}
	}
}

// person registers somebody called name, with the address name@example.org.
func (o *organisation) person(name string) string {
	o.t.Helper()
	var out struct{ ID string }
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	o.json(o.Must(201, o.admin, "POST", base+"/people", map[string]any{"name": name, "email": email}), &out)
	return out.ID
}

// community is founded by founder, as the service of communities would.
func (o *organisation) community(founder, id, joining, visibility string) string {
	o.t.Helper()
	o.Append(founder, es.Stream{Context: community.Context, Aggregate: community.Community, ID: id}, community.CommunityFounded{
		Settings: community.Settings{Name: "Community " + id, Purpose: "x", Kind: "community", Visibility: visibility, Joining: joining, Language: "en"},
		Founder:  founder,
	})
	return base + "/communities/" + id
}

func (o *organisation) json(r apptest.Response, v any) {
	o.t.Helper()
	if err := r.JSON(v); err != nil {
		o.t.Fatalf("%v: %s", err, r.Body)
	}
}

// refused expects a problem with this status whose text holds words.
func (o *organisation) refused(r apptest.Response, status int, words string) {
	o.t.Helper()
	if r.Status != status || r.Problem() == "" || !strings.Contains(string(r.Body), words) {
		o.t.Errorf("answered %d %s, want a problem %d with %q", r.Status, r.Body, status, words)
	}
}

type page struct {
	Items []map[string]any
	Next  string
}

func (o *organisation) list(person, path string) page {
	o.t.Helper()
	var p page
	o.json(o.Must(200, person, "GET", base+path, nil), &p)
	return p
}

// column is one field of all items.
func (p page) column(field string) string {
	var out []string
	for _, i := range p.Items {
		out = append(out, fmt.Sprint(i[field]))
	}
	return strings.Join(out, ",")
}

func (o *organisation) last() uint64 {
	o.t.Helper()
	n, err := o.App.Core.Events.Last(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// reasoned checks that the newest event has a reason, sealed.
func (o *organisation) reasoned(word string) {
	o.t.Helper()
	for r, err := range o.App.Core.Events.Follow(o.t.Context(), o.last()-1) {
		if stored := string(r.Stored.Data); err != nil || !strings.Contains(stored, `"reason"`) || strings.Contains(stored, word) {
			o.t.Errorf("the log says %s, %v; not a sealed reason", stored, err)
		}
		break
	}
}

func TestConfiguredRoles(t *testing.T) {
	o := start(t)
	t.Run("who is configured exists and has the role", func(t *testing.T) {
		if got := o.list(o.admin, "/roles"); len(got.Items) != 2 || !strings.Contains(got.column("role"), "auditor") || !strings.Contains(got.column("role"), "administrator") {
			t.Errorf("roles are %v", got)
		}
	})
	t.Run("the log says that the configuration did it", func(t *testing.T) {
		for r, err := range o.App.Core.Events.Load(t.Context(), es.Stream{Context: "membership", Aggregate: "role", ID: o.auditor}, 0) {
			if err != nil || r.Meta.Actor != "system:configuration" {
				t.Errorf("actor is %q, %v", r.Meta.Actor, err)
			}
		}
	})
	t.Run("auditors cannot be made or unmade here", func(t *testing.T) {
		p := o.person("Ada")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+p+"/roles", map[string]string{"role": "auditor"}), 403, "configuration")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+o.auditor+"/roles/auditor/revoke", map[string]string{}), 403, "configuration")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+o.admin+"/roles/administrator/revoke", map[string]string{}), 409, "configuration")
	})
	t.Run("auditors cannot be shut out here", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/people/"+o.auditor+"/deactivate", nil), 409, "configuration")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+o.auditor+"/erase", map[string]bool{"texts": false}), 409, "configuration")
		if !o.logins.Active(o.auditor) {
			t.Error("the auditor is not active any more")
		}
	})
	t.Run("other roles are given and taken", func(t *testing.T) {
		p := o.person("Grace")
		o.Must(204, o.admin, "POST", base+"/people/"+p+"/roles", map[string]string{"role": "connector"})
		for who, want := range map[string]int{o.admin: 2, p: 0} {
			configured := 0
			for _, h := range o.list(who, "/roles").Items {
				if h["configured"] == true && h["person"] != p {
					configured++
				}
			}
			if configured != want {
				t.Errorf("%d roles are said to be the configuration's, not %d", configured, want)
			}
		}
		var got struct{ Roles []string }
		o.json(o.Must(200, p, "GET", base+"/people/"+p, nil), &got)
		if len(got.Roles) != 1 || got.Roles[0] != "connector" {
			t.Errorf("roles are %v", got.Roles)
		}
		o.Must(204, o.admin, "POST", base+"/people/"+p+"/roles/connector/revoke", map[string]string{"reason": "They asked for it."})
		o.reasoned("asked")
		if r := o.list(p, "/roles").column("person"); strings.Contains(r, p) {
			t.Errorf("still holds a role: %s", r)
		}
	})
}

func TestUnits(t *testing.T) {
	o := start(t)
	unit := func(code, parent string) string {
		in := map[string]any{"code": code, "name": "Unit " + code, "kind": "department"}
		if parent != "" {
			in["parent"] = parent
		}
		var out struct{ ID string }
		o.json(o.Must(201, o.admin, "POST", base+"/units", in), &out)
		return out.ID
	}
	root := unit("1", "")
	child := unit("2", root)
	leaf := unit("3", child)
	etag := func(id string) apptest.Option {
		return apptest.Header("If-Match", o.Must(200, o.admin, "GET", base+"/units/"+id, nil).Header.Get("ETag"))
	}
	t.Run("the tree is listed page by page", func(t *testing.T) {
		first := o.list(o.auditor, "/units?limit=2")
		second := o.list(o.auditor, "/units?limit=2&cursor="+first.Next)
		if len(first.Items) != 2 || len(second.Items) != 1 || second.Next != "" {
			t.Errorf("pages are %v and %v", first, second)
		}
	})
	t.Run("a unit cannot lie below itself", func(t *testing.T) {
		o.refused(o.Do(o.admin, "PUT", base+"/units/"+root, map[string]any{"name": "x", "kind": "team", "parent": leaf}, etag(root)), 422, "cycle")
		o.refused(o.Do(o.admin, "PUT", base+"/units/"+root, map[string]any{"name": "x", "kind": "team", "parent": root}, etag(root)), 422, "cycle")
	})
	t.Run("an unknown parent is refused", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/units", map[string]any{"code": "9", "name": "x", "kind": "team", "parent": "nowhere"}), 422, "parent")
	})
	t.Run("a code is used once", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/units", map[string]any{"code": "1", "name": "x", "kind": "team"}), 409, "code")
	})
	t.Run("a change needs the version that was read", func(t *testing.T) {
		in := map[string]any{"name": "Renamed", "kind": "team", "parent": child, "reason": "It moves up."}
		old := etag(leaf)
		o.refused(o.Do(o.admin, "PUT", base+"/units/"+leaf, in), 428, "If-Match")
		o.Must(204, o.admin, "PUT", base+"/units/"+leaf, in, old)
		o.reasoned("moves up")
		o.refused(o.Do(o.admin, "PUT", base+"/units/"+leaf, in, old), 412, "changed")
	})
	t.Run("a unit with something in it is not closed", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/units/"+child+"/close", nil), 409, "units: 1")
		p := o.person("Ada")
		o.Must(204, o.admin, "POST", base+"/people/"+p+"/move", map[string]string{"unit": leaf})
		o.refused(o.Do(o.admin, "POST", base+"/units/"+leaf+"/close", nil), 409, "active people: 1")
		o.Must(204, o.admin, "POST", base+"/people/"+p+"/move", map[string]string{"unit": root})
		o.refused(o.Do(o.admin, "POST", base+"/units/"+leaf+"/close", map[string]string{"reason": strings.Repeat("x", 501)}), 422, "reason")
		o.Must(204, o.admin, "POST", base+"/units/"+leaf+"/close", map[string]string{"reason": "It is merged."})
		o.reasoned("merged")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+p+"/move", map[string]string{"unit": leaf}), 422, "unit")
	})
}

func TestTokens(t *testing.T) {
	o := start(t)
	ada, bob := o.person("Ada"), o.person("Bob")
	in := map[string]any{"name": "my script", "expires": o.Clock.Now().Add(30 * 24 * time.Hour)}
	key := apptest.Header("Idempotency-Key", "once")
	var out struct{ ID, Token string }
	o.json(o.Must(201, ada, "POST", base+"/me/tokens", in, key), &out)

	t.Run("a token is known to those who check it", func(t *testing.T) {
		person, hash, _, ok := o.logins.Token(out.ID)
		if !ok || person != ada || hash == "" || !strings.HasPrefix(out.Token, "kith_"+out.ID+"_") || strings.Contains(out.Token, hash) {
			t.Errorf("token of %q: %v", person, ok)
		}
	})
	t.Run("it is shown once", func(t *testing.T) {
		o.refused(o.Do(ada, "POST", base+"/me/tokens", in, key), 409, "only once")
		if got := o.list(ada, "/me/tokens"); got.column("name") != "my script" || strings.Contains(fmt.Sprint(got), out.Token) {
			t.Errorf("list is %v", got)
		}
	})
	t.Run("a year and a day is the longest", func(t *testing.T) {
		long := map[string]any{"name": "x", "expires": o.Clock.Now().Add(400 * 24 * time.Hour)}
		o.refused(o.Do(ada, "POST", base+"/me/tokens", long), 422, "366 days")
	})
	t.Run("a token makes no other, so that revoking it ends all that it gave", func(t *testing.T) {
		o.refused(o.Do(ada+"#"+out.ID, "POST", base+"/me/tokens", in), 403, "Sign in")
		if got := o.list(ada, "/me/tokens"); len(got.Items) != 1 {
			t.Errorf("list is %v", got)
		}
	})
	t.Run("others cannot see or end it", func(t *testing.T) {
		o.refused(o.Do(bob, "DELETE", base+"/tokens/"+out.ID, nil), 404, "no token")
		o.refused(o.Do(bob, "GET", base+"/people/"+ada+"/tokens", nil), 403, "administrator")
		if got := o.list(bob, "/me/tokens"); len(got.Items) != 0 {
			t.Errorf("list of another is %v", got)
		}
	})
	t.Run("an administrator ends it", func(t *testing.T) {
		if got := o.list(o.admin, "/people/"+ada+"/tokens"); got.column("id") != out.ID {
			t.Errorf("list is %v", got)
		}
		o.Must(204, o.admin, "DELETE", base+"/tokens/"+out.ID, nil)
		if _, _, _, ok := o.logins.Token(out.ID); ok || len(o.list(ada, "/me/tokens").Items) != 0 {
			t.Error("the token is still there")
		}
	})
}

func TestCommandsAreIdempotent(t *testing.T) {
	o := start(t)
	in := map[string]any{"name": "Ada", "email": "ada@example.org"}
	key := apptest.Header("Idempotency-Key", "same")
	first := o.Must(201, o.admin, "POST", base+"/people", in, key)
	before := o.last()
	t.Run("the same command again is answered the same", func(t *testing.T) {
		again := o.Must(201, o.admin, "POST", base+"/people", in, key)
		if string(again.Body) != string(first.Body) || again.Header.Get("Kith-Seq") != first.Header.Get("Kith-Seq") || o.last() != before {
			t.Errorf("answered %s, first %s", again.Body, first.Body)
		}
	})
	t.Run("the same key for something else is refused", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/people", map[string]any{"name": "Eve", "email": "ada@example.org"}, key), http.StatusUnprocessableEntity, "idempotency-key-reused")
	})
	t.Run("a new key for the same person names what is taken", func(t *testing.T) {
		o.refused(o.Do(o.admin, "POST", base+"/people", in), 409, `"field":"email"`)
	})
}
