package kith

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/pkg/natsmon"
	"kith/pkg/rest/bearer"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// Process is the all-in-one: a log of its own and all services around it.
type Process struct {
	App *app.App
	JS  jetstream.JetStream // of its log

	settings Settings
	log      *slog.Logger
	listener net.Listener
	own      *ownLog
	host     *host.Process
	known    *view.View[knownDoc] // in development
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
	if p.listener, err = host.Listen(ctx, s.Addr); err != nil {
		return nil, err
	}
	if p.own, err = openLog(s.Data, s.Sync, p.log); err != nil {
		return nil, err
	}
	p.settings = p.withPortal(s)
	s = p.settings
	p.own.open(s.Data, p.log)
	p.JS = p.own.js
	if err := host.Provision(ctx, p.JS, 1, p.log); err != nil {
		return nil, err
	}
	master, err := openMaster(ctx, s, esjs.Open(p.JS, host.Codec(), host.Now))
	if err != nil {
		return nil, err
	}
	if p.host, err = host.Open(ctx, host.World{
		Name: "kith", JS: p.JS, Sync: natsmon.OfOwn(s.Sync), Views: viewmem.Backend{}, Master: master,
		Tokens: p.tokens(), Traces: s.Traces, Data: s.Data, Log: p.log,
	}, append(Modules(s), p.development(s)...)...); err != nil {
		return nil, err
	}
	p.App = p.host.App
	if s.Dev {
		if err := p.addDevelopment(); err != nil {
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
	return p.explain(p.host.Run(ctx, p.listener))
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
	return p.settings.OIDC.Bearer()
}
