package membership

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// administration is the meta data of a command by those who manage the organisation.
func (s *service) administration(c echo.Context) (es.Meta, error) {
	if err := s.core.Access.May(rest.Caller(c), access.ManageOrganisation, ""); err != nil {
		return es.Meta{}, err
	}
	return s.core.Command(c)
}

func (s *service) administrator(c echo.Context) bool {
	p, ok := s.core.Access.Person(rest.Caller(c))
	return ok && p.Active && p.Has(access.Administrator)
}

// done answers a command without a body, or is its error.
func done(c echo.Context, seq uint64, err error) error {
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
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
	next, err := p.Next(id(page[len(page)-1]))
	return page, next, err
}

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
	return rest.Optional(p.Unit)
}

// because is why the caller does something, as the optional body of a command says it.
func because(c echo.Context) (sealed.Text, error) {
	var in api.Because
	if len(rest.Body(c)) == 0 {
		return sealed.Text{}, nil
	}
	if err := rest.Decode(c, &in); err != nil {
		return sealed.Text{}, err
	}
	return whyOf(c, in.Reason), nil
}

// whyOf is what the caller gave as the reason, theirs like all that they write.
func whyOf(c echo.Context, reason *string) sealed.Text {
	return content(rest.Caller(c), strings.TrimSpace(rest.Value(reason)))
}

// said returns Invalid naming field if text is nothing but space.
func said(field, text string) error {
	if strings.TrimSpace(text) == "" {
		return fault.InvalidField(field, "must not be empty")
	}
	return nil
}
