package membership

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
	"kith/pkg/view"
)

// IssueToken answers POST /me/tokens.
func (s *service) IssueToken(c echo.Context, _ api.IssueTokenParams) error {
	var in api.NewToken
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if rest.PrincipalOf(c).TokenID != "" {
		// Who stole one could otherwise go on after it was revoked.
		return fault.New(fault.Forbidden, "An API token cannot make others. Sign in to make one.")
	}
	m, err := s.core.Command(c)
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
	return s.listTokens(c, rest.Caller(c))
}

// ListTokensOf answers GET /people/{person}/tokens.
func (s *service) ListTokensOf(c echo.Context, person api.PersonId, _ api.ListTokensOfParams) error {
	if err := s.core.Access.May(rest.Caller(c), access.ManageOrganisation, ""); err != nil {
		return err
	}
	return s.listTokens(c, person)
}

func (s *service) listTokens(c echo.Context, person string) error {
	page, next, err := app.Find(c, s.issued, view.Query{Index: "person", Equal: []any{person}}, nil)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.Token, len(page))
	for i, d := range page {
		items[i] = api.Token{Id: d.ID, Name: o.Text(d.Name), Created: d.Created, Expires: d.Expires}
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// RevokeToken answers DELETE /tokens/{token}.
func (s *service) RevokeToken(c echo.Context, id api.TokenId, _ api.RevokeTokenParams) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.tokens.Execute(c.Request().Context(), id, m, func(t token) (es.Event, error) {
		return t.Revoke(m.Actor, s.administrator(c))
	})
	return done(c, seq, err)
}
