package membership

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

var _ api.ServerInterface = (*service)(nil)

// command is the meta data of the caller's command, with the position at which
// permission is judged.
func (s *service) command(c echo.Context) (es.Meta, error) {
	m, err := rest.MetaOf(c)
	m.Access = s.core.Access.Position()
	return m, err
}

// administration is command for those who manage the organisation.
func (s *service) administration(c echo.Context) (es.Meta, error) {
	if err := s.core.Access.May(caller(c), access.ManageOrganisation, ""); err != nil {
		return es.Meta{}, err
	}
	return s.command(c)
}

func caller(c echo.Context) string { return rest.PrincipalOf(c).Person }

func (s *service) administrator(c echo.Context) bool {
	p, ok := s.core.Access.Person(caller(c))
	return ok && p.Active && p.Has(access.Administrator)
}

// done answers a command without a body.
func done(c echo.Context, seq uint64, err error) error {
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
}

// created answers a command that made something with an id.
func created(c echo.Context, id string, seq uint64, err error) error {
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusCreated, api.Created{Id: id, Seq: seq})
}

// find returns the page of v that the request asks for and the cursor of the next.
func find[D any](c echo.Context, v *view.View[D], index string, equal []any, keep func(*D) bool) ([]D, string, error) {
	p, err := rest.PageOf(c)
	if err != nil {
		return nil, "", err
	}
	q := view.Query{Index: index, Equal: equal, Limit: p.Limit}
	if _, err := p.Cursor(&q.After); err != nil {
		return nil, "", err
	}
	page, err := v.Find(c.Request().Context(), q, keep)
	if errors.Is(err, view.ErrCursor) {
		return nil, "", badCursor()
	}
	if err != nil || page.Next == "" {
		return page.Items, "", err
	}
	next, err := rest.NextCursor(page.Next)
	return page.Items, next, err
}

func badCursor() error {
	return fault.InvalidField("cursor", "must be the value of next in an earlier answer of the same list; begin again without it")
}

// slice returns the page of all, which is short enough to be made anew for
// each request; id is what each is known by, in ascending order.
func slice[T any](c echo.Context, all []T, id func(T) string) ([]T, string, error) {
	p, err := rest.PageOf(c)
	if err != nil {
		return nil, "", err
	}
	after := ""
	if _, err := p.Cursor(&after); err != nil {
		return nil, "", err
	}
	from := 0
	for from < len(all) && after != "" && id(all[from]) <= after {
		from++
	}
	others := all[from:]
	if len(others) <= p.Limit {
		return others, "", nil
	}
	page := others[:p.Limit]
	next, err := rest.NextCursor(id(page[len(page)-1]))
	return page, next, err
}

// optional is nil for the absent text, as the contract wants it.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func set(b *bool) bool { return b != nil && *b }

// name is the name of a person, absent for those who were erased or are unknown.
func (s *service) name(person string) *string {
	p, ok := s.names.get(person)
	if !ok {
		return nil
	}
	return &p.Name
}

func (s *service) unitOf(person string) *string {
	p, _ := s.core.Access.Person(person)
	return optional(p.Unit)
}

// said returns Invalid naming field if text is nothing but space.
func said(field, text string) error {
	if strings.TrimSpace(text) == "" {
		return fault.InvalidField(field, "must not be empty")
	}
	return nil
}
