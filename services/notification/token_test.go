package notification

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
	"kith/pkg/rest/principal"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// strangers knows nobody by a login.
type strangers struct{ *access.Access }

func (strangers) ByLogin(string) (string, bool) { return "", false }

type noReactors struct{}

func (noReactors) Run(ctx context.Context, _ ...react.Reactor) error {
	<-ctx.Done()
	return nil
}

// withTokens runs the module with the authentication of the product.
func withTokens(t *testing.T) (core app.Core, url string) {
	t.Helper()
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	clock := react.SystemClock{}
	a, err := app.New(t.Context(), app.World{
		Events: esmem.New(codec(), clock.Now), Views: viewmem.Backend{}, Master: master,
		Vault:    vault.New(master, vault.NewMemoryKeys(), rand.Reader),
		Reactors: func(*view.Follower) (app.Reactors, error) { return noReactors{}, nil },
		Auth: func(acc *access.Access) (rest.Authenticator, error) {
			return bearer.New(bearer.Config{}, strangers{acc})
		},
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Clock: clock, Random: rand.Reader, Data: t.TempDir(),
	}, rest.Config{}, func(ctx context.Context, core app.Core) (app.Module, error) { return New(ctx, core, Config{}) })
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return a.Core, "http://" + l.Addr().String()
}

func TestStreamEndsWithItsToken(t *testing.T) {
	core, url := withTokens(t)
	command := 0
	add := func(aggregate, id string, e es.Event) {
		t.Helper()
		s := es.Stream{Context: "membership", Aggregate: aggregate, ID: id}
		after, err := core.Events.LastOf(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		command++
		seq, err := core.Events.Append(t.Context(), s, after, es.Meta{Command: es.ID(string(rune(command)))}, e)
		if err == nil {
			err = core.Follower.Wait(t.Context(), seq)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	issue := func(person string, life time.Duration) (id, token string) {
		t.Helper()
		id, secret, hash, err := bearer.NewToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		add("token", id, membership.TokenIssued{Person: person, Hash: hash, Expires: time.Now().Add(life)})
		return id, bearer.TokenText(id, secret)
	}
	open := func(token string) *live {
		t.Helper()
		l := connect(t, url, token, 0)
		if l.status != http.StatusOK {
			t.Fatalf("answered %d", l.status)
		}
		l.ready()
		return l
	}
	add("person", "ben", membership.PersonRegistered{Language: "en"})
	revoked, text := issue("ben", time.Hour)
	_, other := issue("ben", time.Hour)

	t.Run("when it is revoked, and streams of other tokens go on", func(t *testing.T) {
		one, two := open(text), open(other)
		add("token", revoked, membership.TokenRevoked{Person: "ben"})
		one.ends()
		add("membership", "m", membership.MembershipInvited{Tie: membership.Tie{Community: "c", Person: "ben"}})
		two.item(invited)
		if l := connect(t, url, text, 0); l.status != http.StatusUnauthorized {
			t.Errorf("the revoked token answered %d", l.status)
		}
	})
	t.Run("and is refused when that came between its sign-in and its opening", func(t *testing.T) {
		s := &service{core: core}
		if err := s.still(principal.Principal{Person: "ben", TokenID: revoked}); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("with the revoked token: %v", err)
		}
		if err := s.still(principal.Principal{Person: "nobody"}); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("for who is not active: %v", err)
		}
		if err := s.still(principal.Principal{Person: "ben"}); err != nil {
			t.Errorf("for who may: %v", err)
		}
	})
	t.Run("when it expires", func(t *testing.T) {
		_, short := issue("ben", 3*time.Second) // enough to come in on a slow machine
		open(short).ends()
	})
}
