package notification

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
)

func TestMail(t *testing.T) {
	setUp := func(t *testing.T) (*world, *letterBox) {
		box := openBox(t)
		w := start(t, box.config())
		w.people("ann", "ben/de-AT", "cem/da", "dia")
		w.founds("ann", "c", community.Open)
		return w, box
	}
	t.Run("a helper is asked in their language, with links to answer", func(t *testing.T) {
		w, box := setUp(t)
		w.raises("ann", "q", "c", true)
		event := w.event(w.proposes("q", "c", "ann", "ben", "cem"))
		if box.to() != "ben cem" {
			t.Fatalf("mail went to %s", box.to())
		}
		got := box.mails()
		if i := slices.IndexFunc(got, func(m received) bool { return m.to == "ben@example.org" }); i != 0 {
			slices.Reverse(got)
		}
		german, english := got[0], got[1]
		if german.subject != "Können Sie hier helfen?" || english.subject != "Can you help with this?" {
			t.Errorf("subjects %q, %q", german.subject, english.subject)
		}
		for _, want := range []string{
			"Guten Tag BEN,", "Title of q", "Ich kann helfen: https://kith.example.org/requests/q?answer=can_help\n",
			"https://kith.example.org/requests/q?answer=not_me\n", "https://kith.example.org/me/notifications\n", "weil Ihr Wissen zu passen scheint",
		} {
			if !strings.Contains(german.body, want) {
				t.Errorf("%q is not in\n%s", want, german.body)
			}
		}
		if want := "<" + es.ID(event, "cem", "mail") + "@example.org>"; english.id != want {
			t.Errorf("Message-ID %s, want %s", english.id, want)
		}
		if english.header != "auto-generated" {
			t.Errorf("Auto-Submitted: %s", english.header)
		}
		if got := w.outcomes(event, "ben"); got != "delivery.sent" {
			t.Errorf("recorded %q", got)
		}
	})
	t.Run("every kind can be written in every language, and no subject names anybody", func(t *testing.T) {
		w, err := readWords()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range kinds {
			for _, language := range []string{"en", "de", "de-CH", "da", ""} {
				subject, body, err := w.write(language, k.name, letter{Name: "MARIA", Title: "SECRET", Community: "GUILD", Link: "https://x/y", Settings: "https://x/z"})
				if err != nil || subject == "" || !strings.Contains(body, "MARIA") || !strings.Contains(body, "https://x/y") || strings.Contains(body, "<no value>") {
					t.Errorf("%s in %q: %q, %v\n%s", k.name, language, subject, err, body)
				}
				if strings.Contains(subject, "MARIA") || strings.Contains(subject, "SECRET") || strings.ContainsAny(subject, "\r\n") {
					t.Errorf("%s in %q: subject %q", k.name, language, subject)
				}
			}
		}
	})
	t.Run("defaults and rules decide who gets mail", func(t *testing.T) {
		w, box := setUp(t)
		for _, p := range []string{"ben", "cem", "dia"} {
			w.joins(p, "c", "member")
		}
		w.raises("ann", "q1", "c", true)
		if box.to() != "" {
			t.Errorf("by default requests are mailed to %s", box.to())
		}
		w.prefers("ben", map[string]any{"kind": "request_raised", "inbox": true, "mail": true})
		w.prefers("cem", map[string]any{"kind": "request_raised", "inbox": true, "mail": true}, map[string]any{"community": "c", "inbox": true, "mail": false})
		w.raises("ann", "q2", "c", true)
		if box.to() != "ben" {
			t.Errorf("mail went to %s, want ben", box.to())
		}
		w.prefers("dia", map[string]any{"kind": "asked_to_help", "inbox": true, "mail": false})
		w.proposes("q2", "c", "ann", "dia")
		if box.to() != "ben" {
			t.Errorf("mail that is switched off went to %s", box.to())
		}
	})
	t.Run("the asker gets the response by mail, hosts who wants to join", func(t *testing.T) {
		w, box := setUp(t)
		w.raises("dia", "q", "", true)
		w.responds("ben", "q", "r")
		w.on("cem", "membership", "membership", es.ID("c", "cem"), membership.MembershipRequested{Tie: membership.Tie{Community: "c", Person: "cem"}})
		if box.to() != "ann dia" {
			t.Errorf("mail went to %s", box.to())
		}
		for _, m := range box.mails() {
			if m.to == "ann@example.org" && !strings.Contains(m.body, "https://kith.example.org/communities/c/people\n") {
				t.Errorf("no link to the request in\n%s", m.body)
			}
		}
	})
	t.Run("who is asked to find somebody reads so, and the asker that nobody is left", func(t *testing.T) {
		w, box := setUp(t)
		w.raises("ann", "q", "c", true)
		w.on("reactor:matching-router", "matching", "proposal", "q", matching.RoutingWidened{Request: "q", Community: "c", Asker: "ann", Step: matching.StepConnectors, Told: []string{"ben"}})
		w.on("reactor:matching-router", "matching", "proposal", "q", matching.RoutingEnded{Request: "q", Community: "c", Asker: "ann"})
		got := box.mails()
		if len(got) != 2 || box.to() != "ann ben" {
			t.Fatalf("mails = %+v", got)
		}
		for _, m := range got {
			words := []string{"nobody has answered", "stays open", "because you asked", "https://kith.example.org/requests/q\n"}
			if m.to == "ben@example.org" {
				words = []string{"bittet in", "noch hat niemand geantwortet", "weil Verbindungspersonen", "https://kith.example.org/requests/q\n"}
			}
			for _, want := range words {
				if !strings.Contains(m.body, want) {
					t.Errorf("%s does not read %q in\n%s", m.to, want, m.body)
				}
			}
		}
	})
	t.Run("who may not see it, is deactivated or reads imported history gets nothing", func(t *testing.T) {
		w, box := setUp(t)
		w.founds("ann", "x", community.Closed)
		w.raises("ann", "q", "x", false)
		w.proposes("q", "x", "ann", "ben")
		w.raises("ann", "p", "c", true)
		w.on("admin", "membership", "person", "cem", membership.PersonDeactivated{})
		w.proposes("p", "c", "ann", "cem")
		w.AppendMeta(es.Meta{Actor: "x", Imported: true}, es.Stream{Context: "matching", Aggregate: "proposal", ID: "old"},
			matching.HelpersProposed{Request: "p", Asker: "ann", Helpers: []matching.ProposedHelper{{Person: "dia"}}})
		if box.to() != "" {
			t.Errorf("mail went to %s", box.to())
		}
	})
	t.Run("an event that concerns a person twice is one mail", func(t *testing.T) {
		w, box := setUp(t)
		w.on("admin", "membership", "role", "ben", membership.RoleGranted{Role: "coordinator"})
		w.joins("ben", "c", "core")
		w.on("reactor:x", "community", "community", "c", community.SuccessionOpened{Last: "ann", Asked: []string{"ben"}})
		if got := box.mails(); len(got) != 1 || got[0].subject != "Möchten Sie Ihre Community leiten?" {
			t.Errorf("mails = %+v", got)
		}
	})
	t.Run("a retracted request is not quoted", func(t *testing.T) {
		w, box := setUp(t)
		w.raises("ann", "q", "c", true)
		w.on("ann", "community", "request", "q", community.RequestRetracted{})
		w.proposes("q", "c", "ann", "dia")
		if got := box.mails(); len(got) != 1 || strings.Contains(got[0].body, "Title of q") {
			t.Errorf("mails = %+v", got)
		}
	})
	t.Run("nobody without an address is written to", func(t *testing.T) {
		w, box := setUp(t)
		w.on("admin", "membership", "person", "dia", membership.PersonChanged{Name: sealed.New("dia", sealed.Identity, "Dia")})
		w.raises("ann", "q", "c", true)
		event := w.event(w.proposes("q", "c", "ann", "dia"))
		if box.to() != "" || w.outcomes(event, "dia") != "" || len(w.Dead()) != 0 {
			t.Errorf("mail to %q, recorded %q, dead %v", box.to(), w.outcomes(event, "dia"), w.Dead())
		}
	})
}

func TestMailFailures(t *testing.T) {
	setUp := func(t *testing.T) (*world, *letterBox) {
		box := openBox(t)
		w := start(t, box.config())
		w.people("ann", "ben", "cem")
		w.raises("ann", "q", "", true)
		return w, box
	}
	answer := func(code int) error { return &smtp.SMTPError{Code: code, Message: "no"} }
	// first refuses the first n times that stage comes for to.
	first := func(n int, stage, to string, err error) func(string, string) error {
		return func(s, t string) error {
			if s != stage || t != to || n == 0 {
				return nil
			}
			n--
			return err
		}
	}
	t.Run("a server that is down is tried again until it is there", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(3, "connect", "", answer(421)))
		event := w.event(w.proposes("q", "", "ann", "ben"))
		if box.to() != "ben" || w.outcomes(event, "ben") != "delivery.sent" || len(w.Dead()) != 0 {
			t.Errorf("mail to %q, recorded %q, dead %v", box.to(), w.outcomes(event, "ben"), w.Dead())
		}
	})
	t.Run("while it is down nothing is recorded, and the error says wait", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(func(stage, _ string) error {
			if stage == "connect" {
				return answer(554)
			}
			return nil
		})
		event := w.event(w.proposes("q", "", "ann", "ben"))
		if dead := w.Dead(); len(dead) != 1 || fault.CodeOf(dead[0]) != fault.Unavailable || w.outcomes(event, "ben") != "" {
			t.Errorf("dead %v, recorded %q", dead, w.outcomes(event, "ben"))
		}
	})
	t.Run("a server that goes down in between is waited for", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(99, "rcpt", "ben@example.org", answer(421)))
		event := w.event(w.proposes("q", "", "ann", "ben"))
		if dead := w.Dead(); len(dead) != 1 || fault.CodeOf(dead[0]) != fault.Unavailable || w.outcomes(event, "ben") != "" {
			t.Errorf("dead %v, recorded %q", dead, w.outcomes(event, "ben"))
		}
	})
	t.Run("a refused sender is nobody's failed delivery", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(2, "from", "", answer(550)))
		event := w.event(w.proposes("q", "", "ann", "ben"))
		if box.to() != "ben" || w.outcomes(event, "ben") != "delivery.sent" {
			t.Errorf("mail to %q, recorded %q", box.to(), w.outcomes(event, "ben"))
		}
	})
	t.Run("an address that is refused for good is recorded and holds up nobody", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(99, "rcpt", "ben@example.org", answer(550)))
		event := w.event(w.proposes("q", "", "ann", "ben", "cem"))
		if box.to() != "cem" || w.outcomes(event, "ben") != "delivery.failed 550" || w.outcomes(event, "cem") != "delivery.sent" || len(w.Dead()) != 0 {
			t.Errorf("mail to %q, recorded %q and %q, dead %v", box.to(), w.outcomes(event, "ben"), w.outcomes(event, "cem"), w.Dead())
		}
	})
	t.Run("a message that is refused for good is recorded", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(99, "data", "ben@example.org", answer(554)))
		event := w.event(w.proposes("q", "", "ann", "ben"))
		if w.outcomes(event, "ben") != "delivery.failed 554" || len(w.Dead()) != 0 {
			t.Errorf("recorded %q, dead %v", w.outcomes(event, "ben"), w.Dead())
		}
	})
	t.Run("an address that is none is recorded as failed", func(t *testing.T) {
		w, box := setUp(t)
		w.on("admin", "membership", "person", "ben", membership.PersonChanged{Name: sealed.New("ben", sealed.Identity, "B"), Email: sealed.New("ben", sealed.Identity, "no address\r\nBcc: x@y")})
		event := w.event(w.proposes("q", "", "ann", "ben", "cem"))
		if box.to() != "cem" || w.outcomes(event, "ben") != "delivery.failed address" {
			t.Errorf("mail to %q, recorded %q, dead %v", box.to(), w.outcomes(event, "ben"), w.Dead())
		}
	})
	t.Run("who has to wait is tried again, and who has got it gets it once", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(2, "rcpt", "ben@example.org", answer(451)))
		event := w.event(w.proposes("q", "", "ann", "ben", "cem"))
		if box.to() != "ben cem" || w.outcomes(event, "ben") != "delivery.sent" || w.outcomes(event, "cem") != "delivery.sent" {
			t.Errorf("mail to %q, recorded %q and %q", box.to(), w.outcomes(event, "ben"), w.outcomes(event, "cem"))
		}
	})
	t.Run("a mail whose acceptance was not heard comes again with the same id", func(t *testing.T) {
		w, box := setUp(t)
		box.refusing(first(1, "data", "ben@example.org", answer(451)))
		event := w.event(w.proposes("q", "", "ann", "ben"))
		got := box.mails()
		if len(got) != 2 || got[0].id != got[1].id || got[0].id == "" || w.outcomes(event, "ben") != "delivery.sent" {
			t.Errorf("mails %+v, recorded %q", got, w.outcomes(event, "ben"))
		}
	})
	t.Run("an event that is handled again sends nothing again", func(t *testing.T) {
		w, box := setUp(t)
		seq := w.proposes("q", "", "ann", "ben")
		for r, err := range w.App.Core.Events.Follow(t.Context(), seq-1) {
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if err := w.App.Reactors()[0].Handle(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
			break
		}
		if len(box.mails()) != 1 {
			t.Errorf("%d mails", len(box.mails()))
		}
	})
}

func TestMailConfig(t *testing.T) {
	good := Mail{Host: "mail.test", From: "kith@example.org", BaseURL: "https://kith.example.org"}
	if err := good.complete(); err != nil || good.Port != 587 || good.TLS != TLSMandatory || good.domain() != "example.org" {
		t.Errorf("%+v, %v", good, err)
	}
	for name, change := range map[string]func(*Mail){
		"no sender":               func(m *Mail) { m.From = "" },
		"a sender without domain": func(m *Mail) { m.From = "kith" },
		"no address of Kith":      func(m *Mail) { m.BaseURL = "" },
		"an address of no web":    func(m *Mail) { m.BaseURL = "kith.example.org" },
		"unknown encryption":      func(m *Mail) { m.TLS = "some" },
		"a port out of range":     func(m *Mail) { m.Port = 70000 },
		"a password without user": func(m *Mail) { m.PasswordFile = "x" },
	} {
		bad := good
		if change(&bad); bad.complete() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("geheim \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := (Mail{PasswordFile: file}).password(); p != "geheim " || err != nil {
		t.Errorf("password %q, %v", p, err)
	}
	if _, err := (Mail{PasswordFile: file + "x"}).password(); err == nil {
		t.Error("a missing password file was accepted")
	}
	t.Run("without a host there is no mail", func(t *testing.T) {
		var m app.Module
		w := start(t, Config{})
		for _, have := range w.App.Modules {
			m = have
		}
		if len(m.Reactors) != 0 || len(m.Folders) != 4 {
			t.Errorf("%d reactors, %d folders", len(m.Reactors), len(m.Folders))
		}
		if _, err := New(context.Background(), w.App.Core, Config{Mail: Mail{Host: "mail.test"}}); err == nil {
			t.Error("mail without sender was accepted")
		}
	})
}
