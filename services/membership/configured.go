package membership

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
)

// prepare brings about what must hold before anybody is served.
func (s *service) prepare(ctx context.Context) error {
	if err := s.repeatErasures(ctx); err != nil {
		return err
	}
	return s.applyConfigured(ctx)
}

// applyConfigured makes sure that who is configured exists and has the role,
// and that who had it from the configuration alone and is named no longer loses
// it. Once done, repeating it appends nothing.
func (s *service) applyConfigured(ctx context.Context) error {
	if err := s.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	for _, of := range []struct {
		role   string
		logins []string
	}{{roleAdministrator, s.cfg.Administrators}, {roleAuditor, s.cfg.Auditors}} {
		var named []string
		for _, login := range of.logins {
			person, err := s.configuredPerson(ctx, login)
			if err != nil {
				return err
			}
			named = append(named, person)
			if err := s.configuredRole(ctx, person, of.role, roles.Grant); err != nil {
				return err
			}
		}
		if err := s.revokeUnnamed(ctx, of.role, named); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) configuredPerson(ctx context.Context, login string) (string, error) {
	name, _, isAddress := strings.Cut(login, "@")
	r := record{name: name, language: s.cfg.Language}
	if name == "" {
		r.name = login
	}
	keys := []key{{s.cfg.Key, login, "login"}}
	if s.cfg.Key == KindLogin && isAddress {
		r.email = strings.ToLower(login)
	}
	if s.cfg.Key == KindStaffNumber {
		r.staffNumber = login
	}
	m := es.Meta{Command: es.ID(configuration, "register", access.ReservationID(s.secret, s.cfg.Key, login)), Actor: configuration}
	reg, err := s.register(ctx, m, r, keys)
	return reg.person, err
}

// revokeUnnamed takes a role from who is named no longer. Administrators whom
// other administrators have made keep it.
func (s *service) revokeUnnamed(ctx context.Context, role string, named []string) error {
	for _, p := range s.core.Access.People() {
		if slices.Contains(named, p.ID) || !p.Has(access.OrgRole(role)) {
			continue
		}
		held, _, err := s.roles.Load(ctx, p.ID)
		if err != nil {
			return err
		}
		if !held.held[role] && role != roleAuditor {
			continue
		}
		if err := s.configuredRole(ctx, p.ID, role, roles.Revoke); err != nil {
			return err
		}
	}
	return nil
}

// configuredRole executes Grant or Revoke for the configuration. The position
// is part of the command, so that a role can be given again after it was taken.
func (s *service) configuredRole(ctx context.Context, person, role string, decide func(roles, string, string, sealed.Text) (es.Event, error)) error {
	state, _, err := s.roles.Load(ctx, person)
	if err != nil {
		return err
	}
	m := es.Meta{Command: es.ID(configuration, role, person, strconv.FormatUint(state.version, 10)), Actor: configuration, Access: s.core.Access.Position()}
	_, err = s.roles.Execute(ctx, person, m, func(state roles) (es.Event, error) { return decide(state, role, configuration, sealed.Text{}) })
	return err
}
