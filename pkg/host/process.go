// Package host puts services into a process: it connects them with the log, the
// store of their views, and the issuer of tokens, serves them, and ends with
// them. The all-in-one is one such process, each service alone another.
package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"kith/api/events"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/app/system"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/natsauth"
	"kith/pkg/natsmon"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// World is what a process is put into.
type World struct {
	Name   string              // of the process, in its traces: kith, kith-community
	JS     jetstream.JetStream // of the log
	Sync   natsmon.Sync        // when acknowledged events are on disk
	Views  view.Backend
	Master *vault.Master
	Tokens bearer.Config
	Traces Traces
	Data   string
	Log    *slog.Logger
	Events []es.Option // types of events beside the product's
}

// Process is services around a log.
type Process struct {
	App    *app.App
	People access.People // whom logins and tokens belong to

	runner *react.Runner
	spans  *spans
}

// Open puts modules together; nothing is served yet.
func Open(ctx context.Context, w World, modules ...app.Constructor) (_ *Process, err error) {
	p := &Process{}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kith_log_sync_always",
		Help: "1 if the log is known to flush every event before it acknowledges it."}, func() float64 {
		if w.Sync.Mode == natsmon.Always {
			return 1
		}
		return 0
	}))
	if p.spans, err = w.Traces.open(ctx, w.Name, w.Log, registry); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			p.spans.close(flushLimit)
		}
	}()
	codec, progress := Codec(w.Events...), react.NewProgress()
	world := app.World{
		Events: esjs.Open(w.JS, codec, Now), Views: w.Views,
		Vault: vault.New(w.Master, vault.NewStreamKeys(w.JS), rand.Reader), Master: w.Master,
		Issuer: w.Tokens.Issuer, Beside: w.JS,
		Clock: react.SystemClock{}, Random: rand.Reader, Data: w.Data, Log: w.Log, Metrics: registry,
		Tracer: p.spans.tracer(),
		Reactors: func(f *view.Follower) (_ app.Reactors, err error) {
			f.Add(progress)
			p.runner, err = react.NewRunner(react.Config{JS: w.JS, Codec: codec, Log: w.Log, Now: Now,
				Position: f, Progress: progress, Registry: registry, Tracer: p.spans.tracer()})
			return p.runner, err
		},
		Auth: func(acc *access.Access) (rest.Authenticator, error) {
			p.People = access.NewPeople(acc, w.Master.Secret(access.ReservationPurpose), access.KeyLogin)
			return bearer.New(w.Tokens, p.People)
		},
	}
	p.App, err = app.New(ctx, world, rest.Config{}, append(modules, system.New(system.Process{
		Version: Version(), Sync: w.Sync.String(), Services: natsauth.Services(),
		Modules:  func() []app.Module { return p.App.Modules },
		Ready:    func() bool { return p.App.Ready() },
		Reactors: func() []react.Reactor { return p.App.Reactors() },
		Letters:  func() system.Letters { return p.runner.DeadLetters(p.App.Reactors()...) },
	}))...)
	if err != nil {
		return nil, err
	}
	for _, m := range p.App.Modules {
		if len(m.Spec) > 0 {
			p.App.Server.Echo.GET(ContractPath(m.Name), func(c echo.Context) error {
				return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, m.Spec)
			})
		}
	}
	return p, nil
}

// ContractPath is where a process serves the OpenAPI document of a module.
func ContractPath(module string) string { return "/openapi/" + module + ".json" }

// Run serves on l until ctx ends or a part of the process fails, and sends the
// spans that are left.
func (p *Process) Run(ctx context.Context, l net.Listener) error {
	defer p.spans.close(flushLimit)
	return p.App.Run(ctx, l)
}

// Listen takes an address, with an error that says what may be in the way.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (is Kith running already?)", addr, err)
	}
	return l, nil
}

// Codec reads and writes every event of the product, and further ones.
func Codec(further ...es.Option) *es.Codec {
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(append(types, further...)...)
}

// Version is the version of the product that this binary was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "development"
}
