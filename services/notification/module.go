// Package notification is the service that tells people what concerns them: an
// inbox derived from other services' events, live streams of it, and mail.
// Its own events are decisions only: what people want to hear of, what they
// have read, and what a channel did.
package notification

import (
	"context"
	"fmt"

	events "kith/api/events/notification"
	api "kith/api/openapi/notificationapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// service is the module: its aggregates, its views, and what the process gave it.
type service struct {
	core app.Core
	hub  *hub

	preferences *es.Repo[preferences]
	inboxes     *es.Repo[inbox]

	items *view.View[Item]
	prefs *view.View[preferencesDoc]
	marks *view.View[marksDoc]
	ties  *view.View[tieDoc]
	order *view.Order // of the items' index
}

// New returns the module notification. It returns an error if mail is
// configured so that it cannot work.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	name := app.Module{Name: events.Context}
	s := &service{
		core: core, hub: newHub(core.Access, core.Follower.Position),
		preferences: repo(core, events.Preferences, foldPreferences),
		inboxes:     repo(core, events.Inbox, foldInbox),
	}
	if err := s.openViews(ctx); err != nil {
		return name, err
	}
	spec, err := api.GetSpecJSON()
	if err != nil {
		return name, fmt.Errorf("notification: read the contract: %w", err)
	}
	m := app.Module{
		Name:    events.Context,
		Folders: []view.Folder{s.items, s.prefs, s.marks, s.ties},
		Applied: s.hub.applied,
		Spec:    spec,
		Routes:  func(r app.Router) { api.RegisterHandlers(r, s) },
	}
	if cfg.Mail.Host == "" {
		return m, nil
	}
	mailer, err := newMailer(ctx, s, cfg.Mail)
	if err != nil {
		return name, err
	}
	m.Folders = append(m.Folders, mailer.addresses, mailer.titles)
	m.Reactors = append(m.Reactors, mailer.reactor())
	return m, nil
}

func (s *service) openViews(ctx context.Context) (err error) {
	if s.order, err = view.NewOrder(byAudience(), &Item{}); err != nil {
		return err
	}
	if s.items, err = view.Open(ctx, s.core.Views, itemsView(known(s.core.Access))); err != nil {
		return err
	}
	if s.prefs, err = view.Open(ctx, s.core.Views, preferencesView()); err != nil {
		return err
	}
	if s.marks, err = view.Open(ctx, s.core.Views, marksView()); err != nil {
		return err
	}
	s.ties, err = view.Open(ctx, s.core.Views, tiesView())
	return err
}

func repo[S any](core app.Core, aggregate string, fold func(*S, es.Recorded)) *es.Repo[S] {
	return &es.Repo[S]{Context: events.Context, Aggregate: aggregate, Store: core.Events, Seal: core.Vault, Fold: fold}
}
