// Package portal is where people meet Kith in a browser: it serves the web
// application, signs people in at the organisation's issuer, and puts their
// token in the place of their session's cookie on the way to the services. No
// token ever reaches a browser.
//
// It has no events and no views. Sessions are kept beside the log.
package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/sync/singleflight"

	api "kith/api/openapi/portalapi"
	"kith/pkg/app"
	"kith/pkg/sessions"
)

// name of the module.
const name = "portal"

// service is the module: who is signed in, how people sign in, and what the
// process gave it. It implements the contract.
type service struct {
	core    app.Core
	cfg     Portal
	base    *url.URL // where people reach Kith
	issuer  *issuer
	store   *sessions.Store
	signIn  sealer // of what a browser keeps while it is at the issuer
	refresh singleflight.Group
	live    live
	left    departures
	origin  *http.CrossOriginProtection
	proxy   *proxy // nil: the services are in this process
	site    *site
	fail    failures
	metrics metrics
}

// New makes the module. It returns an error for a configuration that cannot be.
func New(_ context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: name}
	s, err := newService(core, cfg.Portal)
	if err != nil {
		return m, err
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("read the contract: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, s) }
	m.Pages = s.pages
	m.Applied = s.applied
	m.Run = s.run
	return m, nil
}

func newService(core app.Core, cfg Portal) (*service, error) {
	base, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	if core.Beside == nil || core.Issuer == "" {
		return nil, errors.New("portal: needs a NATS server for its sessions, and an issuer")
	}
	s := &service{
		core: core, cfg: cfg, base: base, live: newLive(), left: newDepartures(), origin: http.NewCrossOriginProtection(),
		store: sessions.New(core.Beside, core.Secret("sessions"), core.Random),
	}
	if err := s.origin.AddTrustedOrigin(s.address()); err != nil {
		return nil, err
	}
	if s.signIn, err = newSealer(core.Secret("portal/sign-in"), core.Random); err != nil {
		return nil, err
	}
	if s.issuer, err = newIssuer(core.Issuer, s.address()+pathCallback, cfg, core.Now); err != nil {
		return nil, err
	}
	if cfg.Services != "" {
		s.proxy = newProxy(core, cfg.Services)
	}
	if s.site, err = newSite(built(), headers(base, core.Issuer)); err != nil {
		return nil, err
	}
	if s.fail, err = newFailures(); err != nil {
		return nil, err
	}
	s.metrics, err = newMetrics(core.Metrics, s.store.Count)
	return s, err
}

// address is the base URL without a final slash.
func (s *service) address() string { return s.base.String() }

// secure reports whether people come by TLS.
func (s *service) secure() bool { return s.base.Scheme == "https" }
