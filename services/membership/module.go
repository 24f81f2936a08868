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
	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// service is the module: its aggregates, its views, and what the process gave
// it. It implements the contract.
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
	m.Prepare = s.prepare
	return m, nil
}

func newService(ctx context.Context, core app.Core, cfg Config) (*service, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &service{
		core: core, cfg: cfg, secret: core.Secret(access.ReservationPurpose),
		units:        app.Repo(core, events.Context, events.Unit, foldUnit),
		persons:      app.Repo(core, events.Context, events.Person, foldPerson),
		reservations: app.Repo(core, events.Context, events.Reservation, foldReservation),
		ties:         app.Repo(core, events.Context, events.Membership, foldTie),
		roles:        app.Repo(core, events.Context, events.Role, foldRoles),
		tokens:       app.Repo(core, events.Context, events.Token, foldToken),
		names:        newNames(core.Vault.Open),
		stripes:      stripes{seed: maphash.MakeSeed()},
	}
	return s, s.openViews(ctx)
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

func (s *service) folders() []view.Folder {
	return []view.Folder{s.people, s.tied, s.issued, s.reserved, s.names}
}
