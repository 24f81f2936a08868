package membership

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// ListRoles answers GET /roles.
func (s *service) ListRoles(c echo.Context, _ api.ListRolesParams) error {
	type holding struct {
		person string
		role   access.OrgRole
	}
	var all []holding
	for _, p := range s.core.Access.People() {
		for _, role := range p.Roles {
			if p.Active {
				all = append(all, holding{p.ID, role})
			}
		}
	}
	slices.SortFunc(all, func(a, b holding) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.role, b.role)) })
	page, next, err := slice(c, all, func(h holding) string { return h.person + " " + string(h.role) })
	if err != nil {
		return err
	}
	administrator := s.administrator(c)
	items := make([]api.RoleHolder, len(page))
	for i, h := range page {
		items[i] = api.RoleHolder{Person: h.person, Name: s.name(h.person), Role: api.OrganisationRole(h.role)}
		if !administrator {
			continue
		}
		held, _, err := s.roles.Load(c.Request().Context(), h.person)
		if err != nil {
			return err
		}
		items[i].Configured = rest.Optional(held.held[string(h.role)])
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// GrantRole answers POST /people/{person}/roles.
func (s *service) GrantRole(c echo.Context, person api.PersonId, _ api.GrantRoleParams) error {
	var in api.RoleGrant
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.onRoles(c, person, func(held roles) (es.Event, error) {
		if err := s.active(person); err != nil {
			return nil, err
		}
		return held.Grant(string(in.Role), rest.Caller(c), whyOf(c, in.Reason))
	})
}

// RevokeRole answers POST /people/{person}/roles/{role}/revoke.
func (s *service) RevokeRole(c echo.Context, person api.PersonId, role api.RoleName, _ api.RevokeRoleParams) error {
	why, err := because(c)
	if err != nil {
		return err
	}
	return s.onRoles(c, person, func(held roles) (es.Event, error) {
		if _, ok := s.core.Access.Person(person); !ok {
			return nil, unknownPerson()
		}
		return held.Revoke(string(role), rest.Caller(c), why)
	})
}

func (s *service) onRoles(c echo.Context, person string, decide func(roles) (es.Event, error)) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.roles.Execute(c.Request().Context(), person, m, func(held roles) (es.Event, error) {
		// Within the decision: who takes the right from themselves may repeat it.
		if err := s.core.Access.May(rest.Caller(c), access.ManageOrganisation, ""); err != nil {
			return nil, err
		}
		return decide(held)
	})
	return done(c, seq, err)
}
