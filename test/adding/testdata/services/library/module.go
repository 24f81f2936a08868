// Package library is the service of what communities have learned: practices
// that their members record, and what resolved their requests.
package library

import (
	"context"
	"fmt"

	events "kith/api/events/library"
	api "kith/api/openapi/libraryapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// service is the module: its aggregate, its view, and what the process gave
// it. It implements the contract.
type service struct {
	core app.Core
	cfg  Config

	practices *es.Repo[practice]
	shown     *view.View[practiceDoc]
}

// New makes the module. Nothing runs until the process does.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: events.Context}
	s := &service{core: core, cfg: cfg, practices: app.Repo(core, events.Context, events.Practice, foldPractice)}
	if err := s.openViews(ctx); err != nil {
		return m, err
	}
	var err error
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("read the contract: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, s) }
	m.Folders = []view.Folder{s.shown}
	m.Reactors = s.reactors()
	return m, nil
}

func (s *service) openViews(ctx context.Context) (err error) {
	s.shown, err = view.Open(ctx, s.core.Views, practicesView())
	return err
}
