package audit_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	auditevents "kith/api/events/audit"
	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/events/notification"
	api "kith/api/openapi/auditapi"
	"kith/api/sealed"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/audit"
	"kith/services/audit/mydata"
)

// ownRoutes are for everybody, about themselves.
var ownRoutes = []struct{ method, path string }{
	{http.MethodGet, "/me/consent"}, {http.MethodPost, "/me/consent"}, {http.MethodGet, "/me/data"},
}

var yes = api.NewConsent{Purpose: api.NewConsentPurposeOwnCopy, Scope: api.NewConsentScopeEverything}

// copyOf is what somebody took along.
type copyOf struct {
	Format, Person string
	Through        uint64
	Events         int
	Now            struct {
		Identity, Profile map[string]any
		Roles             []string
		Memberships       []struct{ Community, Role string }
	}
	Parts map[string][]copied
	Names struct {
		People map[string]struct {
			Name   string
			Former bool
		}
		Communities, Units map[string]string
	}
	text, page string
}

type copied struct {
	Seq                 uint64
	Type, About, ID, By string
	Unreadable          bool
	Data                map[string]any
	Erased, Withheld    []string
	Time, Occurred      time.Time
	Imported            bool
	ReasonCode          string `json:"reason"`
}

// of is what the archive tells of events of a type.
func (c copyOf) of(part, kind string) (found []copied) {
	for _, e := range c.Parts[part] {
		if e.Type == kind {
			found = append(found, e)
		}
	}
	return found
}

func (h house) consent(person string) {
	h.t.Helper()
	h.Must(http.StatusCreated, person, http.MethodPost, base+"/me/consent", yes)
}

// take consents and takes everything along.
func (h house) take(person string) copyOf {
	h.t.Helper()
	h.consent(person)
	r := h.Must(http.StatusOK, person, http.MethodGet, base+"/me/data", nil)
	if kind := r.Header.Get("Content-Type"); kind != "application/zip" {
		h.t.Errorf("the archive is %s", kind)
	}
	return unpack(h.t, r.Body)
}

func unpack(t *testing.T, body []byte) (c copyOf) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	c.text, c.page = read(mydata.JSONFile), read(mydata.PageFile)
	if err := json.Unmarshal([]byte(c.text), &c); err != nil {
		t.Fatalf("%v in %s", err, c.text)
	}
	return c
}

func content(person, text string) sealed.Text { return sealed.New(person, sealed.Content, text) }

func person(id string) es.Stream { return stream(membership.Context, membership.Person, id) }

func request(id string) es.Stream { return stream(community.Context, community.Request, id) }

func tie(community, person string) (es.Stream, membership.Tie) {
	return stream(membership.Context, membership.Membership, es.ID(community, person)), membership.Tie{Community: community, Person: person}
}

func TestConsent(t *testing.T) {
	h := begin(t, audit.Config{})
	consents := func(person string) (all []es.Recorded) {
		t.Helper()
		for r, err := range h.App.Core.Events.Load(t.Context(), stream(auditevents.Context, auditevents.Consent, person), 0) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	state := func() (c api.MyConsent) {
		t.Helper()
		if err := h.Must(http.StatusOK, "ada", http.MethodGet, base+"/me/consent", nil).JSON(&c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Run("without a token there is nothing", func(t *testing.T) {
		for _, r := range ownRoutes {
			if got := h.Do("", r.method, base+r.path, nil); got.Status != http.StatusUnauthorized {
				t.Errorf("%s %s: %d", r.method, r.path, got.Status)
			}
		}
	})
	t.Run("without a consent there is no archive", func(t *testing.T) {
		if r := h.Do("ada", http.MethodGet, base+"/me/data", nil); r.Problem() != "conflict" || !bytes.Contains(r.Body, []byte("/me/consent")) {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		if c := state(); c.Valid || c.Until != nil {
			t.Errorf("%+v", c)
		}
	})
	t.Run("what it is for must be said", func(t *testing.T) {
		for _, body := range []string{`{}`, `{"purpose":"own_copy"}`, `{"purpose":"curiosity","scope":"everything"}`,
			`{"purpose":"own_copy","scope":"everything","person":"bob"}`} {
			if r := h.Do("ada", http.MethodPost, base+"/me/consent", body); r.Problem() != "invalid" {
				t.Errorf("%s: %d %s", body, r.Status, r.Body)
			}
		}
	})
	t.Run("is one event of the person, repeated or not", func(t *testing.T) {
		for range 2 {
			h.Must(http.StatusCreated, "ada", http.MethodPost, base+"/me/consent", yes, apptest.Header("Idempotency-Key", "mine"))
		}
		all := consents("ada")
		if len(all) != 1 || all[0].Meta.Actor != "ada" || all[0].Meta.Access == 0 {
			t.Fatalf("%+v", all)
		}
		want := auditevents.ConsentGiven{Person: "ada", Purpose: "own_copy", Scope: "everything", Until: h.Clock.Now().Add(7 * 24 * time.Hour)}
		if all[0].Data != want {
			t.Errorf("%+v, want %+v", all[0].Data, want)
		}
		if c := state(); !c.Valid || !c.Until.Equal(want.Until) {
			t.Errorf("%+v", c)
		}
	})
	t.Run("opens the archive of nobody else", func(t *testing.T) {
		for _, other := range []string{"bob", "adm", "aud"} {
			if r := h.Do(other, http.MethodGet, base+"/me/data", nil); r.Problem() != "conflict" {
				t.Errorf("%s: %d %s", other, r.Status, r.Body)
			}
		}
		for _, other := range []string{"adm", "aud"} {
			if c := h.take(other); c.Person != other || strings.Contains(c.text, "Title in") || strings.Contains(c.page, "Title in") {
				t.Errorf("%s has the data of %s: %s", other, c.Person, c.text)
			}
		}
	})
	t.Run("is a reason to sign", func(t *testing.T) {
		seq := consents("adm")[0].Seq
		h.tick(time.Second, "signed", func() bool { s := h.announced(); return len(s) > 0 && s[len(s)-1] >= seq })
	})
	t.Run("holds for seven days, and a new one for seven more", func(t *testing.T) {
		until := *state().Until
		h.tick(time.Hour, "almost over", func() bool { return !h.Clock.Now().Add(time.Hour).Before(until) })
		h.Must(http.StatusOK, "ada", http.MethodGet, base+"/me/data", nil)
		h.tick(time.Hour, "over", func() bool { return !h.Clock.Now().Before(until) })
		if r := h.Do("ada", http.MethodGet, base+"/me/data", nil); r.Problem() != "conflict" || !bytes.Contains(r.Body, []byte("has ended")) {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		if c := state(); c.Valid {
			t.Errorf("%+v", c)
		}
		if c := h.take("ada"); len(c.of("consents", "consent.given")) != 2 {
			t.Errorf("%+v", c.Parts["consents"])
		}
	})
	t.Run("ends with the person", func(t *testing.T) {
		h.consent("bob")
		h.Append("bob", person("bob"), membership.PersonErased{})
		for _, r := range ownRoutes {
			if got := h.Do("bob", r.method, base+r.path, nil); got.Status != http.StatusForbidden {
				t.Errorf("%s %s: %d", r.method, r.path, got.Status)
			}
		}
	})
}

// live lets ada and bob do what people do, and returns nothing: who reads it
// knows it by its ids. Texts are "<owner> <what>".
func live(h house) {
	h.t.Helper()
	as := func(actor string, st es.Stream, e es.Event) { h.t.Helper(); h.Append(actor, st, e) }
	identity := func(p, text string) sealed.Text { return sealed.New(p, sealed.Identity, text) }
	as("adm", stream(membership.Context, membership.Unit, "north"), membership.UnitCreated{Code: "N", Name: "North", Kind: "team"})
	for _, p := range []string{"ada", "bob"} {
		as("adm", person(p), membership.PersonChanged{Name: identity(p, p+" renamed"), Email: identity(p, p+"@kith.example"), Language: "de"})
		as("adm", person(p), membership.PersonMoved{Unit: "north", Site: "attic"})
		as("adm", stream(membership.Context, membership.Reservation, "r-"+p), membership.ReservationMade{Person: p, Kind: "login"})
		as(p, person(p), membership.ProfileChanged{CanHelp: identity(p, p+" can help"), About: identity(p, p+" about"), Languages: []string{"de"},
			Availability: "available", Visibility: map[string]string{"about": "nobody"}})
		as("adm", stream(membership.Context, membership.Role, p), membership.RoleGranted{Role: "connector"})
		as(p, stream(membership.Context, membership.Token, "t-"+p), membership.TokenIssued{Person: p, Name: identity(p, p+" token"), Hash: "secret-hash", Expires: h.Clock.Now().Add(time.Hour)})
		as(p, stream(notification.Context, notification.Preferences, p), notification.PreferencesChanged{Rules: []notification.Rule{{Kind: "thanked", Inbox: true}}})
		as(p, stream(matching.Context, matching.Helper, p), matching.HelperPreferencesChanged{Cap: 3})
		as("reactor:mail", stream(notification.Context, notification.Delivery, "d-"+p), notification.DeliverySent{Person: p, Channel: "mail", Kind: "thanked", Item: "i-" + p, MessageID: "m-" + p})
		as(p, stream(notification.Context, notification.Inbox, p), notification.InboxRead{UpTo: 5})
	}
	// bob asks to join ada's closed community, is declined, invited, joins, and is removed.
	st, x := tie("closed", "bob")
	as("bob", st, membership.MembershipRequested{Tie: x, Message: content("bob", "bob asks to join")})
	as("ada", st, membership.MembershipRequestDeclined{Tie: x, Reason: content("ada", "ada declines")})
	as("ada", st, membership.MembershipInvited{Tie: x, Message: content("ada", "ada invites")})
	as("bob", st, membership.MembershipJoined{Tie: x, Via: "invitation", Role: "member"})
	// In it bob helps ada, who corrects, accepts and thanks.
	as("bob", request("q-closed"), community.RequestResponded{Response: "a1", Author: "bob", Body: content("bob", "bob answers first")})
	as("bob", request("q-closed"), community.ResponseCorrected{Response: "a1", Body: content("bob", "bob answers better")})
	as("bob", request("q-closed"), community.RequestResponded{Response: "a2", Author: "bob", Body: content("bob", "bob answers and regrets")})
	as("bob", request("q-closed"), community.ResponseRetracted{Response: "a2"})
	as("ada", request("q-closed"), community.RequestCorrected{Title: content("ada", "ada asks better"), Tried: content("ada", "ada tried")})
	as("ada", request("q-closed"), community.ResponseAccepted{Response: "a1", Author: "bob", Resolves: true})
	as("ada", request("q-closed"), community.Thanked{Response: "a1", From: "ada", To: "bob", FromUnit: "north", ToUnit: "south", Across: true, Note: content("ada", "ada thanks")})
	as("ada", request("q-closed"), community.RequestReopened{Reason: content("ada", "ada reopens")})
	// bob is proposed with another, and says yes; the other says no.
	as("reactor:matching-router", stream(matching.Context, matching.Proposal, "q-open"), matching.HelpersProposed{Request: "q-open", Community: "open", Asker: "ada",
		Kind: "problem", Round: 1, Policy: "p1", Helpers: []matching.ProposedHelper{
			{Person: "adm", Score: 0.75, Reasons: []matching.Reason{{Code: matching.ReasonTopic, Topic: identity("adm", "adm topic")}}},
			{Person: "bob", Score: 0.5, Reasons: []matching.Reason{{Code: matching.ReasonTopic, Topic: identity("bob", "bob topic")}}}}})
	as("bob", stream(matching.Context, matching.Proposal, "q-open"), matching.HelpOffered{Request: "q-open", Helper: "bob", Asker: "ada", Proposed: true})
	as("adm", stream(matching.Context, matching.Proposal, "q-open"), matching.HelpDeclined{Request: "q-open", Helper: "adm"})
	// Nobody answers, and bob is asked with another to find somebody.
	as("reactor:matching-unanswered", stream(matching.Context, matching.Proposal, "q-open"), matching.RequestUnanswered{Request: "q-open", Asker: "ada", Step: "community"})
	as("reactor:matching-router", stream(matching.Context, matching.Proposal, "q-open"), matching.RoutingWidened{Request: "q-open", Community: "open", Asker: "ada",
		Step: "connectors", Because: "unanswered", Told: []string{"adm", "bob"}, Due: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)})
	as("reactor:matching-router", stream(matching.Context, matching.Proposal, "q-open"), matching.RoutingEnded{Request: "q-open", Community: "open", Asker: "ada", Because: "unanswered"})
	// ada and bob are introduced to each other; bob wants adm, and not another, as buddy.
	as("reactor:matching-introducer", stream(matching.Context, matching.Round, "r"), matching.IntroductionMade{Introduction: "i", People: []string{"ada", "bob"},
		Reasons: []matching.MeetReason{{Code: matching.MeetHelps, Person: "ada", Topic: identity("ada", "ada knows"), Other: identity("bob", "bob wants")}}})
	as("bob", stream(matching.Context, matching.Introduction, "i"), matching.IntroductionAnswered{Person: "bob", Other: "ada", Answer: matching.IntroductionNotNow})
	welcome := matching.Welcome{Community: "open", Newcomer: "bob"}
	as("reactor:matching-welcomer", stream(matching.Context, matching.Buddy, "b"), matching.BuddiesSuggested{Welcome: welcome, Policy: "p1",
		Buddies: []matching.SuggestedBuddy{{Person: "ada", Reasons: []matching.MeetReason{{Code: matching.MeetOtherUnit}}}, {Person: "adm", Reasons: []matching.MeetReason{}}}})
	as("bob", stream(matching.Context, matching.Buddy, "b"), matching.BuddyChosen{Welcome: welcome, Buddy: "adm"})
	// ada writes a charter, and succession asks two.
	as("ada", stream(community.Context, community.Charter, "closed"), community.CharterRevised{Version: 1, Purpose: "charter of closed", Note: content("ada", "ada notes")})
	as("reactor:community-succession", stream(community.Context, community.Community, "open"), community.SuccessionOpened{Last: "adm", Cause: "left", Asked: []string{"ada", "bob"}})
	as("ada", st, membership.MembershipRemoved{Tie: x, Reason: content("ada", "ada removes")})
}

func TestMyData(t *testing.T) {
	h := begin(t, audit.Config{})
	live(h)
	ada, bob := h.take("ada"), h.take("bob")
	t.Run("says what it is", func(t *testing.T) {
		n := 0
		for _, part := range ada.Parts {
			n += len(part)
		}
		if ada.Format != mydata.Format || ada.Person != "ada" || ada.Through == 0 || ada.Events != n {
			t.Errorf("%+v, %d entries", ada, n)
		}
	})
	t.Run("who the person is now", func(t *testing.T) {
		for name, want := range map[string]string{"name": "bob renamed", "email": "bob@kith.example", "unit": "north", "site": "attic", "language": "de"} {
			if got := bob.Now.Identity[name]; got != want {
				t.Errorf("%s is %v, want %s", name, got, want)
			}
		}
		if bob.Now.Profile["can_help"] != "bob can help" || !slices.Equal(bob.Now.Roles, []string{"connector"}) || len(bob.Now.Memberships) != 0 {
			t.Errorf("%+v", bob.Now)
		}
		if len(ada.Now.Memberships) != 2 || ada.Now.Memberships[0].Community != "closed" || ada.Now.Memberships[0].Role != "host" {
			t.Errorf("%+v", ada.Now.Memberships)
		}
		if bob.Names.Units["north"] != "North" || bob.Names.People["ada"].Name != "ada renamed" || bob.Names.Communities["closed"] != "closed" {
			t.Errorf("%+v", bob.Names)
		}
	})
	for _, c := range []struct {
		whose      copyOf
		part, kind string
		want       string // its data, one event a line
	}{
		{bob, "identity", "person.registered", `{"language":"en","name":"Name of bob"}`},
		{bob, "identity", "person.changed", `{"email":"bob@kith.example","language":"de","name":"bob renamed"}`},
		{bob, "identity", "reservation.made", `{"kind":"login","person":"bob"}`},
		{bob, "profile", "person.profile_changed", `{"about":"bob about","availability":"available","can_help":"bob can help","languages":["de"],"visibility":{"about":"nobody"}}`},
		{bob, "memberships", "membership.requested", `{"community":"closed","message":"bob asks to join","person":"bob"}`},
		{bob, "memberships", "membership.request_declined", `{"community":"closed","person":"bob","reason":"ada declines"}`},
		{bob, "memberships", "membership.invited", `{"community":"closed","message":"ada invites","person":"bob"}`},
		{bob, "memberships", "membership.joined", `{"community":"closed","person":"bob","role":"member","via":"invitation"}`},
		{bob, "memberships", "membership.removed", `{"community":"closed","person":"bob","reason":"ada removes"}`},
		{ada, "acts", "membership.request_declined", `{"community":"closed","person":"bob","reason":"ada declines"}`},
		{bob, "responses", "request.responded", `{"author":"bob","body":"bob answers first","response":"a1"}` + "\n" + `{"author":"bob","body":"bob answers and regrets","response":"a2"}`},
		{bob, "responses", "request.response_corrected", `{"body":"bob answers better","response":"a1"}`},
		{bob, "responses", "request.response_retracted", `{"response":"a2"}`},
		{bob, "responses", "request.response_accepted", `{"author":"bob","resolves":true,"response":"a1"}`},
		{ada, "requests", "request.raised", `{"asker":"ada","beyond":false,"body":"Body in open","community":"open","kind":"problem","title":"Title in open"}` + "\n" +
			`{"asker":"ada","beyond":false,"body":"Body in closed","community":"closed","kind":"problem","title":"Title in closed"}`},
		{ada, "requests", "request.corrected", `{"title":"ada asks better","tried":"ada tried"}`},
		{ada, "requests", "request.responded", `{"author":"bob","response":"a1"}` + "\n" + `{"author":"bob","response":"a2"}`},
		{ada, "requests", "request.response_corrected", `{"body":"bob answers better","response":"a1"}`},
		{ada, "requests", "proposal.proposed", `{"asker":"ada","community":"open","helpers":[{"person":"adm"},{"person":"bob"}],"kind":"problem","policy":"p1","request":"q-open","round":1}`},
		{ada, "requests", "proposal.offered", `{"asker":"ada","helper":"bob","proposed":true,"request":"q-open"}`},
		{ada, "requests", "proposal.declined", ``},
		{ada, "requests", "proposal.unanswered", `{"asker":"ada","request":"q-open","step":"community"}`},
		{ada, "requests", "proposal.widened", `{"asker":"ada","because":"unanswered","community":"open","due":"2026-03-03T09:00:00Z","request":"q-open","step":"connectors","told":["adm","bob"]}`},
		{ada, "requests", "proposal.ended", `{"asker":"ada","because":"unanswered","community":"open","request":"q-open"}`},
		{bob, "requests", "proposal.unanswered", ``},
		{bob, "proposals", "proposal.widened", `{"asker":"ada","community":"open","due":"2026-03-03T09:00:00Z","request":"q-open","step":"connectors","told":["bob"]}`},
		{ada, "thanks", "request.thanked", `{"across":true,"from":"ada","from_unit":"north","note":"ada thanks","response":"a1","to":"bob"}`},
		{bob, "thanks", "request.thanked", `{"across":true,"from":"ada","response":"a1","to":"bob","to_unit":"south"}`},
		{bob, "proposals", "proposal.proposed", `{"asker":"ada","community":"open","helpers":[{"person":"bob","reasons":[{"code":"topic","topic":"bob topic"}],"score":0.5}],"kind":"problem","policy":"p1","request":"q-open","round":1}`},
		{bob, "meetings", "introduction.made", `{"introduction":"i","people":["ada","bob"],"reasons":[{"code":"helps","other":"bob wants","person":"ada"}]}`},
		{bob, "meetings", "introduction.answered", `{"answer":"not_this_time","other":"ada","person":"bob"}`},
		{ada, "meetings", "introduction.made", `{"introduction":"i","people":["ada","bob"],"reasons":[{"code":"helps","person":"ada","topic":"ada knows"}]}`},
		{ada, "meetings", "introduction.answered", ``},
		{ada, "meetings", "buddy.suggested", `{"buddies":[{"person":"ada","reasons":[{"code":"other_unit"}]}],"community":"open","newcomer":"bob","policy":"p1"}`},
		{ada, "meetings", "buddy.chosen", ``},
		{bob, "meetings", "buddy.chosen", `{"buddy":"adm","community":"open","newcomer":"bob"}`},
		{bob, "preferences", "helper.preferences_changed", `{"cap":3,"opt_out":false}`},
		{bob, "preferences", "preferences.changed", `{"rules":[{"inbox":true,"kind":"thanked","mail":false}]}`},
		{bob, "tokens", "token.issued", `{"expires":"2026-03-02T10:00:00Z","name":"bob token","person":"bob"}`},
		{bob, "notifications", "delivery.sent", `{"channel":"mail","item":"i-bob","kind":"thanked","message_id":"m-bob","person":"bob"}`},
		{bob, "notifications", "inbox.read", `{"up_to":5}`},
		{bob, "roles", "role.granted", `{"role":"connector"}`},
		{ada, "communities", "charter.revised", `{"note":"ada notes","purpose":"charter of closed","version":1}`},
		{bob, "communities", "community.succession_opened", `{"asked":["bob"]}`},
	} {
		t.Run(c.whose.Person+" "+c.part+" "+c.kind, func(t *testing.T) {
			var lines []string
			for _, e := range c.whose.of(c.part, c.kind) {
				data, err := json.Marshal(e.Data)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, string(data))
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	t.Run("says where a text of another is not shown", func(t *testing.T) {
		answers := ada.of("requests", "request.responded")
		if len(answers) != 2 || !slices.Equal(answers[0].Withheld, []string{"body"}) || !slices.Equal(answers[1].Withheld, []string{"body"}) || answers[0].By != "bob" {
			t.Errorf("%+v", answers)
		}
		if thanks := bob.of("thanks", "request.thanked"); !slices.Equal(thanks[0].Withheld, []string{"note"}) {
			t.Errorf("bob left the community: %+v", thanks)
		}
	})
	t.Run("says nothing of why others were proposed", func(t *testing.T) {
		if e := ada.of("requests", "proposal.proposed")[0]; e.Withheld != nil || strings.Contains(ada.text, "helpers.0") {
			t.Errorf("%+v", e)
		}
	})
	t.Run("has no part of the administrator's that is about others", func(t *testing.T) {
		adm := h.take("adm")
		moved := adm.of("acts", "person.moved")
		if len(moved) != 2 || moved[0].Data != nil || moved[0].ID != "ada" {
			t.Errorf("%+v", moved)
		}
		if d := adm.of("proposals", "proposal.declined"); len(d) != 1 {
			t.Errorf("%+v", d)
		}
	})
}

// Whatever is private to one stands in no archive but their own, in no file.
func TestNobodysTextsAreInTheArchiveOfAnother(t *testing.T) {
	h := begin(t, audit.Config{})
	live(h)
	meant := map[string][]string{ // texts of others that are for somebody
		"ada": {"bob answers better", "bob renamed", "Name of adm"},
		"bob": {"ada declines", "ada invites", "ada removes", "ada renamed", "Name of adm"},
		"adm": {"ada renamed", "bob renamed", "Name of aud"},
		"aud": {"Name of adm"},
	}
	all := map[string][]string{}
	for r, err := range h.Log.Range(t.Context(), 0, h.App.Core.Follower.Position()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sealed.Map(r.Data, func(_ string, s sealed.Text) (sealed.Text, error) {
			box, err := s.Box()
			if err != nil {
				return s, err
			}
			text, err := h.App.Core.Vault.Open(t.Context(), s)
			all[box.Person] = append(all[box.Person], text)
			return s, err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, reader := range []string{"ada", "bob", "adm", "aud"} {
		c := h.take(reader)
		if strings.Contains(c.text+c.page, "v1:") || strings.Contains(c.text+c.page, "secret-hash") {
			t.Errorf("%s got a sealed text or a hash: %s", reader, c.text)
		}
		for owner, texts := range all {
			for _, text := range texts {
				want := owner == reader || slices.Contains(meant[reader], text)
				got := strings.Contains(c.text, `"`+text+`"`) || strings.Contains(c.page, text)
				if got && !want {
					t.Errorf("%s reads what %s wrote: %s", reader, owner, text)
				}
				if owner == reader && (!strings.Contains(c.text, `"`+text+`"`) || !strings.Contains(c.page, text)) {
					t.Errorf("%s does not read what they wrote: %s", reader, text)
				}
			}
		}
		for _, text := range meant[reader] {
			if !strings.Contains(c.text, text) || !strings.Contains(c.page, text) {
				t.Errorf("%s does not read what was meant for them: %s", reader, text)
			}
		}
	}
}

func TestTextsThatWereTakenBackOrErased(t *testing.T) {
	h := begin(t, audit.Config{})
	h.Append("bob", request("q-open"), community.RequestResponded{Response: "a1", Author: "bob", Body: content("bob", "bob answers")})
	h.Append("ada", request("q-open"), community.Thanked{Response: "a1", From: "ada", To: "bob", Note: content("ada", "ada thanks")})
	t.Run("thanks are read where the request is seen", func(t *testing.T) {
		if c := h.take("bob"); c.of("thanks", "request.thanked")[0].Data["note"] != "ada thanks" {
			t.Errorf("%s", c.text)
		}
	})
	t.Run("not when the asker retracts it", func(t *testing.T) {
		h.Append("ada", request("q-open"), community.RequestRetracted{})
		c := h.take("bob")
		if e := c.of("thanks", "request.thanked")[0]; e.Data["note"] != nil || !slices.Equal(e.Withheld, []string{"note"}) {
			t.Errorf("%+v", e)
		}
		if c := h.take("ada"); c.of("requests", "request.raised")[0].Data["title"] != "Title in open" || c.of("thanks", "request.thanked")[0].Data["note"] != "ada thanks" {
			t.Errorf("ada's own texts: %s", c.text)
		}
	})
	t.Run("who was erased is a former member, whose texts are gone if they wished", func(t *testing.T) {
		h.Append("bob", person("bob"), membership.PersonErased{Texts: true})
		if c := h.take("ada"); !c.Names.People["bob"].Former || strings.Contains(c.text+c.page, "Name of bob") {
			t.Errorf("before the keys are destroyed: %+v", c.Names.People["bob"])
		}
		for _, class := range []sealed.Class{sealed.Identity, sealed.Content} {
			if err := h.App.Core.Vault.Shred(t.Context(), "bob", class, "e1"); err != nil {
				t.Fatal(err)
			}
		}
		c := h.take("ada")
		if e := c.of("requests", "request.responded")[0]; e.Data["body"] != nil || !slices.Equal(e.Erased, []string{"body"}) {
			t.Errorf("%+v", e)
		}
		if n := c.Names.People["bob"]; !n.Former || n.Name != "" || !strings.Contains(c.page, "former member") || strings.Contains(c.text+c.page, "Name of bob") {
			t.Errorf("%+v", n)
		}
	})
	t.Run("own texts whose key is gone are said to be erased", func(t *testing.T) {
		if err := h.App.Core.Vault.Shred(t.Context(), "ada", sealed.Content, "e2"); err != nil {
			t.Fatal(err)
		}
		c := h.take("ada")
		if e := c.of("requests", "request.raised")[0]; e.Data["title"] != nil || !slices.Equal(e.Erased, []string{"title", "body"}) {
			t.Errorf("%+v", e)
		}
		if !strings.Contains(c.page, "nobody can read it any more") || c.Now.Identity["name"] != "Name of ada" {
			t.Errorf("%s", c.page)
		}
	})
}

func TestMyDataSaysWhoLooked(t *testing.T) {
	h := begin(t, audit.Config{})
	seq := h.seqOf(request("q-closed"))
	get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true&reason=a+complaint+came+in", seq))
	get[api.EnvelopePage](h, "/log?actor=ada")
	get[api.EnvelopePage](h, "/log?actor=bob")
	c := h.take("ada")
	looks := c.Parts["looks"]
	if len(looks) != 2 || looks[0].Data["what"] != "event" || looks[0].Data["seq"] != float64(seq) || looks[1].Data["what"] != "log" {
		t.Fatalf("%+v", looks)
	}
	if strings.Contains(c.text, `"aud"`) || strings.Contains(c.text+c.page, "complaint") || strings.Contains(c.text, "Name of aud") {
		t.Errorf("it says who looked, or why: %s", c.text)
	}
	if own := h.take("aud"); len(own.Parts["looks"]) != 3 || own.Parts["looks"][0].Data["reason"] != "a complaint came in" {
		t.Errorf("%+v", own.Parts["looks"])
	}
}

// What has no rule is told as an envelope: when, and what kind of event.
func TestMyDataOfEventsWithoutARule(t *testing.T) {
	h := begin(t, audit.Config{})
	log := h.Log
	log.AppendRaw("evt.later.thing.t1", es.Stored{Header: map[string][]string{"ce-type": {"thing.told"}}, Data: []byte(`{"whom":"ada","secret":"of bob"}`)})
	log.AppendRaw("evt.later.thing.t2", es.Stored{Header: map[string][]string{"ce-type": {"thing.told"}}, Data: []byte(`{"whom":"adam"}`)})
	c := h.take("ada")
	if other := c.Parts["other"]; len(other) != 1 || other[0].Type != "thing.told" || !other[0].Unreadable || other[0].Data != nil || other[0].ID != "" || strings.Contains(c.text, "secret") {
		t.Errorf("%+v", other)
	}
}

func TestMyDataAsAPage(t *testing.T) {
	h := begin(t, audit.Config{})
	const attack = "<script>alert(1)</script>\n\"'&{{.}}"
	h.Append("bob", request("q-open"), community.RequestResponded{Response: "a1", Author: "bob", Body: content("bob", attack)})
	h.Append("ada", person("ada"), membership.ProfileChanged{About: sealed.New("ada", sealed.Identity, "</style><img src=x onerror=y>"), Availability: "away"})
	h.Append("ada", stream(community.Context, community.Community, "open"), community.CommunitySettingsChanged{Settings: community.Settings{
		Name: "<b>open", Purpose: "p", Kind: "community", Visibility: "open", Joining: "open", Language: "en"}})
	c := h.take("ada")
	t.Run("texts are texts", func(t *testing.T) {
		for _, bad := range []string{"<script", "</style><img", "<img", "<b>"} {
			if strings.Contains(c.page, bad) {
				t.Errorf("the page has %s", bad)
			}
		}
		if !strings.Contains(c.page, "&lt;script&gt;alert(1)&lt;/script&gt;\n") || !strings.Contains(c.page, "{{.}}") {
			t.Errorf("the text is not there: %s", c.page)
		}
		if c.of("requests", "request.responded")[0].Data["body"] != attack {
			t.Errorf("%+v", c.of("requests", "request.responded"))
		}
	})
	t.Run("needs nothing from elsewhere", func(t *testing.T) {
		for _, bad := range []string{"http://", "https://", `src="`, `href="/`, "@import", "url("} {
			if strings.Contains(c.page, bad) {
				t.Errorf("the page has %s", bad)
			}
		}
	})
	t.Run("is in the person's language", func(t *testing.T) {
		for _, words := range []string{`<html lang="en">`, "My data in Kith", "Request for help raised", "Your requests for help"} {
			if !strings.Contains(c.page, words) {
				t.Errorf("there is no %q", words)
			}
		}
		h.Append("ada", person("ada"), membership.PersonChanged{Name: sealed.New("ada", sealed.Identity, "Ada Löw"), Language: "de-AT"})
		german := h.take("ada")
		for _, words := range []string{`<html lang="de">`, "Meine Daten in Kith", "Anfrage gestellt", "Ihre Anfragen", "Ada Löw", "02.03.2026 09:00 UTC", "abwesend", "<dd>Sie</dd>"} {
			if !strings.Contains(german.page, words) {
				t.Errorf("there is no %q in %s", words, german.page)
			}
		}
		if strings.Contains(german.page, "request.raised") || strings.Contains(german.page, "My data") {
			t.Error("the German page is not German all through")
		}
	})
}

// slow is a log whose reader, once it is on, is told of by entered and waits for
// what comes from release.
type slow struct {
	Store
	on      *atomic.Bool
	entered chan struct{}
	release chan struct{}
}

func (l slow) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if l.on.Load() {
			l.entered <- struct{}{}
			<-l.release
		}
		l.Store.Follow(ctx, after)(yield)
	}
}

func TestMyDataIsPutTogetherForFewAtATime(t *testing.T) {
	log := slow{on: &atomic.Bool{}, entered: make(chan struct{}), release: make(chan struct{})}
	h := beginOn(t, audit.Config{}, func(s Store) es.Store { log.Store = s; return log })
	for _, p := range []string{"ada", "bob", "adm"} {
		h.consent(p)
	}
	log.on.Store(true)
	answers := map[string]chan *http.Response{}
	for _, p := range []string{"ada", "bob"} {
		answers[p] = make(chan *http.Response, 1)
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+base+"/me/data", nil)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+p)
				var resp *http.Response
				if resp, err = http.DefaultClient.Do(req); err == nil {
					answers[p] <- resp
				}
			}
			if err != nil {
				t.Error(err)
				close(answers[p])
			}
		}()
		<-log.entered // the log is read for them
	}
	for person, words := range map[string]string{"ada": "for you already", "adm": "of others"} {
		r := h.Do(person, http.MethodGet, base+"/me/data", nil)
		if r.Problem() != "too-many-requests" || r.Header.Get("Retry-After") == "" || !bytes.Contains(r.Body, []byte(words)) {
			t.Errorf("%s: %d %s", person, r.Status, r.Body)
		}
	}
	log.on.Store(false)
	close(log.release)
	for person, answer := range answers {
		resp, ok := <-answer
		if !ok {
			continue
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || unpack(t, body).Person != person {
			t.Errorf("%s: %d, %v", person, resp.StatusCode, err)
		}
	}
	h.Must(http.StatusOK, "adm", http.MethodGet, base+"/me/data", nil)
}

// gappy is a log that leaves out a position when it is followed, and one when a
// stretch of it is read.
type gappy struct {
	Store
	followed, read *atomic.Uint64
}

func (g gappy) Follow(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
	return without(g.followed, g.Store.Follow(ctx, after))
}

func (g gappy) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return without(g.read, g.Store.Range(ctx, after, to))
}

func without(seq *atomic.Uint64, all iter.Seq2[es.Recorded, error]) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		for r, err := range all {
			if (r.Seq == 0 || r.Seq != seq.Load()) && !yield(r, err) {
				return
			}
		}
	}
}

func TestMyDataIsNotPutTogetherOfADamagedLog(t *testing.T) {
	log := gappy{followed: &atomic.Uint64{}, read: &atomic.Uint64{}}
	h := beginOn(t, audit.Config{}, func(s Store) es.Store { log.Store = s; return log })
	h.consent("ada")
	for _, seq := range []uint64{1, 3} {
		log.followed.Store(seq)
		if r := h.Do("ada", http.MethodGet, base+"/me/data", nil); r.Problem() != "internal" {
			t.Errorf("without %d: %d, %d bytes", seq, r.Status, len(r.Body))
		}
	}
	log.followed.Store(0)
	log.read.Store(h.seqOf(request("q-open")))
	r := h.Must(http.StatusOK, "ada", http.MethodGet, base+"/me/data", nil) // the answer has begun
	if _, err := zip.NewReader(bytes.NewReader(r.Body), int64(len(r.Body))); err == nil {
		t.Error("an archive that broke off opens")
	}
	log.read.Store(0)
	unpack(t, h.Must(http.StatusOK, "ada", http.MethodGet, base+"/me/data", nil).Body)
}
