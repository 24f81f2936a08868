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

// service is the module: its aggregates, its views, and what the process gave
// it. It implements the contract.
type service struct {
	core   app.Core
	hub    *hub
	mailer *mailer // nil without mail

	preferences *es.Repo[preferences]
	inboxes     *es.Repo[inbox]

	items *view.View[itemDoc]
	prefs *view.View[preferencesDoc]
	marks *view.View[marksDoc]
	ties  *view.View[tieDoc]
	order *view.Order // of the items' index
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
	m.Applied = s.hub.applied
	return m, nil
}

func newService(ctx context.Context, core app.Core, cfg Config) (*service, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &service{
		core: core, hub: newHub(core.Access, core.Follower.Position),
		preferences: app.Repo(core, events.Context, events.Preferences, foldPreferences),
		inboxes:     app.Repo(core, events.Context, events.Inbox, foldInbox),
	}
	if err := s.openViews(ctx); err != nil {
		return nil, err
	}
	if cfg.Mail.Host == "" {
		return s, nil
	}
	var err error
	s.mailer, err = newMailer(ctx, s, cfg.Mail)
	return s, err
}

func (s *service) openViews(ctx context.Context) (err error) {
	if s.order, err = view.NewOrder(byAudience(), &itemDoc{}); err != nil {
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

func (s *service) folders() []view.Folder {
	all := []view.Folder{s.items, s.prefs, s.marks, s.ties}
	if s.mailer != nil {
		all = append(all, s.mailer.addresses, s.mailer.titles)
	}
	return all
}
