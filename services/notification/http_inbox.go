package notification

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/notificationapi"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// maxCount is how far unread items are counted.
const maxCount = 1000

// below is the cursor of the inbox.
type below struct {
	Before uint64 `json:"before"`
}

// ListInbox answers with a page of the caller's items.
func (s *service) ListInbox(c echo.Context, in api.ListInboxParams) error {
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	var at below
	if _, err := page.Cursor(&at); err != nil {
		return err
	}
	ctx, person := c.Request().Context(), rest.Caller(c)
	marks, _, err := s.marks.Get(ctx, person)
	if err != nil {
		return err
	}
	unread, above := rest.Value(in.Unread), uint64(0)
	if unread {
		above = marks.UpTo
	}
	var items []api.Item
	more, err := s.walk(ctx, person, above, at.Before, func(it item) bool {
		if unread && marks.read(it) {
			return true
		}
		if len(items) == page.Limit {
			return false
		}
		items = append(items, shown(it, marks))
		return true
	})
	if err != nil {
		return err
	}
	next := ""
	if more != 0 {
		if next, err = page.Next(below{more}); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// CountInbox answers with the number of unread items, up to maxCount.
func (s *service) CountInbox(c echo.Context, _ api.CountInboxParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	marks, _, err := s.marks.Get(ctx, person)
	if err != nil {
		return err
	}
	var out api.Count
	next, err := s.walk(ctx, person, marks.UpTo, 0, func(it item) bool {
		switch {
		case marks.read(it):
			return true
		case out.Unread == maxCount:
			return false
		}
		out.Unread++
		return true
	})
	if err != nil {
		return err
	}
	out.More = next != 0
	return c.JSON(http.StatusOK, out)
}

// MarkRead marks the caller's items as read.
func (s *service) MarkRead(c echo.Context, _ api.MarkReadParams) error {
	var in api.ReadMarks
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	end := s.core.Follower.Position()
	seq, err := s.inboxes.Execute(c.Request().Context(), m.Actor, m, func(b inbox) (es.Event, error) {
		return b.Read(rest.Value(in.UpTo), in.Items, end)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
}

// shown is an item as its reader gets it. Who did what is not in it where the
// item has no person: hosts act for their community.
func shown(it item, marks marksDoc) api.Item {
	return api.Item{
		Id: it.number(), Seq: it.Seq, Kind: api.Kind(it.Kind), Why: api.Why(reason(it)), Time: it.Time, Read: marks.read(it),
		Community: rest.Optional(it.Community), Request: rest.Optional(it.Request), Response: rest.Optional(it.Response),
		Link: rest.Optional(it.Link), Person: rest.Optional(it.Person),
	}
}
