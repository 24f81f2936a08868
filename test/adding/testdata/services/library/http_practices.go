package library

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	events "kith/api/events/library"
	api "kith/api/openapi/libraryapi"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// RecordPractice keeps what the caller has learned.
func (s *service) RecordPractice(c echo.Context, community string, _ api.RecordPracticeParams) error {
	var in api.NewPractice
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	id := es.ID("practice", m.Command)
	seq, err := s.practices.Execute(c.Request().Context(), id, m, func(p practice) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, access.RecordPractice, community); err != nil {
			return nil, err
		}
		return p.Record(events.PracticeRecorded{Community: community, Author: m.Actor,
			Title: written(m.Actor, in.Title), Text: written(m.Actor, in.Text)})
	})
	return rest.Created(c, id, seq, err)
}

func written(person, s string) sealed.Text {
	return sealed.New(person, sealed.Content, strings.TrimSpace(s))
}

// ListPractices answers with what a community has learned.
func (s *service) ListPractices(c echo.Context, community string, _ api.ListPracticesParams) error {
	if err := s.core.Access.May(rest.Caller(c), access.ReadContent, community); err != nil {
		return err
	}
	page, next, err := app.Find(c, s.shown, view.Query{Index: "community", Equal: []any{community}}, nil)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.Practice, len(page))
	for i, d := range page {
		items[i] = s.answer(o, d)
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// GetPractice answers with one practice.
func (s *service) GetPractice(c echo.Context, id string, _ api.GetPracticeParams) error {
	d, ok, err := s.shown.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !ok || s.core.Access.May(rest.Caller(c), access.ReadContent, d.Community) != nil {
		return fault.New(fault.NotFound, "There is no practice with this id, or none that you may see.")
	}
	o := s.core.Vault.Opener(c.Request().Context())
	out := s.answer(o, d)
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *service) answer(o *vault.Opener, d practiceDoc) api.Practice {
	author, _ := s.core.Access.Person(d.Author)
	return api.Practice{
		Id: d.ID, Community: d.Community, Author: api.PersonRef{Id: d.Author, Former: rest.Optional(author.Erased)},
		Title: o.Text(d.Title), Text: o.Text(d.Text),
		Request: rest.Optional(d.Request), Response: rest.Optional(d.Response), Recorded: d.At,
	}
}
