package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/garbage"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/tracing"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// World is what a process is put into: everything outside of its modules.
type World struct {
	Events   es.Store
	Views    view.Backend
	Vault    *vault.Vault
	Master   *vault.Master
	Reactors func(*view.Follower) (Reactors, error)
	Auth     func(*access.Access) (rest.Authenticator, error)
	Log      *slog.Logger
	Metrics  *prometheus.Registry
	Tracer   *tracing.Tracer // nil: no spans
	Clock    react.Clock
	Random   io.Reader
	Data     string
	Issuer   string              // of tokens; "" without one
	Beside   jetstream.JetStream // for what is kept beside the log; nil: nothing is
}

// Reactors runs reactors until ctx ends; react.Runner on JetStream.
type Reactors interface {
	Run(ctx context.Context, reactors ...react.Reactor) error
}

// Constructor makes a module of a process.
type Constructor func(ctx context.Context, core Core) (Module, error)

// App is one process: modules around one follower and one HTTP server.
type App struct {
	Core    Core
	Server  *rest.Server
	Modules []Module

	world    World
	reactors Reactors
	ready    atomic.Bool
}

// catchUpReport is how often a long start says how far it is.
const catchUpReport = 2 * time.Second

// retryPrepare is the pause before a module prepares itself again.
const retryPrepare = 2 * time.Second

// New puts the modules together. Nothing runs yet.
func New(ctx context.Context, w World, httpConfig rest.Config, modules ...Constructor) (*App, error) {
	acc := access.New()
	follower := view.NewFollower(w.Events, w.Log, w.Clock.Now, acc)
	follower.Trace(w.Tracer)
	events, err := observed(w.Events, w.Tracer, w.Metrics)
	if err != nil {
		return nil, err
	}
	a := &App{world: w, Core: Core{
		Events: events, Views: w.Views, Follower: follower, Access: acc, Vault: w.Vault,
		Log: w.Log, Metrics: w.Metrics, Tracer: w.Tracer, Now: w.Clock.Now, Random: w.Random,
		Secret: w.Master.Secret, Data: w.Data, Issuer: w.Issuer, Beside: w.Beside,
	}}
	auth, err := w.Auth(acc)
	if err != nil {
		return nil, err
	}
	a.Core.Auth = auth
	if a.reactors, err = w.Reactors(follower); err != nil {
		return nil, err
	}
	httpConfig.Log, httpConfig.Metrics, httpConfig.Tracer, httpConfig.Now = w.Log, w.Metrics, w.Tracer, w.Clock.Now
	httpConfig.Auth, httpConfig.Fresh = auth, follower
	if err := w.Metrics.Register(lags{follower}); err != nil {
		return nil, fmt.Errorf("app: metrics: %w", err)
	}
	httpConfig.Position, httpConfig.Decided = follower, follower.Decisions()
	httpConfig.Secret = w.Master.Secret("cursors")
	srv, err := rest.New(httpConfig)
	if err != nil {
		return nil, err
	}
	a.Server = srv
	for _, construct := range modules {
		m, err := construct(ctx, a.Core)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
		if err := a.add(m); err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	srv.Health(func(context.Context) error { return a.notReady() }, w.Metrics)
	return a, nil
}

func (a *App) add(m Module) error {
	a.Modules = append(a.Modules, m)
	if err := react.Check(a.Reactors()...); err != nil {
		return err
	}
	for _, f := range m.Folders {
		if slices.ContainsFunc(a.Core.Follower.Folders(), func(have view.Folder) bool { return have.Name() == f.Name() }) {
			return fmt.Errorf("app: there are two views called %s", f.Name())
		}
	}
	a.Core.Follower.Add(m.Folders...)
	if m.Applied != nil {
		a.Core.Follower.OnApplied(m.Applied)
	}
	if m.Pages != nil {
		m.Pages(a.Server.Echo)
	}
	if len(m.Spec) == 0 {
		return nil
	}
	if m.Routes == nil {
		return errors.New("app: the module has a contract, but no routes")
	}
	doc, err := rest.Load(m.Spec)
	if err != nil {
		return err
	}
	return a.Server.Mount(doc, func(r *rest.Router) { m.Routes(r) })
}

// Ready reports whether every view has reached the end that the log had at the
// start, and the log can be seen.
func (a *App) Ready() bool { return a.notReady() == nil }

func (a *App) notReady() error {
	if !a.ready.Load() {
		return fault.New(fault.Unavailable, "The log is still being read, up to %d so far.", a.Core.Follower.Position())
	}
	if !a.Core.Follower.Fresh() {
		return fault.New(fault.Unavailable, "The log's end has not been seen for 30 seconds.")
	}
	return nil
}

// Run serves on l and runs everything until ctx ends or one part fails; then
// all of it stops. Reactors begin when the views have caught up.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	part := func(name string, run func(context.Context) error) {
		g.Go(func() error {
			if err := run(ctx); err != nil && !stopped(ctx, err) {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	part("vault", a.world.Vault.Run)
	part("follower", a.follow)
	for _, m := range a.Modules {
		if m.Run != nil {
			part(m.Name, m.Run)
		}
	}
	part("http", func(ctx context.Context) error { return a.Server.Serve(ctx, l) })
	part("start", func(ctx context.Context) error {
		settle := garbage.Relax()
		if err := a.start(ctx); err != nil {
			settle()
			return err
		}
		a.ready.Store(true)
		// Queries that come before an index is warm wait for that one alone.
		part("warm", func(ctx context.Context) error {
			defer settle()
			a.Core.Follower.Fill(ctx)
			a.Core.Follower.Warm(ctx)
			return nil
		})
		for _, m := range a.Modules {
			for _, due := range m.Due {
				part(due.Name, func(ctx context.Context) error { return due.Run(ctx, a.world.Clock, a.world.Log) })
			}
		}
		return a.reactors.Run(ctx, a.Reactors()...)
	})
	err := g.Wait()
	a.ready.Store(false)
	return err
}

// start reads the log to its end and brings about what must be there.
func (a *App) start(ctx context.Context) error {
	if err := a.catchUp(ctx); err != nil {
		return err
	}
	return a.prepare(ctx)
}

// prepare lets every module bring about what must be there first.
func (a *App) prepare(ctx context.Context) error {
	for _, m := range a.Modules {
		for m.Prepare != nil {
			err := m.Prepare(ctx)
			if err == nil {
				break
			}
			a.world.Log.Error("not ready yet; trying again", "module", m.Name, "error", err)
			select {
			case <-a.world.Clock.After(retryPrepare):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return a.Core.Follower.CatchUp(ctx)
}

// follow waits for the keys, which indexes need while folding.
func (a *App) follow(ctx context.Context) error {
	select {
	case <-a.world.Vault.Ready():
	case <-ctx.Done():
		return nil
	}
	return a.Core.Follower.Run(ctx)
}

// catchUp waits until the log is read to its end, and says how far it is.
func (a *App) catchUp(ctx context.Context) error {
	done := make(chan struct{})
	defer close(done)
	go func() {
		for tick := time.NewTicker(catchUpReport); ; {
			select {
			case <-tick.C:
				last, _ := a.world.Events.Last(ctx)
				a.world.Log.Info("reading the log", "position", a.Core.Follower.Position(), "end", last)
			case <-done:
				tick.Stop()
				return
			}
		}
	}()
	return a.Core.Follower.CatchUp(ctx)
}

// stopped reports whether err only says that ctx has ended.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, view.ErrBehind))
}

// Reactors are those of all modules.
func (a *App) Reactors() []react.Reactor {
	var all []react.Reactor
	for _, m := range a.Modules {
		all = append(all, m.Reactors...)
	}
	return all
}
