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

	"github.com/prometheus/client_golang/prometheus"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/worktime"
)

// service is the module: its aggregates, its views, and what the process gave
// it. It implements the contract.
type service struct {
	finder

	proposals *es.Repo[proposal]
	helpers   *es.Repo[helper]
	offered   *es.Repo[suggestion]

	meetingService

	shown   *view.View[proposalDoc]
	routing *view.View[routingDoc]
	wishes  *view.View[helper]
	circle  *surroundings

	path    path
	widened *prometheus.CounterVec // by step
}

// New makes the module. Nothing runs until the process does. It returns an
// error for a configuration that cannot be.
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
	m.Due = s.due()
	return m, nil
}

func newService(ctx context.Context, core app.Core, cfg Config) (*service, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &service{
		finder:    finder{core, cfg, newIndex(core.Vault, core.Log)},
		proposals: app.Repo(core, events.Context, events.Proposal, foldProposal),
		helpers:   app.Repo(core, events.Context, events.Helper, foldHelper),
		offered:   app.Repo(core, events.Context, events.Suggestion, foldSuggestion),
		widened: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kith_matching_widened_total", Help: "Steps by which the routing of requests that nobody answered was widened.",
		}, []string{"step"}),
	}
	calendar, err := worktime.New(cfg.Work)
	if err != nil {
		return nil, fmt.Errorf("work-%w", err)
	}
	s.path = path{access: core.Access, calendar: calendar, after: cfg.WidenAfter, links: core.Access.Linked}
	if err := core.Metrics.Register(s.widened); err != nil {
		return nil, err
	}
	s.circle = newSurroundings(s.index)
	s.openMeetings(core)
	return s, s.openViews(ctx)
}

func (s *service) openViews(ctx context.Context) (err error) {
	if s.shown, err = view.Open(ctx, s.core.Views, proposalsView()); err != nil {
		return err
	}
	if s.routing, err = view.Open(ctx, s.core.Views, routingView()); err != nil {
		return err
	}
	if s.wishes, err = view.Open(ctx, s.core.Views, preferencesView()); err != nil {
		return err
	}
	return s.openMeetingViews(ctx)
}

func (s *service) folders() []view.Folder {
	return append([]view.Folder{s.index, s.shown, s.routing, s.wishes, s.circle}, s.meetingFolders()...)
}
