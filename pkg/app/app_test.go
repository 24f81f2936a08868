package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// TestModulesThatCannotWorkAreRefused shows that mistakes of wiring are found
// when the process is put together and not when somebody needs it.
func TestModulesThatCannotWorkAreRefused(t *testing.T) {
	nothing := func(context.Context, es.Recorded) error { return nil }
	reactor := react.Reactor{Name: "a-reactor", Subjects: []string{"evt.a.b.*"}, From: react.Start, Handle: nothing}
	unplaced := reactor
	unplaced.From = 0
	for _, tc := range []struct {
		name, says string
		modules    []app.Module
	}{
		{"none of these", "", []app.Module{{Name: "a", Reactors: []react.Reactor{reactor}, Folders: []view.Folder{named("a-view")}}}},
		{"two reactors of one name", "two reactors called a-reactor", []app.Module{{Name: "a", Reactors: []react.Reactor{reactor}}, {Name: "b", Reactors: []react.Reactor{reactor}}}},
		{"a reactor that does not say where it begins", "a-reactor", []app.Module{{Name: "a", Reactors: []react.Reactor{unplaced}}}},
		{"two views of one name", "two views called twice", []app.Module{{Name: "a", Folders: []view.Folder{named("twice")}}, {Name: "b", Folders: []view.Folder{named("twice")}}}},
		{"a contract without routes", "no routes", []app.Module{{Name: "a", Spec: []byte("{}")}}},
		{"a module that cannot be made", "module broken: out of luck", []app.Module{{Name: "broken"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var constructors []app.Constructor
			for _, m := range tc.modules {
				constructors = append(constructors, func(context.Context, app.Core) (app.Module, error) {
					if m.Name == "broken" {
						return m, errors.New("out of luck")
					}
					return m, nil
				})
			}
			_, err := app.New(t.Context(), world(t), rest.Config{}, constructors...)
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("New = %v, want an error with %q", err, tc.says)
			}
		})
	}
}

// named is a folder that only has a name.
type named string

func (n named) Name() string                             { return string(n) }
func (named) Apply(context.Context, []es.Recorded) error { return nil }
func (named) Position() uint64                           { return 0 }

func world(t *testing.T) app.World {
	t.Helper()
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return app.World{
		Events: esmem.New(es.NewCodec(), time.Now), Views: viewmem.Backend{}, Master: master,
		Vault:    vault.New(master, vault.NewMemoryKeys(), rand.Reader),
		Reactors: func(*view.Follower) (app.Reactors, error) { return nil, nil },
		Auth:     func(*access.Access) (rest.Authenticator, error) { return nil, nil },
		Log:      slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		Clock: react.SystemClock{}, Random: rand.Reader, Data: t.TempDir(),
	}
}
