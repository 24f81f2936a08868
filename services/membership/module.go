// Package membership is the service that knows who works here, where, and who
// belongs to which community. It owns units, people with their keys and
// profiles, memberships, roles in the organisation and API tokens.
package membership

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"

	events "kith/api/events/membership"
	"kith/api/openapi/membershipapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// service is the module: its aggregates, its views, and what the process gave it.
type service struct {
	core   app.Core
	cfg    Config
	secret []byte // of reservations

	units        *es.Repo[unit]
	persons      *es.Repo[person]
	reservations *es.Repo[reservation]
	ties         *es.Repo[tie]
	roles        *es.Repo[roles]
	tokens       *es.Repo[token]

	people   *view.View[personDoc]
	tied     *view.View[tieDoc]
	issued   *view.View[tokenDoc]
	reserved *view.View[reservationDoc]
	names    *names

	tree    sync.Mutex // held while the shape of the unit tree is judged and changed
	stripes stripes
}

// New returns the module membership.
func New(ctx context.Context, core app.Core, cfg Config) (app.Module, error) {
	name := app.Module{Name: events.Context}
	s, err := newService(ctx, core, cfg)
	if err != nil {
		return name, err
	}
	spec, err := membershipapi.GetSpecJSON()
	if err != nil {
		return name, fmt.Errorf("membership: read the contract: %w", err)
	}
	return app.Module{
		Name:     events.Context,
		Folders:  s.folders(),
		Reactors: s.reactors(),
		Spec:     spec,
		Routes:   func(r app.Router) { membershipapi.RegisterHandlers(r, s) },
		Prepare:  s.prepare,
	}, nil
}

func newService(ctx context.Context, core app.Core, cfg Config) (*service, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &service{
		core: core, cfg: cfg, secret: core.Secret(SecretPurpose),
		units:        repo(core, events.Unit, foldUnit),
		persons:      repo(core, events.Person, foldPerson),
		reservations: repo(core, events.Reservation, foldReservation),
		ties:         repo(core, events.Membership, foldTie),
		roles:        repo(core, events.Role, foldRoles),
		tokens:       repo(core, events.Token, foldToken),
		names:        newNames(core.Vault.Open),
		stripes:      stripes{seed: maphash.MakeSeed()},
	}
	return s, s.openViews(ctx)
}

func (s *service) folders() []view.Folder {
	return []view.Folder{s.people, s.tied, s.issued, s.reserved, s.names}
}

func (s *service) openViews(ctx context.Context) (err error) {
	if s.people, err = view.Open(ctx, s.core.Views, peopleView()); err != nil {
		return err
	}
	if s.tied, err = view.Open(ctx, s.core.Views, tiesView()); err != nil {
		return err
	}
	if s.issued, err = view.Open(ctx, s.core.Views, tokensView()); err != nil {
		return err
	}
	s.reserved, err = view.Open(ctx, s.core.Views, reservationsView())
	return err
}

func repo[S any](core app.Core, aggregate string, fold func(*S, es.Recorded)) *es.Repo[S] {
	return &es.Repo[S]{Context: events.Context, Aggregate: aggregate, Store: core.Events, Seal: core.Vault, Fold: fold}
}
