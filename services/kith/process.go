package kith

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"kith/api/events"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/app/system"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/services/membership"
)

// Process is the all-in-one: a log of its own and all services around it.
type Process struct {
	App *app.App
	JS  jetstream.JetStream // of its log

	settings Settings
	log      *slog.Logger
	listener net.Listener
	own      *ownLog
	runner   *react.Runner
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

const devAudience = "kith"

// Open starts the log and puts the services together; nothing is served yet.
// It returns an error naming what to do if the settings, the data folder or
// the address cannot be used.
func Open(ctx context.Context, s Settings) (_ *Process, err error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s = s.withDevDefaults()
	p := &Process{settings: s, log: s.NewLog()}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if p.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.Addr); err != nil {
		return nil, fmt.Errorf("listen on %s: %w (is Kith running already?)", s.Addr, err)
	}
	if p.own, err = openLog(s.Data, s.Sync, p.log); err != nil {
		return nil, err
	}
	p.JS = p.own.js
	if err := Provision(ctx, p.JS, 1); err != nil {
		return nil, err
	}
	codec := Codec()
	log := esjs.Open(p.JS, codec, now)
	master, err := openMaster(ctx, s, log)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	progress := react.NewProgress()
	world := app.World{
		Events: log, Views: viewmem.Backend{},
		Vault: vault.New(master, vault.NewStreamKeys(p.JS), rand.Reader), Master: master,
		Clock: react.SystemClock{}, Random: rand.Reader, Data: s.Data, Log: p.log, Metrics: registry,
		Reactors: func(f *view.Follower) (app.Reactors, error) {
			f.Add(progress)
			p.runner, err = react.NewRunner(react.Config{JS: p.JS, Codec: codec, Log: p.log, Now: now,
				Position: f, Progress: progress, Registry: registry})
			return p.runner, err
		},
		Auth: func(acc *access.Access) (rest.Authenticator, error) {
			return bearer.New(p.tokens(), p.people(acc, master))
		},
	}
	modules := append(p.modules(), system.New(system.Process{
		Version: Version(), Sync: syncText(s.Sync),
		Ready:    func() bool { return p.App.Ready() },
		Reactors: func() []react.Reactor { return p.App.Reactors() },
		Letters:  func() system.Letters { return p.runner.DeadLetters(p.App.Reactors()...) },
	}))
	if p.App, err = app.New(ctx, world, rest.Config{}, modules...); err != nil {
		return nil, err
	}
	if s.Dev {
		if err := p.addDevelopment(master); err != nil {
			return nil, err
		}
	}
	return p, p.addReference()
}

// URL is where the process listens.
func (p *Process) URL() string { return "http://" + p.listener.Addr().String() }

// Run serves until ctx ends or a part of the process fails, and closes it.
func (p *Process) Run(ctx context.Context) error {
	defer p.Close()
	if p.settings.Dev {
		p.log.Warn("development mode: anybody on this machine can sign in as anybody")
	}
	return p.explain(p.App.Run(ctx, p.listener))
}

// Close releases everything; Run does it too.
func (p *Process) Close() {
	if p.listener != nil {
		_ = p.listener.Close()
	}
	if p.own != nil {
		p.own.close()
	}
	p.own = nil
}

// Provision creates the streams of a deployment, or checks that those that
// exist are safe. Replicas is 1 or, in a cluster, 3 or 5.
func Provision(ctx context.Context, js jetstream.JetStream, replicas int) error {
	if err := esjs.Provision(ctx, js, esjs.ProvisionConfig{Replicas: replicas}); err != nil {
		return err
	}
	if err := vault.ProvisionKeys(ctx, js, replicas); err != nil {
		return err
	}
	return react.ProvisionDead(ctx, js, replicas)
}

// Codec reads and writes every event of the product.
func Codec() *es.Codec {
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(types...)
}

// openMaster loads the master key; only an empty log gets a new one, because a
// new key beside old events would hide that theirs is missing.
func openMaster(ctx context.Context, s Settings, log es.Store) (*vault.Master, error) {
	m, err := vault.LoadMaster(s.masterKeyPath())
	if !errors.Is(err, os.ErrNotExist) {
		return m, err
	}
	last, err := log.Last(ctx)
	if err != nil {
		return nil, err
	}
	if last > 0 {
		return nil, fmt.Errorf("the log holds %d events, but the master key that it was written with is missing: put the file %s back from its backup", last, s.masterKeyPath())
	}
	if s.MasterKey != "" {
		return nil, fmt.Errorf("the master key file %s does not exist: create it with 32 random bytes in base64, or leave master-key out", s.MasterKey)
	}
	return vault.CreateMaster(s.masterKeyPath())
}

func (p *Process) tokens() bearer.Config {
	if p.settings.Dev {
		return bearer.Config{Issuer: p.devURL(), Audience: []string{devAudience}, Claim: "email"}
	}
	o := p.settings.OIDC
	return bearer.Config{Issuer: o.Issuer, Audience: o.Audience, Claim: o.Claim}
}

func now() time.Time { return time.Now().UTC() }

func syncText(d time.Duration) string {
	if d == 0 {
		return "always"
	}
	return "up to " + d.String() + " late"
}

// people resolves who a token belongs to.
func (p *Process) people(acc *access.Access, master *vault.Master) membership.People {
	return membership.NewPeople(acc, master.Secret(membership.SecretPurpose), membership.KindLogin)
}
