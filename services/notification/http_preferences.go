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

// GetPreferences answers with the caller's rules and the defaults.
func (s *service) GetPreferences(c echo.Context, _ api.GetPreferencesParams) error {
	d, _, err := s.prefs.Get(c.Request().Context(), rest.Caller(c))
	if err != nil {
		return err
	}
	out := api.Preferences{Rules: make([]api.Rule, 0, len(d.Rules))}
	for _, r := range d.Rules {
		out.Rules = append(out.Rules, api.Rule{
			Community: rest.Optional(r.Community), Kind: rest.Optional(api.Kind(r.Kind)), Inbox: r.Inbox, Mail: r.Mail,
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
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	rules := make([]events.Rule, 0, len(in.Rules))
	for i, r := range in.Rules {
		rule := events.Rule{Community: rest.Value(r.Community), Kind: string(rest.Value(r.Kind)), Inbox: r.Inbox, Mail: r.Mail}
		if r.Community != nil {
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
