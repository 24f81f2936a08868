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

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// service is the module: its aggregates, its views, and what the process gave
// it. It implements the contract.
//
// Permission is judged inside of decisions, so that a command that is repeated
// after its answer was lost has the same answer, whatever has changed since.
type service struct {
	core app.Core
	cfg  Config

	communities *es.Repo[commons]
	charters    *es.Repo[charter]
	requests    *es.Repo[request]
	linked      *es.Repo[link]

	directory     *view.View[communityDoc]
	charterTexts  *view.View[charterDoc]
	list          *view.View[requestDoc]
	conversations *view.View[conversationDoc]
	links         *view.View[linkDoc]
	help          *view.View[helpDoc]
	affiliations  *view.View[affiliationsDoc]
	growth        *view.View[growthDoc]
	similar       *similarity
}

// New makes the module. Nothing runs until the process does.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: events.Context}
	s, err := newService(ctx, core, cfg)
	if err != nil {
		return m, err
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("read the contract: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, s) }
	m.Folders = s.folders()
	m.Reactors = s.reactors()
	return m, nil
}

func newService(ctx context.Context, core app.Core, cfg Config) (*service, error) {
	s := &service{
		core: core, cfg: cfg,
		communities: app.Repo(core, events.Context, events.Community, foldCommons),
		charters:    app.Repo(core, events.Context, events.Charter, foldCharter),
		requests:    app.Repo(core, events.Context, events.Request, foldRequest),
		linked:      app.Repo(core, events.Context, events.Link, foldLink),
		similar:     newSimilarity(),
	}
	return s, s.openViews(ctx)
}

func (s *service) openViews(ctx context.Context) (err error) {
	if s.directory, err = view.Open(ctx, s.core.Views, communitiesView()); err != nil {
		return err
	}
	if s.charterTexts, err = view.Open(ctx, s.core.Views, chartersView()); err != nil {
		return err
	}
	if s.list, err = view.Open(ctx, s.core.Views, requestsView()); err != nil {
		return err
	}
	if s.conversations, err = view.Open(ctx, s.core.Views, conversationsView()); err != nil {
		return err
	}
	if s.links, err = view.Open(ctx, s.core.Views, linksView()); err != nil {
		return err
	}
	return s.openFigures(ctx)
}

// openFigures opens the views that figures are made of.
func (s *service) openFigures(ctx context.Context) (err error) {
	if s.help, err = view.Open(ctx, s.core.Views, helpView()); err != nil {
		return err
	}
	if s.affiliations, err = view.Open(ctx, s.core.Views, affiliationsView()); err != nil {
		return err
	}
	s.growth, err = view.Open(ctx, s.core.Views, growthView())
	return err
}

func (s *service) folders() []view.Folder {
	return []view.Folder{s.directory, s.charterTexts, s.list, s.conversations, s.links, s.help, s.affiliations, s.growth, s.similar}
}
