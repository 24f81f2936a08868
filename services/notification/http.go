package notification

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/notification"
	api "kith/api/openapi/notificationapi"
	"kith/pkg/es"
	"kith/pkg/fault"
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
	ctx, person := c.Request().Context(), rest.PrincipalOf(c).Person
	marks, _, err := s.marks.Get(ctx, person)
	if err != nil {
		return err
	}
	unread, above := in.Unread != nil && *in.Unread, uint64(0)
	if unread {
		above = marks.UpTo
	}
	out := api.ItemPage{Items: []api.Item{}}
	next, err := s.walk(ctx, person, above, at.Before, func(it Item) bool {
		if unread && marks.read(it) {
			return true
		}
		if len(out.Items) == page.Limit {
			return false
		}
		out.Items = append(out.Items, shown(it, marks))
		return true
	})
	if err != nil {
		return err
	}
	if next != 0 {
		cursor, err := rest.NextCursor(below{next})
		if err != nil {
			return err
		}
		out.Next = &cursor
	}
	return c.JSON(http.StatusOK, out)
}

// CountInbox answers with the number of unread items, up to maxCount.
func (s *service) CountInbox(c echo.Context, _ api.CountInboxParams) error {
	ctx, person := c.Request().Context(), rest.PrincipalOf(c).Person
	marks, _, err := s.marks.Get(ctx, person)
	if err != nil {
		return err
	}
	var out api.Count
	next, err := s.walk(ctx, person, marks.UpTo, 0, func(it Item) bool {
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
	m, err := s.meta(c)
	if err != nil {
		return err
	}
	upTo := uint64(0)
	if in.UpTo != nil {
		upTo = *in.UpTo
	}
	end := s.core.Follower.Position()
	seq, err := s.inboxes.Execute(c.Request().Context(), m.Actor, m, func(b inbox) (es.Event, error) {
		return b.Read(upTo, in.Items, end)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
}

// GetPreferences answers with the caller's rules and the defaults.
func (s *service) GetPreferences(c echo.Context, _ api.GetPreferencesParams) error {
	d, _, err := s.prefs.Get(c.Request().Context(), rest.PrincipalOf(c).Person)
	if err != nil {
		return err
	}
	out := api.Preferences{Rules: make([]api.Rule, 0, len(d.Rules))}
	for _, r := range d.Rules {
		out.Rules = append(out.Rules, api.Rule{
			Community: optional(r.Community), Kind: optional(api.Kind(r.Kind)), Inbox: r.Inbox, Mail: r.Mail,
		})
	}
	for _, k := range kinds {
		out.Defaults = append(out.Defaults, api.KindDefault{Kind: api.Kind(k.name), Inbox: k.inbox, Mail: k.mail})
	}
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

// ChangePreferences replaces the caller's rules.
func (s *service) ChangePreferences(c echo.Context, _ api.ChangePreferencesParams) error {
	var in api.Rules
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := s.meta(c)
	if err != nil {
		return err
	}
	rules := make([]events.Rule, 0, len(in.Rules))
	for i, r := range in.Rules {
		rule := events.Rule{Inbox: r.Inbox, Mail: r.Mail}
		if r.Kind != nil {
			rule.Kind = string(*r.Kind)
		}
		if r.Community != nil {
			rule.Community = *r.Community
			if _, ok := s.core.Access.Community(rule.Community); !ok {
				return fault.InvalidField(fmt.Sprintf("rules.%d.community", i), "is the id of no community")
			}
		}
		rules = append(rules, rule)
	}
	seq, err := s.preferences.Execute(c.Request().Context(), m.Actor, m, func(p preferences) (es.Event, error) {
		return p.Change(rules, version)
	})
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
}

// meta is that of a command, with the position at which permission was judged.
func (s *service) meta(c echo.Context) (es.Meta, error) {
	m, err := rest.MetaOf(c)
	m.Access = s.core.Access.Position()
	return m, err
}

// shown is an item as its reader gets it. Who did what is not in it where the
// item has no person: hosts act for their community.
func shown(it Item, marks marksDoc) api.Item {
	return api.Item{
		Id: it.Number(), Seq: it.Seq, Kind: api.Kind(it.Kind), Why: api.Why(reason(it)), Time: it.Time, Read: marks.read(it),
		Community: optional(it.Community), Request: optional(it.Request), Response: optional(it.Response), Person: optional(it.Person),
	}
}

// optional is nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
