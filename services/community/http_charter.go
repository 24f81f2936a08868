package community

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ReadCharter answers the newest version; version 0 is the empty charter.
func (s *service) ReadCharter(c echo.Context, id string, _ api.ReadCharterParams) error {
	if err := s.reads(c, id); err != nil {
		return err
	}
	page, err := s.charterTexts.Find(c.Request().Context(), view.Query{Index: "versions", Equal: []any{id}, Limit: 1}, nil)
	if err != nil {
		return err
	}
	d := charterDoc{Community: id}
	if len(page.Items) > 0 {
		d = page.Items[0]
	}
	rest.SetETag(c, uint64(d.Version))
	return s.answerCharter(c, d)
}

// ReadCharterVersion answers one version.
func (s *service) ReadCharterVersion(c echo.Context, id string, version int, _ api.ReadCharterVersionParams) error {
	if err := s.reads(c, id); err != nil {
		return err
	}
	d, err := s.charterVersion(c.Request().Context(), id, version)
	if err != nil {
		return err
	}
	return s.answerCharter(c, d)
}

func (s *service) charterVersion(ctx context.Context, id string, version int) (charterDoc, error) {
	if version == 0 {
		return charterDoc{Community: id}, nil
	}
	d, ok, err := s.charterTexts.Get(ctx, charterKey(id, version))
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "The charter has no version %d.", version)
	}
	return d, err
}

func (s *service) answerCharter(c echo.Context, d charterDoc) error {
	o := s.core.Vault.Opener(c.Request().Context())
	out := api.Charter{
		Community: d.Community, Version: d.Version, Purpose: rest.Optional(d.Purpose), Vision: rest.Optional(d.Vision),
		Objectives: append([]string{}, d.Objectives...), Norms: append([]string{}, d.Norms...),
		Stakeholders: []api.Stakeholder{}, Note: o.Text(d.Note), At: rest.Optional(d.At),
	}
	for _, who := range d.Stakeholders {
		out.Stakeholders = append(out.Stakeholders, api.Stakeholder{Name: who.Name, Interest: who.Interest})
	}
	if d.Author != "" {
		author := s.person(d.Author)
		out.Author = &author
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, out)
}

// ReviseCharter writes the version after the one that was read.
func (s *service) ReviseCharter(c echo.Context, id string, _ api.ReviseCharterParams) error {
	var in api.CharterText
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	t := charterText{Purpose: in.Purpose, Vision: rest.Value(in.Vision), Objectives: in.Objectives, Norms: in.Norms}
	for _, who := range in.Stakeholders {
		t.Stakeholders = append(t.Stakeholders, events.Stakeholder{Name: who.Name, Interest: who.Interest})
	}
	seq, err := s.charters.Execute(c.Request().Context(), id, m, func(state charter) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, access.ReviseCharter, id); err != nil {
			return nil, err
		}
		if err := s.notEnded(id); err != nil {
			return nil, err
		}
		return state.Revise(t, version, written(m.Actor, rest.Value(in.Note)))
	})
	if err != nil {
		return err
	}
	if now, _, err := s.charters.Load(c.Request().Context(), id); err == nil {
		rest.SetETag(c, uint64(now.Version))
	}
	return done(c, seq, nil)
}

// ListCharterVersions answers who wrote which version when, newest first.
func (s *service) ListCharterVersions(c echo.Context, id string, _ api.ListCharterVersionsParams) error {
	if err := s.reads(c, id); err != nil {
		return err
	}
	page, next, err := app.Find(c, s.charterTexts, view.Query{Index: "versions", Equal: []any{id}}, nil)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.CharterVersion, len(page))
	for i, d := range page {
		items[i] = api.CharterVersion{Version: d.Version, Author: s.person(d.Author), At: d.At, Note: o.Text(d.Note)}
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// DiffCharter answers what changed between two versions.
func (s *service) DiffCharter(c echo.Context, id string, p api.DiffCharterParams) error {
	if err := s.reads(c, id); err != nil {
		return err
	}
	ctx := c.Request().Context()
	from, err := s.charterVersion(ctx, id, p.From)
	if err != nil {
		return err
	}
	to, err := s.charterVersion(ctx, id, p.To)
	if err != nil {
		return err
	}
	out := api.CharterDiff{From: p.From, To: p.To, Fields: []api.FieldDiff{}}
	for _, f := range diffCharters(from.charterText, to.charterText) {
		d := api.FieldDiff{Field: api.FieldDiffField(f.Field), Pieces: []api.Piece{}}
		for _, p := range f.Pieces {
			d.Pieces = append(d.Pieces, api.Piece{Op: api.PieceOp(p.Op), Text: p.Text})
		}
		out.Fields = append(out.Fields, d)
	}
	return c.JSON(http.StatusOK, out)
}
