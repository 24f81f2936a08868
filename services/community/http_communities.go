package community

import (
	"net/http"
	"slices"
	"strings"

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

// ListCommunities answers with the directory: what everybody may know.
func (s *service) ListCommunities(c echo.Context, p api.ListCommunitiesParams) error {
	if err := s.active(rest.Caller(c)); err != nil {
		return err
	}
	q := view.Query{Index: "name"}
	if p.State != nil {
		q.Index, q.Equal = "state", []any{string(*p.State)}
	}
	words := strings.Fields(strings.ToLower(rest.Value(p.Query)))
	page, next, err := app.Find(c, s.directory, q, func(d *communityDoc) bool {
		return (p.Language == nil || d.Language == *p.Language) &&
			(p.Topic == nil || slices.ContainsFunc(d.Topics, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(*p.Topic)) })) &&
			d.contains(words)
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, rest.NewList(public(page), next))
}

// LookUpCommunities answers what the directory says of each community.
func (s *service) LookUpCommunities(c echo.Context, _ api.LookUpCommunitiesParams) error {
	if err := s.active(rest.Caller(c)); err != nil {
		return err
	}
	found, err := lookUp(c, s.directory, func(string) bool { return true })
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, api.CommunityList{Items: public(found)})
}

func public(docs []communityDoc) []api.Community {
	items := make([]api.Community, len(docs))
	for i, d := range docs {
		items[i] = d.public()
	}
	return items
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
func (s *service) SimilarCommunities(c echo.Context, p api.SimilarCommunitiesParams) error {
	if err := s.active(rest.Caller(c)); err != nil {
		return err
	}
	out := api.SimilarCommunities{Items: []api.SimilarCommunity{}}
	for _, a := range s.similar.like(rest.Value(p.Name), rest.Value(p.Purpose), p.Topics) {
		d, ok, err := s.directory.Get(c.Request().Context(), a.Community)
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
func (s *service) FoundCommunity(c echo.Context, _ api.FoundCommunityParams) error {
	var in api.NewCommunity
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	id := es.ID("community", m.Command)
	seq, err := s.communities.Execute(c.Request().Context(), id, m, func(state commons) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, access.FoundCommunity, ""); err != nil {
			return nil, err
		}
		for _, shown := range in.Shown {
			if _, ok := s.core.Access.Community(shown); !ok {
				return nil, fault.InvalidField("shown", "holds an id that is no community's; list those that were shown")
			}
		}
		return state.Found(settingsOf(api.Settings{
			Name: in.Name, Purpose: in.Purpose, Kind: in.Kind, Visibility: in.Visibility,
			Joining: in.Joining, Language: in.Language, Topics: in.Topics,
		}), m.Actor, in.Shown)
	})
	return rest.Created(c, id, seq, err)
}

func settingsOf(in api.Settings) events.Settings {
	return events.Settings{
		Name: in.Name, Purpose: in.Purpose, Kind: string(in.Kind), Visibility: string(in.Visibility),
		Joining: string(in.Joining), Language: in.Language, Topics: in.Topics,
	}
}

// GetCommunity answers what the caller may know of a community and do in it.
func (s *service) GetCommunity(c echo.Context, id string, _ api.GetCommunityParams) error {
	person, acc := rest.Caller(c), s.core.Access
	if err := s.active(person); err != nil {
		return err
	}
	d, ok, err := s.directory.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return noCommunity()
	}
	role := acc.Role(id, person)
	out := api.CommunityDetail{Community: d.public(), May: []api.CommunityDetailMay{}, Role: rest.Optional(api.Role(role))}
	if acc.SeesCommunity(person, id) {
		o := s.core.Vault.Opener(c.Request().Context())
		if out.StateReason = o.Text(d.Reason); o.Err != nil {
			return o.Err
		}
	}
	coordinates := acc.May(person, access.ChangeState, id) == nil
	// Who has just taken over is host before the succession is settled.
	if d.Succession != nil && role != access.Host && (role != access.None || coordinates) {
		out.Succession = &api.Succession{Since: d.Succession.Since, Asked: slices.Contains(d.Succession.Asked, person)}
	}
	if coordinates {
		for _, to := range nextStates(d.State) {
			out.NextStates = append(out.NextStates, api.CommunityState(to))
		}
	}
	out.May = s.mayIn(person, d)
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

func (s *service) mayIn(person string, d communityDoc) []api.CommunityDetailMay {
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
		if m.in && s.core.Access.May(person, m.action, d.ID) == nil {
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
func (s *service) ChangeSettings(c echo.Context, id string, _ api.ChangeSettingsParams) error {
	var in api.Settings
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	return s.onCommunity(c, id, access.ChangeSettings, func(_ string, state commons) (es.Event, error) {
		return state.ChangeSettings(settingsOf(in), version)
	}, func() { s.settingsTag(c, id) })
}

// settingsTag marks the answer with the version that the settings have now.
func (s *service) settingsTag(c echo.Context, id string) {
	if now, _, err := s.communities.Load(c.Request().Context(), id); err == nil {
		rest.SetETag(c, now.Version)
	}
}

// ChangeState moves the community through its life cycle.
func (s *service) ChangeState(c echo.Context, id string, _ api.ChangeStateParams) error {
	var in api.StateChange
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.onCommunity(c, id, access.ChangeState, func(person string, state commons) (es.Event, error) {
		return state.ChangeState(string(in.To), written(person, in.Reason))
	}, nil)
}

// onCommunity executes a command on a community for those who may take action.
// after runs before a success is answered; it may be nil.
func (s *service) onCommunity(c echo.Context, id string, action access.Action, decide func(person string, state commons) (es.Event, error), after func()) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.communities.Execute(c.Request().Context(), id, m, func(state commons) (es.Event, error) {
		if err := s.core.Access.May(m.Actor, action, id); err != nil {
			return nil, err
		}
		return decide(m.Actor, state)
	})
	if err != nil {
		return err
	}
	if after != nil {
		after()
	}
	return done(c, seq, nil)
}
