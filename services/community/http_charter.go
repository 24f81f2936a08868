package community

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ReadCharter answers the newest version; version 0 is the empty charter.
func (h *handlers) ReadCharter(c echo.Context, id string, _ api.ReadCharterParams) error {
	if err := h.reads(c, id); err != nil {
		return err
	}
	page, err := h.charterTexts.Find(c.Request().Context(), view.Query{Index: "versions", Equal: []any{id}, Limit: 1}, nil)
	if err != nil {
		return err
	}
	d := charterDoc{Community: id}
	if len(page.Items) > 0 {
		d = page.Items[0]
	}
	rest.SetETag(c, uint64(d.Version))
	return h.answerCharter(c, d)
}

// ReadCharterVersion answers one version.
func (h *handlers) ReadCharterVersion(c echo.Context, id string, version int, _ api.ReadCharterVersionParams) error {
	if err := h.reads(c, id); err != nil {
		return err
	}
	d, err := h.charterVersion(c.Request().Context(), id, version)
	if err != nil {
		return err
	}
	return h.answerCharter(c, d)
}

func (h *handlers) charterVersion(ctx context.Context, id string, version int) (charterDoc, error) {
	if version == 0 {
		return charterDoc{Community: id}, nil
	}
	d, ok, err := h.charterTexts.Get(ctx, charterKey(id, version))
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "The charter has no version %d.", version)
	}
	return d, err
}

func (h *handlers) answerCharter(c echo.Context, d charterDoc) error {
	note, err := h.reveal(c.Request().Context(), d.Note)
	if err != nil {
		return err
	}
	out := api.Charter{
		Community: d.Community, Version: d.Version, Purpose: orNil(d.Purpose), Vision: orNil(d.Vision),
		Objectives: append([]string{}, d.Objectives...), Norms: append([]string{}, d.Norms...),
		Stakeholders: []api.Stakeholder{}, Note: note, At: orNil(d.At),
	}
	for _, s := range d.Stakeholders {
		out.Stakeholders = append(out.Stakeholders, api.Stakeholder{Name: s.Name, Interest: s.Interest})
	}
	if d.Author != "" {
		author := h.person(d.Author)
		out.Author = &author
	}
	return c.JSON(http.StatusOK, out)
}

// ReviseCharter writes the version after the one that was read.
func (h *handlers) ReviseCharter(c echo.Context, id string, _ api.ReviseCharterParams) error {
	var in api.CharterText
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := h.meta(c)
	if err != nil {
		return err
	}
	t := charterText{Purpose: in.Purpose, Vision: orEmpty(in.Vision), Objectives: in.Objectives, Norms: in.Norms}
	for _, s := range in.Stakeholders {
		t.Stakeholders = append(t.Stakeholders, events.Stakeholder{Name: s.Name, Interest: s.Interest})
	}
	seq, err := h.charters.Execute(c.Request().Context(), id, m, func(s charter) (es.Event, error) {
		if err := h.core.Access.May(m.Actor, access.ReviseCharter, id); err != nil {
			return nil, err
		}
		if err := h.notEnded(id); err != nil {
			return nil, err
		}
		return s.Revise(t, version, written(m.Actor, orEmpty(in.Note)))
	})
	if err != nil {
		return err
	}
	if now, _, err := h.charters.Load(c.Request().Context(), id); err == nil {
		rest.SetETag(c, uint64(now.Version))
	}
	return done(c, seq)
}

// ListCharterVersions answers who wrote which version when, newest first.
func (h *handlers) ListCharterVersions(c echo.Context, id string, _ api.ListCharterVersionsParams) error {
	if err := h.reads(c, id); err != nil {
		return err
	}
	q, list := view.Query{Index: "versions", Equal: []any{id}}, "versions/"+id
	if err := h.page(c, list, &q); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.charterTexts.Find(ctx, q, nil)
	if err != nil {
		return err
	}
	out := api.CharterVersionPage{Items: []api.CharterVersion{}}
	for _, d := range page.Items {
		note, err := h.reveal(ctx, d.Note)
		if err != nil {
			return err
		}
		out.Items = append(out.Items, api.CharterVersion{Version: d.Version, Author: h.person(d.Author), At: d.At, Note: note})
	}
	if out.Next, err = h.next(c, list, page.Next); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// DiffCharter answers what changed between two versions.
func (h *handlers) DiffCharter(c echo.Context, id string, p api.DiffCharterParams) error {
	if err := h.reads(c, id); err != nil {
		return err
	}
	ctx := c.Request().Context()
	from, err := h.charterVersion(ctx, id, p.From)
	if err != nil {
		return err
	}
	to, err := h.charterVersion(ctx, id, p.To)
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
