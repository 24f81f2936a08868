// Package matching is the service that finds who can help: it proposes helpers
// for requests with reasons, takes their answers, and shows earlier requests
// that resemble a new one.
//
// The ranking itself is in the package engine. Here it is fed from the log
// (index), asked within what people may see (finder), and put to use by a
// reactor (router) and the HTTP handlers.
package matching

import (
	"context"
	"fmt"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
)

// New makes the module. Nothing runs until the process does. It returns an
// error for a configuration out of bounds.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: events.Context}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return m, err
	}
	find := finder{core, cfg, newIndex(core.Vault, core.Log)}
	h := &handlers{
		finder:    find,
		proposals: &es.Repo[proposal]{Context: events.Context, Aggregate: events.Proposal, Store: core.Events, Seal: core.Vault, Fold: foldProposal},
		helpers:   &es.Repo[helper]{Context: events.Context, Aggregate: events.Helper, Store: core.Events, Fold: foldHelper},
	}
	if h.shown, err = view.Open(ctx, core.Views, proposalsView()); err != nil {
		return m, fmt.Errorf("matching: %w", err)
	}
	if h.wishes, err = view.Open(ctx, core.Views, preferencesView()); err != nil {
		return m, fmt.Errorf("matching: %w", err)
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("matching: read the OpenAPI document: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, h) }
	m.Folders = []view.Folder{find.index, h.shown, h.wishes}
	route := &router{finder: find, proposals: h.proposals}
	m.Reactors = []react.Reactor{route.reactor()}
	return m, nil
}
