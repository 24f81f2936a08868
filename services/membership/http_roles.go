package membership

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
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
	items := make([]api.RoleHolder, len(page))
	for i, h := range page {
		items[i] = api.RoleHolder{Person: h.person, Name: s.name(h.person), Role: api.OrganisationRole(h.role)}
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
		return held.Grant(string(in.Role), caller(c))
	})
}

// RevokeRole answers DELETE /people/{person}/roles/{role}.
func (s *service) RevokeRole(c echo.Context, person api.PersonId, role api.RoleName, _ api.RevokeRoleParams) error {
	return s.onRoles(c, person, func(held roles) (es.Event, error) {
		if _, ok := s.core.Access.Person(person); !ok {
			return nil, unknownPerson()
		}
		return held.Revoke(string(role), caller(c))
	})
}

func (s *service) onRoles(c echo.Context, person string, decide func(roles) (es.Event, error)) error {
	m, err := s.command(c)
	if err != nil {
		return err
	}
	seq, err := s.roles.Execute(c.Request().Context(), person, m, func(held roles) (es.Event, error) {
		// Within the decision: who takes the right from themselves may repeat it.
		if err := s.core.Access.May(caller(c), access.ManageOrganisation, ""); err != nil {
			return nil, err
		}
		return decide(held)
	})
	return done(c, seq, err)
}

// IssueToken answers POST /me/tokens.
func (s *service) IssueToken(c echo.Context, _ api.IssueTokenParams) error {
	var in api.NewToken
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.command(c)
	if err != nil {
		return err
	}
	// The id is the command's, so that a repeat finds the token it made.
	id := es.ID("token", m.Command)
	_, secret, hash, err := bearer.NewToken(s.core.Random)
	if err != nil {
		return err
	}
	seq, err := s.tokens.Execute(c.Request().Context(), id, m, func(t token) (es.Event, error) {
		return t.Issue(m.Actor, in.Name, hash, in.Expires, s.core.Now())
	})
	if err != nil {
		return err
	}
	t, _, err := s.tokens.Load(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if t.hash != hash {
		return fault.New(fault.Conflict, "This command has made its token already, and a token is shown only once. Revoke it and make another with a new Idempotency-Key.")
	}
	return rest.Done(c, seq, http.StatusCreated, api.IssuedToken{Id: id, Token: bearer.TokenText(id, secret), Seq: seq})
}

// ListMyTokens answers GET /me/tokens.
func (s *service) ListMyTokens(c echo.Context, _ api.ListMyTokensParams) error {
	return s.listTokens(c, caller(c))
}

// ListTokensOf answers GET /people/{person}/tokens.
func (s *service) ListTokensOf(c echo.Context, person api.PersonId, _ api.ListTokensOfParams) error {
	if err := s.core.Access.May(caller(c), access.ManageOrganisation, ""); err != nil {
		return err
	}
	return s.listTokens(c, person)
}

func (s *service) listTokens(c echo.Context, person string) error {
	page, next, err := find(c, s.issued, "person", []any{person}, nil)
	if err != nil {
		return err
	}
	o := opener{ctx: c.Request().Context(), vault: s.core.Vault}
	items := make([]api.Token, len(page))
	for i, d := range page {
		items[i] = api.Token{Id: d.ID, Name: o.text(d.Name), Created: d.Created, Expires: d.Expires}
	}
	if o.err != nil {
		return o.err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// RevokeToken answers DELETE /tokens/{token}.
func (s *service) RevokeToken(c echo.Context, id api.TokenId, _ api.RevokeTokenParams) error {
	m, err := s.command(c)
	if err != nil {
		return err
	}
	seq, err := s.tokens.Execute(c.Request().Context(), id, m, func(t token) (es.Event, error) {
		return t.Revoke(m.Actor, s.administrator(c))
	})
	return done(c, seq, err)
}
