package notification

import (
	"fmt"
	"net/http"
	"testing"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/notificationapi"
	"kith/api/sealed"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
)

func (w *world) expect(person, want string) {
	w.t.Helper()
	if got := w.inbox(person); got != want {
		w.t.Errorf("the inbox of %s is [%s], want [%s]", person, got, want)
	}
}

func TestInbox(t *testing.T) {
	t.Run("a request is told to members, helpers and, once answered, to its asker", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben", "cem", "dia")
		w.founds("ann", "c", community.Open)
		w.joins("ben", "c", "member")
		raised := w.raises("ben", "q", "c", true)
		w.proposes("q", "c", "ben", "cem")
		w.on("cem", "matching", "proposal", "q", matching.HelpOffered{Request: "q", Helper: "cem", Asker: "ben", Proposed: true})
		w.responds("cem", "q", "r")
		w.on("ben", "community", "request", "q", community.ResponseAccepted{Response: "r", Author: "cem", Resolves: true})
		w.on("ben", "community", "request", "q", community.Thanked{Response: "r", From: "ben", To: "cem"})
		w.expect("ann", "request_raised member_of, member_joined host_of")
		w.expect("ben", "response asker, help_offered asker")
		w.expect("cem", "thanked author, accepted author, asked_to_help asked_to_help")
		w.expect("dia", "")

		it := w.page("ann", "").Items[0]
		if it.Seq != raised || it.Id != fmt.Sprint(raised) || *it.Community != "c" || *it.Request != "q" || *it.Person != "ben" || it.Read || it.Response != nil {
			t.Errorf("item = %+v", it)
		}
		if it := w.page("ben", "").Items[0]; *it.Response != "r" || *it.Person != "cem" || *it.Community != "c" {
			t.Errorf("item = %+v", it)
		}
	})
	t.Run("who is asked to find somebody reads so, unless the request is closed to them", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben", "con", "cem")
		w.founds("ann", "c", community.Closed)
		w.joins("ben", "c", "member")
		w.raises("ben", "q", "c", true)
		w.raises("ben", "p", "c", false)
		for _, q := range []string{"q", "p"} {
			w.on("reactor:matching-router", "matching", "proposal", q, matching.RoutingWidened{Request: q, Community: "c", Asker: "ben",
				Step: matching.StepConnectors, Because: matching.BecauseUnanswered, Told: []string{"con"}})
			w.on("reactor:matching-router", "matching", "proposal", q, matching.RoutingEnded{Request: q, Community: "c", Asker: "ben"})
		}
		w.expect("con", "asked_to_find finds_help")
		w.expect("ben", "nobody_answered asker, nobody_answered asker")
		w.expect("cem", "")
	})
	t.Run("nobody is told of their own act", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Open)
		w.joins("ben", "c", "member")
		w.on("ann", "community", "charter", "c", community.CharterRevised{Version: 2, Purpose: "x"})
		w.expect("ann", "member_joined host_of")
		w.expect("ben", "charter_revised member_of")
	})
	t.Run("imported history is no news", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Open)
		w.AppendMeta(es.Meta{Actor: "ben", Imported: true}, es.Stream{Context: "community", Aggregate: "request", ID: "old"},
			community.RequestRaised{Community: "c", Asker: "ben", Title: sealed.New("ben", sealed.Content, "Old")})
		w.AppendMeta(es.Meta{Actor: "ann", Imported: true}, es.Stream{Context: "community", Aggregate: "request", ID: "old"},
			community.RequestResponded{Response: "r", Author: "ann"})
		w.expect("ann", "")
		w.expect("ben", "")
	})
	t.Run("an event that concerns two audiences of a person is one item", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.on("admin", "membership", "role", "ben", membership.RoleGranted{Role: "coordinator"})
		w.founds("ann", "c", community.Open)
		w.joins("ben", "c", "core")
		w.on("reactor:x", "community", "community", "c", community.SuccessionOpened{Last: "ann", Cause: "left", Asked: []string{"ben"}})
		w.expect("ben", "succession_asked core_of")
		w.prefers("ben", map[string]any{"kind": "succession_asked", "inbox": false, "mail": false})
		w.expect("ben", "succession_told coordinator")
	})
	t.Run("pages hold everything once", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Open)
		w.founds("ann", "d", community.Open)
		w.joins("ben", "c", "member")
		w.joins("ben", "d", "member")
		var want []uint64
		for i := range 90 { // more than is fetched of an audience at once
			want = append(want, w.raises("ann", fmt.Sprintf("q%d", i), []string{"c", "d"}[i%2], true))
		}
		cursor, got := "", []uint64(nil)
		for {
			page := w.page("ben", "?limit=7"+cursor)
			for _, it := range page.Items {
				got = append(got, it.Seq)
			}
			if page.Next == nil {
				break
			}
			cursor = "&cursor=" + *page.Next
		}
		if len(got) != len(want) {
			t.Fatalf("%d items, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i] != want[len(want)-1-i] {
				t.Fatalf("items = %v", got)
			}
		}
		if r := w.Do("ben", http.MethodGet, base+"/inbox?cursor=nonsense", nil); r.Problem() != "invalid" {
			t.Errorf("a made-up cursor answered %d %s", r.Status, r.Body)
		}
	})
}

// Attempts to read what one may not.
func TestVisibility(t *testing.T) {
	ask := func(w *world, person string) {
		w.on(person, "membership", "membership", es.ID("c", person), membership.MembershipRequested{Tie: membership.Tie{Community: "c", Person: person}})
	}
	t.Run("who is removed from a closed community loses its news and learns of the removal", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Closed)
		w.joins("ben", "c", "member")
		w.raises("ann", "q", "c", false)
		w.on("ann", "community", "charter", "c", community.CharterRevised{Version: 2, Purpose: "x"})
		w.on("ann", "membership", "membership", es.ID("c", "ben"), membership.MembershipRoleChanged{Tie: membership.Tie{Community: "c", Person: "ben"}, Role: "core"})
		w.expect("ben", "role_changed concerns_you, charter_revised member_of, request_raised member_of")
		w.removes("ann", "ben", "c")
		w.expect("ben", "removed concerns_you")
		if c := w.count("ben"); c.Unread != 1 {
			t.Errorf("%d unread", c.Unread)
		}
	})
	t.Run("who was routed to and who responded lose it with the closed community", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben", "cem")
		w.founds("ann", "c", community.Closed)
		w.joins("ben", "c", "member")
		w.raises("ann", "q", "c", false)
		w.proposes("q", "c", "ann", "ben", "cem") // cem should not have been
		w.responds("ben", "q", "r")
		w.on("ann", "community", "request", "q", community.ResponseAccepted{Response: "r", Author: "ben"})
		w.expect("ben", "accepted author, asked_to_help asked_to_help, request_raised member_of")
		w.expect("cem", "")
		w.removes("ann", "ben", "c")
		w.expect("ben", "removed concerns_you")
		w.raises("ann", "q2", "c", true)
		w.proposes("q2", "c", "ann", "cem")
		w.expect("cem", "asked_to_help asked_to_help")
	})
	t.Run("each side's hosts hear of a link as one of their own community, closed or not", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben", "cem", "dia")
		w.founds("ann", "c", community.Open)
		w.founds("cem", "d", community.Closed)
		w.joins("ben", "c", "host")
		w.joins("dia", "d", "member")
		ends := community.Ends{Proposer: "c", Other: "d", Kind: community.Sister}
		w.on("ann", "community", "link", "l", community.LinkProposed{Ends: ends, Reason: sealed.New("ann", sealed.Content, "why")})
		w.on("cem", "community", "link", "l", community.LinkAgreed{Ends: ends})
		w.expect("ann", "link_agreed host_of")
		w.expect("ben", "link_agreed host_of")
		w.expect("cem", "link_proposed host_of, member_joined host_of")
		w.expect("dia", "")
		if it := w.page("ben", "").Items[0]; *it.Community != "c" || *it.Link != "l" {
			t.Errorf("item = %+v", it)
		}
	})
	t.Run("only hosts read what is for hosts", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben", "cem", "dia")
		w.founds("ann", "c", community.Open)
		w.joins("ben", "c", "member")
		ask(w, "dia")
		w.expect("ann", "join_requested host_of, member_joined host_of")
		w.expect("ben", "")
		w.expect("cem", "")
		w.on("ann", "membership", "membership", es.ID("c", "ben"), membership.MembershipRoleChanged{Tie: membership.Tie{Community: "c", Person: "ben"}, Role: "host"})
		w.expect("ben", "role_changed concerns_you, join_requested host_of") // a new host sees who waits
	})
	t.Run("news from before joining is no news", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Open)
		w.raises("ann", "before", "c", true)
		w.joins("ben", "c", "member")
		w.expect("ben", "")
		w.raises("ann", "after", "c", true)
		w.expect("ben", "request_raised member_of")
		w.on("ben", "membership", "membership", es.ID("c", "ben"), membership.MembershipLeft{Tie: membership.Tie{Community: "c", Person: "ben"}})
		w.expect("ben", "")
		w.joins("ben", "c", "member") // again: from now on only
		w.expect("ben", "")
	})
	t.Run("a founder hears of everything since the founding", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.on("ann", "community", "community", "c", community.CommunityFounded{Founder: "ann", Settings: community.Settings{Name: "C", Visibility: community.Closed}})
		w.on("ben", "membership", "membership", es.ID("c", "ben"), membership.MembershipRequested{Tie: membership.Tie{Community: "c", Person: "ben"}})
		w.expect("ann", "join_requested host_of")
		w.joins("ann", "c", "host")
		w.expect("ann", "join_requested host_of")
	})
	t.Run("a coordinator is told of what comes, not of what was", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Closed)
		w.on("reactor:x", "community", "community", "c", community.SuccessionOpened{Last: "ann"})
		w.on("admin", "membership", "role", "ben", membership.RoleGranted{Role: "coordinator"})
		w.expect("ben", "")
		w.on("reactor:x", "community", "community", "c", community.SuccessionOpened{Last: "ann"})
		w.expect("ben", "succession_told coordinator")
		w.on("admin", "membership", "role", "ben", membership.RoleRevoked{Role: "coordinator"})
		w.expect("ben", "")
	})
	t.Run("a community that closes hides its requests from those outside", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann", "ben")
		w.founds("ann", "c", community.Open)
		w.raises("ann", "q", "c", false)
		w.proposes("q", "c", "ann", "ben")
		w.expect("ben", "asked_to_help asked_to_help")
		w.on("ann", "community", "community", "c", community.CommunitySettingsChanged{Settings: community.Settings{Name: "C", Visibility: community.Closed}})
		w.expect("ben", "")
	})
	t.Run("without a token or deactivated nobody reads anything", func(t *testing.T) {
		w := start(t, Config{})
		w.people("ann")
		w.on("admin", "membership", "person", "ann", membership.PersonDeactivated{})
		for _, person := range []string{"", "ann"} {
			for _, call := range [][2]string{
				{http.MethodGet, "/inbox"}, {http.MethodGet, "/inbox/count"}, {http.MethodGet, "/stream"},
				{http.MethodGet, "/preferences"}, {http.MethodPost, "/inbox/read"}, {http.MethodPut, "/preferences"},
			} {
				if r := w.Do(person, call[0], base+call[1], nil); r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden {
					t.Errorf("%q: %s %s answered %d", person, call[0], call[1], r.Status)
				}
			}
		}
	})
}

func TestReadMarks(t *testing.T) {
	w := start(t, Config{})
	w.people("ann", "ben")
	w.founds("ann", "c", community.Open)
	w.joins("ben", "c", "member")
	var seqs []uint64
	for i := range 4 {
		seqs = append(seqs, w.raises("ann", fmt.Sprintf("q%d", i), "c", true))
	}
	unread := func(want int) {
		t.Helper()
		if c := w.count("ben"); c.Unread != want || c.More {
			t.Errorf("count = %+v, want %d", c, want)
		}
		if page := w.page("ben", "?unread=true"); len(page.Items) != want {
			t.Errorf("%d unread items in the list, want %d", len(page.Items), want)
		}
	}
	read := func(status int, body any, opts ...apptest.Option) apptest.Response {
		t.Helper()
		return w.Must(status, "ben", http.MethodPost, base+"/inbox/read", body, opts...)
	}
	unread(4)
	key := apptest.Header("Idempotency-Key", "once")
	first := read(http.StatusNoContent, map[string]any{"items": []string{fmt.Sprint(seqs[2])}}, key)
	unread(3)
	again := read(http.StatusNoContent, map[string]any{"items": []string{fmt.Sprint(seqs[2])}}, key)
	if first.Header.Get("Kith-Seq") != again.Header.Get("Kith-Seq") {
		t.Error("a repeated command was another command")
	}
	if r := read(http.StatusUnprocessableEntity, map[string]any{"up_to": 1}, key); r.Problem() != "idempotency-key-reused" {
		t.Errorf("the key with another body: %s", r.Body)
	}
	read(http.StatusNoContent, map[string]any{"up_to": seqs[1]})
	unread(1)
	if items := w.page("ben", "").Items; len(items) != 4 || items[0].Read || !items[1].Read || !items[3].Read {
		t.Errorf("items = %+v", items)
	}
	w.raises("ann", "new", "c", true)
	unread(2)
	for _, body := range []any{map[string]any{}, map[string]any{"up_to": 1 << 40}, map[string]any{"items": []string{"x"}}, map[string]any{"all": true}} {
		if r := read(http.StatusUnprocessableEntity, body); r.Problem() != "invalid" {
			t.Errorf("%v answered %s", body, r.Body)
		}
	}
	if c := w.count("ann"); c.Unread != 1 { // ben's joining; ben's marks are ben's
		t.Errorf("ann has %d unread", c.Unread)
	}
}

func TestPreferences(t *testing.T) {
	w := start(t, Config{})
	w.people("ann", "ben")
	w.founds("ann", "c", community.Open)
	w.founds("ann", "d", community.Open)
	w.joins("ben", "c", "member")
	w.joins("ben", "d", "member")
	w.raises("ann", "q", "c", true)
	w.raises("ann", "p", "d", true)

	w.prefers("ben", map[string]any{"kind": "request_raised", "inbox": false, "mail": false},
		map[string]any{"community": "d", "kind": "request_raised", "inbox": true, "mail": false})
	if items := w.page("ben", "").Items; len(items) != 1 || *items[0].Community != "d" {
		t.Errorf("items = %+v", items)
	}
	var p api.Preferences
	r := w.Must(http.StatusOK, "ben", http.MethodGet, base+"/preferences", nil)
	if err := r.JSON(&p); err != nil || len(p.Rules) != 2 || *p.Rules[1].Community != "d" || len(p.Defaults) != len(kinds) {
		t.Errorf("preferences = %+v, %v", p, err)
	}
	w.prefers("ben") // none: everything is there again
	if items := w.page("ben", "").Items; len(items) != 2 {
		t.Errorf("items = %+v", items)
	}
	for _, c := range []struct {
		name, want string
		body       any
		match      string
	}{
		{"an old ETag", "stale", map[string]any{"rules": []any{}}, r.Header.Get("ETag")},
		{"no ETag", "if-match-missing", map[string]any{"rules": []any{}}, ""},
		{"an unknown kind", "invalid", map[string]any{"rules": []any{map[string]any{"kind": "gossip", "inbox": true, "mail": true}}}, `"1"`},
		{"an unknown community", "invalid", map[string]any{"rules": []any{map[string]any{"community": "x", "inbox": true, "mail": true}}}, `"1"`},
		{"an unknown field", "invalid", map[string]any{"rules": []any{}, "quiet": true}, `"1"`},
	} {
		t.Run(c.name+" is refused", func(t *testing.T) {
			var opts []apptest.Option
			if c.match != "" {
				opts = append(opts, apptest.Header("If-Match", c.match))
			}
			if r := w.Do("ben", http.MethodPut, base+"/preferences", c.body, opts...); r.Problem() != c.want {
				t.Errorf("answered %d %s", r.Status, r.Body)
			}
		})
	}
}
