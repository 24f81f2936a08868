package membership_test

import (
	"fmt"
	"strings"
	"testing"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
)

func TestSearch(t *testing.T) {
	o := start(t)
	for _, name := range []string{"Zoë Müller-Groß", "Ada Lovelace", "Adam Zöllner", "Grace Hopper"} {
		o.Must(201, o.admin, "POST", base+"/people", map[string]any{"name": name})
	}
	for _, c := range []struct{ query, want string }{
		{"ada", "Ada Lovelace,Adam Zöllner"},
		{"ADA%20l", "Ada Lovelace"},
		{"zo", "Adam Zöllner,Zoë Müller-Groß"},
		{"gross%20zoe", "Zoë Müller-Groß"},
		{"gro%C3%9F", "Zoë Müller-Groß"},
		{"opper", ""},
	} {
		t.Run(c.query, func(t *testing.T) {
			if got := o.list(o.auditor, "/people?query="+c.query).column("name"); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	t.Run("without a query everybody comes by name, page after page", func(t *testing.T) {
		var all []string
		for next := ""; ; {
			p := o.list(o.auditor, "/people?limit=2&cursor="+next)
			all = append(all, p.column("name"))
			if next = p.Next; next == "" {
				break
			}
		}
		if got := strings.Join(all, "|"); got != "Ada Lovelace,Adam Zöllner|eye,Grace Hopper|Root,Zoë Müller-Groß" {
			t.Errorf("pages are %q", got)
		}
	})
	t.Run("a made-up cursor is refused", func(t *testing.T) {
		o.refused(o.Do(o.auditor, "GET", base+"/people?cursor=InBlcnNvbiI", nil), 422, "cursor")
		o.refused(o.Do(o.auditor, "GET", base+"/units?cursor=%25", nil), 422, "cursor")
	})
	t.Run("a unit means what is below it too", func(t *testing.T) {
		file := "id,parent_id,name,kind\n1,,One,department\n2,1,Two,team\n3,,Three,team\n"
		o.Must(200, o.admin, "POST", base+"/imports/units", file, csvBody)
		o.Must(200, o.admin, "POST", base+"/imports/people", people+"7,Below,b@x.org,2,,en,true\n8,Other,o@x.org,3,,en,true\n", csvBody)
		one, _ := o.App.Core.Access.UnitByCode("1")
		if got := o.list(o.auditor, "/people?unit="+one.ID).column("name"); got != "Below" {
			t.Errorf("found %q", got)
		}
	})
}

func TestProfile(t *testing.T) {
	o := start(t)
	ada, bob, eve := o.person("Ada"), o.person("Bob"), o.person("Eve")
	c := o.community(ada, "c1", "open", "open")
	o.Must(200, bob, "POST", c+"/join", nil)
	version := apptest.Header("If-Match", o.Must(200, ada, "GET", base+"/me/profile", nil).Header.Get("ETag"))
	in := map[string]any{
		"can_help": []string{"contracts", "tenders"}, "want_to_learn": []string{"Go"}, "about": "Line one\nLine two",
		"languages": []string{"de"}, "availability": "limited",
		"visibility": map[string]string{"about": "communities", "want_to_learn": "nobody", "email": "nobody"},
	}
	o.Must(204, ada, "PUT", base+"/me/profile", in, version)
	type shown struct {
		Email   string
		Profile struct {
			About, Availability string
			CanHelp             []string `json:"can_help"`
			WantToLearn         []string `json:"want_to_learn"`
			Visibility          map[string]string
		}
	}
	see := func(viewer string) shown {
		var s shown
		o.json(o.Must(200, viewer, "GET", base+"/people/"+ada, nil), &s)
		return s
	}
	t.Run("the person sees everything", func(t *testing.T) {
		s := see(ada)
		if s.Email == "" || s.Profile.About == "" || len(s.Profile.WantToLearn) != 1 || s.Profile.Visibility["about"] != "communities" {
			t.Errorf("sees %+v", s)
		}
	})
	t.Run("who shares a community sees what is for communities", func(t *testing.T) {
		s := see(bob)
		if s.Profile.About != "Line one\nLine two" || s.Profile.WantToLearn != nil || s.Email != "" || len(s.Profile.CanHelp) != 2 || s.Profile.Visibility != nil {
			t.Errorf("sees %+v", s)
		}
	})
	t.Run("others see what is for the organisation", func(t *testing.T) {
		s := see(eve)
		if s.Profile.About != "" || s.Profile.WantToLearn != nil || len(s.Profile.CanHelp) != 2 || s.Profile.Availability != "limited" {
			t.Errorf("sees %+v", s)
		}
	})
	t.Run("an older version is refused", func(t *testing.T) {
		o.refused(o.Do(ada, "PUT", base+"/me/profile", in, version), 412, "Read it again")
		o.refused(o.Do(ada, "PUT", base+"/me/profile", in), 428, "If-Match")
	})
	t.Run("what is no language is refused", func(t *testing.T) {
		now := apptest.Header("If-Match", o.Must(200, ada, "GET", base+"/me/profile", nil).Header.Get("ETag"))
		o.refused(o.Do(ada, "PUT", base+"/me/profile", map[string]any{"availability": "away", "languages": []string{"xx"}}, now), 422, "language")
		o.refused(o.Do(ada, "PUT", base+"/me/profile", map[string]any{"availability": "away", "grade": "A13"}, now), 422, "grade")
	})
	t.Run("me is the person with communities", func(t *testing.T) {
		var me struct {
			Person      struct{ Name string }
			Communities []struct{ Name, Role string }
		}
		o.json(o.Must(200, ada, "GET", base+"/me", nil), &me)
		if me.Person.Name != "Ada" || len(me.Communities) != 1 || me.Communities[0].Role != "host" || me.Communities[0].Name != "Community c1" {
			t.Errorf("me is %+v", me)
		}
	})
}

func TestDeactivation(t *testing.T) {
	o := start(t)
	ada := o.person("Ada")
	o.Must(204, o.admin, "POST", base+"/people/"+ada+"/deactivate", map[string]string{"reason": "She retires."})
	o.reasoned("retires")
	t.Run("a deactivated person may not act and is not found", func(t *testing.T) {
		o.refused(o.Do(ada, "GET", base+"/me", nil), 403, "active")
		if o.logins.Active(ada) || len(o.list(o.admin, "/people?query=ada").Items) != 0 {
			t.Error("still active or found")
		}
	})
	t.Run("administrators find and reactivate them", func(t *testing.T) {
		if got := o.list(o.admin, "/people?inactive=true").column("id"); got != ada {
			t.Errorf("inactive are %q", got)
		}
		o.refused(o.Do(o.auditor, "GET", base+"/people?inactive=true", nil), 403, "administrator")
		o.Must(204, o.admin, "POST", base+"/people/"+ada+"/reactivate", map[string]string{"reason": "She is back."})
		o.reasoned("back")
		o.Must(200, ada, "GET", base+"/me", nil)
	})
	t.Run("moves keep the past datable", func(t *testing.T) {
		o.Must(200, o.admin, "POST", base+"/imports/units", "id;parent_id;name;kind\nX;;X;team\n", csvBody)
		x, _ := o.App.Core.Access.UnitByCode("X")
		o.Must(204, o.admin, "POST", base+"/people/"+ada+"/move", map[string]string{"unit": x.ID, "site": "Bonn"})
		var got struct {
			Affiliations []struct{ Unit, From, Until string }
		}
		o.json(o.Must(200, ada, "GET", base+"/people/"+ada, nil), &got)
		if a := got.Affiliations; len(a) != 2 || a[0].Until == "" || a[1].Unit != x.ID || a[1].Until != "" {
			t.Errorf("affiliations are %+v", a)
		}
	})
}

func TestErasure(t *testing.T) {
	o := start(t)
	ada, bob := o.person("Ada"), o.person("Bob")
	c := o.community(bob, "c1", "request", "open")
	o.Must(200, ada, "POST", c+"/join", map[string]string{"message": "let me in"})
	var request sealed.Text
	text, err := o.App.Core.Vault.Seal(t.Context(), "e", sealedEvent{content(ada, "mine")})
	if err != nil {
		t.Fatal(err)
	}
	request = text.(sealedEvent).T
	invited := o.community(bob, "c2", "invitation", "open")
	o.Must(204, bob, "POST", invited+"/invitations", map[string]string{"person": ada})
	o.Must(204, ada, "POST", base+"/me/erase", map[string]bool{"texts": false})

	t.Run("what they waited for is withdrawn", func(t *testing.T) {
		o.Settle()
		for id, want := range map[string]string{"c1": "membership.request_withdrawn", "c2": "membership.invitation_withdrawn", "c3": "membership.request_withdrawn"} {
			tie := es.Stream{Context: "membership", Aggregate: "membership", ID: es.ID(id, ada)}
			if id == "c3" { // decided before the erasure was known
				o.Append(ada, tie, events.MembershipRequested{Tie: events.Tie{Community: id, Person: ada}})
				o.Settle()
			}
			var last es.Recorded
			for r, err := range o.App.Core.Events.Load(t.Context(), tie, 0) {
				if err != nil {
					t.Fatal(err)
				}
				last = r
			}
			if last.Type != want || last.Meta.Actor != "reactor:membership-pending" || last.Meta.Reason != "person_erased" {
				t.Errorf("%s: %s by %s because of %q", id, last.Type, last.Meta.Actor, last.Meta.Reason)
			}
		}
		if dead := o.Dead(); len(dead) > 0 {
			t.Errorf("the reactor gave up: %v", dead)
		}
	})
	t.Run("nothing of the person is shown", func(t *testing.T) {
		r := o.Must(200, bob, "GET", base+"/people/"+ada, nil)
		if strings.Contains(string(r.Body), "Ada") || strings.Contains(string(r.Body), "ada@") || !strings.Contains(string(r.Body), `"former":true`) {
			t.Errorf("shows %s", r.Body)
		}
		if len(o.list(bob, "/people?query=ada").Items) != 0 || len(o.list(bob, c[len(base):]+"/join-requests").Items) != 0 {
			t.Error("still found")
		}
	})
	t.Run("lookup says former", func(t *testing.T) {
		var got page
		o.json(o.Must(200, bob, "POST", base+"/people/lookup", map[string]any{"ids": []string{ada, bob, "nobody"}}), &got)
		if got.column("former") != "true,false" || got.Items[0]["name"] != nil || got.Items[1]["name"] != "Bob" {
			t.Errorf("lookup is %v", got)
		}
	})
	t.Run("the key to who they were is gone, the key to their texts is not", func(t *testing.T) {
		if err := o.App.Core.Vault.Create(t.Context(), ada); err == nil {
			t.Error("the id can be used again")
		}
		if got, err := o.App.Core.Vault.Open(t.Context(), request); err != nil || got != "mine" {
			t.Errorf("their text is %q, %v", got, err)
		}
		o.Must(204, o.admin, "POST", base+"/people/"+ada+"/erase", map[string]bool{"texts": true})
		if _, ok, err := o.App.Core.Vault.Reveal(t.Context(), request); ok || err != nil {
			t.Errorf("their text still opens, %v", err)
		}
	})
	t.Run("a rebuild forgets too", func(t *testing.T) {
		for _, view := range o.App.Core.Follower.Rebuildable() {
			r, err := o.App.Core.Follower.Rebuild(t.Context(), view, nil)
			if err != nil || r.Before != r.After {
				t.Errorf("%s: %v, %s then %s", view, err, r.Before, r.After)
			}
		}
		if len(o.list(bob, "/people?query=ada").Items) != 0 {
			t.Error("found after the rebuild")
		}
	})
	t.Run("the same login becomes a new person", func(t *testing.T) {
		if _, ok := o.logins.ByLogin("ada@example.org"); ok {
			t.Error("the login still leads to somebody")
		}
		again := o.person("Ada")
		if got, ok := o.logins.ByLogin("ada@example.org"); again == ada || !ok || got != again {
			t.Errorf("the login leads to %q, new is %q, erased %q", got, again, ada)
		}
	})
	t.Run("an erased person cannot come back", func(t *testing.T) {
		o.refused(o.Do(ada, "GET", base+"/me", nil), 403, "active")
		o.refused(o.Do(o.admin, "POST", base+"/people/"+ada+"/reactivate", nil), 409, "erased")
	})
	if dead := o.Dead(); len(dead) > 0 {
		t.Errorf("reactors gave up: %v", dead)
	}
}

type sealedEvent struct {
	T sealed.Text `json:"t"`
}

func (sealedEvent) EventType() string { return "test.sealed" }

func content(person, text string) sealed.Text { return sealed.New(person, sealed.Content, text) }

// No name, address or profile is in the log in the clear.
func TestNothingPersonalIsInTheLog(t *testing.T) {
	o := start(t)
	ada := o.person("Xanthippe Quux")
	c := o.community(o.admin, "c1", "request", "open")
	o.Must(200, ada, "POST", c+"/join", map[string]string{"message": "zugzwang"})
	for seq := uint64(1); seq <= o.last(); seq++ {
		for r, err := range o.App.Core.Events.Follow(t.Context(), seq-1) {
			if err != nil {
				t.Fatal(err)
			}
			stored := strings.ToLower(fmt.Sprint(r.Stored.Header, string(r.Stored.Data), r.Stream))
			for _, secret := range []string{"xanthippe", "quux", "zugzwang", "example.org"} {
				if strings.Contains(stored, secret) {
					t.Errorf("event %d shows %q", r.Seq, secret)
				}
			}
			break
		}
	}
}

func TestRegisteringIsStrict(t *testing.T) {
	o := start(t)
	for _, c := range []struct {
		rule  string
		in    map[string]any
		field string
	}{
		{"no name", map[string]any{"name": "  "}, "name"},
		{"a name of two lines", map[string]any{"name": "A\nB"}, "name"},
		{"no address", map[string]any{"name": "A", "email": "a@b@c"}, "email"},
		{"an unknown unit", map[string]any{"name": "A", "unit": "nowhere"}, "unit"},
		{"an unknown language", map[string]any{"name": "A", "language": "xx"}, "language"},
		{"an unknown field", map[string]any{"name": "A", "grade": "A13"}, "grade"},
		{"a login in use", map[string]any{"name": "A", "login": "root@example.org"}, "login"},
	} {
		t.Run("refused: "+c.rule, func(t *testing.T) {
			before := o.last()
			r := o.Do(o.admin, "POST", base+"/people", c.in)
			if (r.Status != 422 && r.Status != 409) || !strings.Contains(string(r.Body), `"field":"`+c.field+`"`) || o.last() != before {
				t.Errorf("answered %d %s", r.Status, r.Body)
			}
		})
	}
}
