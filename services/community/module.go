// Package community is the service of communities, their charters, and help
// requests with their responses: who founded what and why, who asked, who
// answered, and what came of it.
//
// An aggregate is a file of its own (community.go, charter.go, request.go with
// response.go and history.go) and does no I/O. Views are folded from events,
// its own and those of membership and matching that it needs; who may see what
// is asked of access with every answer.
package community

import (
	"context"
	"fmt"

	api "kith/api/openapi/communityapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"

	events "kith/api/events/community"
)

// Name is the service's name: the context of its events and its place in addresses.
const Name = events.Context

// New makes the module. Nothing runs until the process does.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	h := &handlers{core: core, cfg: cfg,
		communities: &es.Repo[commons]{Context: events.Context, Aggregate: events.Community, Store: core.Events, Seal: core.Vault, Fold: foldCommons},
		charters:    &es.Repo[charter]{Context: events.Context, Aggregate: events.Charter, Store: core.Events, Seal: core.Vault, Fold: foldCharter},
		requests:    &es.Repo[request]{Context: events.Context, Aggregate: events.Request, Store: core.Events, Seal: core.Vault, Fold: foldRequest},
		similar:     newSimilarity(),
	}
	m := app.Module{Name: Name}
	if err := h.open(ctx); err != nil {
		return m, fmt.Errorf("community: %w", err)
	}
	var err error
	if h.cursors, err = newCursors(core.Secret("community/cursor")); err != nil {
		return m, err
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("community: read the OpenAPI document: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, h) }
	m.Folders = []view.Folder{h.directory, h.charterTexts, h.list, h.conversations, h.timeline, h.similar}
	m.Reactors = []react.Reactor{successionReactor(core.Access, h.communities, h.directory)}
	return m, nil
}

// open opens the views.
func (h *handlers) open(ctx context.Context) (err error) {
	b := h.core.Views
	if h.directory, err = view.Open(ctx, b, communitiesView()); err != nil {
		return err
	}
	if h.charterTexts, err = view.Open(ctx, b, chartersView()); err != nil {
		return err
	}
	if h.list, err = view.Open(ctx, b, requestsView()); err != nil {
		return err
	}
	if h.conversations, err = view.Open(ctx, b, conversationsView()); err != nil {
		return err
	}
	h.timeline, err = view.Open(ctx, b, timelineView())
	return err
}
