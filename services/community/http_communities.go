package community

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// ListCommunities answers with the directory: what everybody may know.
func (h *handlers) ListCommunities(c echo.Context, p api.ListCommunitiesParams) error {
	if err := h.active(caller(c)); err != nil {
		return err
	}
	q := view.Query{Index: "name"}
	if p.State != nil {
		q.Index, q.Equal = "state", []any{string(*p.State)}
	}
	list := "communities?" + filters(c)
	if err := h.page(c, list, &q); err != nil {
		return err
	}
	words := strings.Fields(strings.ToLower(orEmpty(p.Query)))
	page, err := h.directory.Find(c.Request().Context(), q, func(d *communityDoc) bool {
		return (p.Language == nil || d.Language == *p.Language) &&
			(p.Topic == nil || slices.ContainsFunc(d.Topics, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(*p.Topic)) })) &&
			d.contains(words)
	})
	if err != nil {
		return err
	}
	out := api.CommunityPage{Items: []api.Community{}}
	for _, d := range page.Items {
		out.Items = append(out.Items, d.public())
	}
	if out.Next, err = h.next(c, list, page.Next); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// filters are the query parameters of a list that decide what is in it.
func filters(c echo.Context) string {
	q := maps.Clone(c.QueryParams()) // echo keeps the original for the handler
	q.Del("limit")
	q.Del("cursor")
	return q.Encode()
}

// contains reports whether name, purpose or topics contain every word.
func (d *communityDoc) contains(words []string) bool {
	if len(words) == 0 {
		return true
	}
	all := strings.ToLower(strings.Join(append([]string{d.Name, d.Purpose}, d.Topics...), "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
}

// public is what everybody may know of a community.
func (d communityDoc) public() api.Community {
	out := api.Community{
		Id: d.ID, Name: d.Name, Purpose: d.Purpose, Kind: api.CommunityKind(d.Kind),
		Visibility: api.Visibility(d.Visibility), Joining: api.Joining(d.Joining),
		State: api.CommunityState(d.State), Language: d.Language, Topics: d.Topics, Founded: d.Founded,
	}
	if out.Topics == nil {
		out.Topics = []string{}
	}
	return out
}

// SimilarCommunities answers what resembles a community about to be founded.
func (h *handlers) SimilarCommunities(c echo.Context, p api.SimilarCommunitiesParams) error {
	if err := h.active(caller(c)); err != nil {
		return err
	}
	out := api.SimilarCommunities{Items: []api.SimilarCommunity{}}
	for _, a := range h.similar.like(orEmpty(p.Name), orEmpty(p.Purpose), p.Topics) {
		d, ok, err := h.directory.Get(c.Request().Context(), a.Community)
		if err != nil {
			return err
		}
		if ok {
			out.Items = append(out.Items, api.SimilarCommunity{Community: d.public(), Score: a.Score, Shared: a.Shared})
		}
	}
	return c.JSON(http.StatusOK, out)
}

// FoundCommunity begins a community with the caller as its first host.
func (h *handlers) FoundCommunity(c echo.Context, _ api.FoundCommunityParams) error {
	var in api.NewCommunity
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := h.meta(c)
	if err != nil {
		return err
	}
	id := es.ID("community", m.Command)
	seq, err := h.communities.Execute(c.Request().Context(), id, m, func(s commons) (es.Event, error) {
		if err := h.core.Access.May(m.Actor, access.FoundCommunity, ""); err != nil {
			return nil, err
		}
		for _, shown := range in.Shown {
			if _, ok := h.core.Access.Community(shown); !ok {
				return nil, fault.InvalidField("shown", "holds an id that is no community's; list those that were shown")
			}
		}
		return s.Found(settingsOf(api.Settings{
			Name: in.Name, Purpose: in.Purpose, Kind: in.Kind, Visibility: in.Visibility,
			Joining: in.Joining, Language: in.Language, Topics: in.Topics,
		}), m.Actor, in.Shown)
	})
	if err != nil {
		return err
	}
	return created(c, seq, id)
}

func settingsOf(in api.Settings) events.Settings {
	return events.Settings{
		Name: in.Name, Purpose: in.Purpose, Kind: string(in.Kind), Visibility: string(in.Visibility),
		Joining: string(in.Joining), Language: in.Language, Topics: in.Topics,
	}
}

// GetCommunity answers what the caller may know of a community and do in it.
func (h *handlers) GetCommunity(c echo.Context, id string, _ api.GetCommunityParams) error {
	person, acc := caller(c), h.core.Access
	if err := h.active(person); err != nil {
		return err
	}
	d, ok, err := h.directory.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return noCommunity()
	}
	role := acc.Role(id, person)
	out := api.CommunityDetail{Community: d.public(), May: []api.CommunityDetailMay{}, Role: orNil(api.Role(role))}
	if acc.SeesCommunity(person, id) {
		if out.StateReason, err = h.reveal(c.Request().Context(), d.Reason); err != nil {
			return err
		}
	}
	coordinates := acc.May(person, access.ChangeState, id) == nil
	if d.Succession != nil && (role != access.None || coordinates) {
		out.Succession = &api.Succession{Since: d.Succession.Since, Asked: slices.Contains(d.Succession.Asked, person)}
	}
	if coordinates {
		for _, to := range nextStates(d.State) {
			out.NextStates = append(out.NextStates, api.CommunityState(to))
		}
	}
	out.May = h.mayIn(person, d)
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

func (h *handlers) mayIn(person string, d communityDoc) []api.CommunityDetailMay {
	may := []api.CommunityDetailMay{}
	for _, m := range []struct {
		word   api.CommunityDetailMay
		action access.Action
		in     bool // the state allows it
	}{
		{api.CommunityDetailMayRead, access.ReadContent, true},
		{api.CommunityDetailMayAsk, access.AskCommunity, takesRequests(d.State) == nil},
		{api.CommunityDetailMayChangeSettings, access.ChangeSettings, d.State != events.Ended},
		{api.CommunityDetailMayChangeState, access.ChangeState, d.State != events.Ended},
		{api.CommunityDetailMayReviseCharter, access.ReviseCharter, d.State != events.Ended},
	} {
		if m.in && h.core.Access.May(person, m.action, d.ID) == nil {
			may = append(may, m.word)
		}
	}
	return may
}

// takesRequests returns Conflict for communities in which nobody can ask.
func takesRequests(state string) error {
	switch state {
	case events.Draft:
		return fault.New(fault.Conflict, "This community is a draft: it takes requests once a host has moved it to forming.")
	case events.Ended:
		return ended()
	}
	return nil
}

// ChangeSettings replaces the settings.
func (h *handlers) ChangeSettings(c echo.Context, id string, _ api.ChangeSettingsParams) error {
	var in api.Settings
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	return h.onCommunity(c, id, access.ChangeSettings, func(_ string, s commons) (es.Event, error) {
		return s.ChangeSettings(settingsOf(in), version)
	}, func() { h.settingsTag(c, id) })
}

// settingsTag marks the answer with the version that the settings have now.
func (h *handlers) settingsTag(c echo.Context, id string) {
	if s, _, err := h.communities.Load(c.Request().Context(), id); err == nil {
		rest.SetETag(c, s.Version)
	}
}

// ChangeState moves the community through its life cycle.
func (h *handlers) ChangeState(c echo.Context, id string, _ api.ChangeStateParams) error {
	var in api.StateChange
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return h.onCommunity(c, id, access.ChangeState, func(person string, s commons) (es.Event, error) {
		return s.ChangeState(string(in.To), written(person, in.Reason))
	}, nil)
}

// onCommunity executes a command on a community for those who may take action.
// after runs before a success is answered; it may be nil.
func (h *handlers) onCommunity(c echo.Context, id string, action access.Action, decide func(person string, s commons) (es.Event, error), after func()) error {
	m, err := h.meta(c)
	if err != nil {
		return err
	}
	seq, err := h.communities.Execute(c.Request().Context(), id, m, func(s commons) (es.Event, error) {
		if err := h.core.Access.May(m.Actor, action, id); err != nil {
			return nil, err
		}
		return decide(m.Actor, s)
	})
	if err != nil {
		return err
	}
	if after != nil {
		after()
	}
	return done(c, seq)
}
