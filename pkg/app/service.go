package app

import (
	"errors"

	"github.com/labstack/echo/v4"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// Command is what the event of the command of c carries, with the position at
// which permission is judged. See rest.MetaOf for the errors.
func (core Core) Command(c echo.Context) (es.Meta, error) {
	m, err := rest.MetaOf(c)
	m.Access = core.Access.Position()
	return m, err
}

// Repo keeps the aggregates of one kind: in the log of the process, with their
// texts sealed. context is that of the service's events.
func Repo[S any](core Core, context, aggregate string, fold func(*S, es.Recorded)) *es.Repo[S] {
	return &es.Repo[S]{Context: context, Aggregate: aggregate, Store: core.Events, Seal: core.Vault, Fold: fold}
}

// Find answers which part of the list q the request of c asks for: the
// documents for which keep holds (nil: all), and the cursor of the next page,
// "" on the last. Returns Invalid for a limit or a cursor that is none.
func Find[D any](c echo.Context, v *view.View[D], q view.Query, keep func(*D) bool) (items []D, next string, err error) {
	p, err := rest.PageOf(c)
	if err != nil {
		return nil, "", err
	}
	q.Limit = p.Limit
	if _, err := p.Cursor(&q.After); err != nil {
		return nil, "", err
	}
	page, err := v.Find(c.Request().Context(), q, keep)
	if errors.Is(err, view.ErrCursor) { // the index has changed since
		return nil, "", fault.InvalidField("cursor", "is from an earlier version of this list; begin again without it")
	}
	if err != nil || page.Next == "" {
		return page.Items, "", err
	}
	next, err = p.Next(page.Next)
	return page.Items, next, err
}
