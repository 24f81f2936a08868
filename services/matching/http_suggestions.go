package matching

import (
	"net/http"

	"github.com/labstack/echo/v4"

	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

const suggestedByDefault = 10

// SuggestCommunities answers communities for the caller.
func (s *service) SuggestCommunities(c echo.Context, p api.SuggestCommunitiesParams) error {
	list, err := s.communitiesFor(c.Request().Context(), rest.Caller(c), atMost(p.AtMost), "")
	if err != nil {
		return err
	}
	out := api.CommunitySuggestions{Items: make([]api.CommunitySuggestion, len(list))}
	for i, one := range list {
		reasons := make([]api.CommunityReason, len(one.Reasons))
		for j, r := range one.Reasons {
			reasons[j] = api.CommunityReason{Code: api.CommunityReasonCode(r.Code), Topic: rest.Optional(r.Topic),
				Request: rest.Optional(r.Request), People: r.People, Language: rest.Optional(r.Language)}
		}
		out.Items[i] = api.CommunitySuggestion{Community: one.Community, Name: s.nameOf(one.Community), Reasons: reasons}
	}
	return c.JSON(http.StatusOK, out)
}

// SuggestLinks answers links for a community.
func (s *service) SuggestLinks(c echo.Context, community string, p api.SuggestLinksParams) error {
	host := rest.Caller(c)
	if err := s.core.Access.May(host, access.LinkCommunity, community); err != nil {
		return err
	}
	list, err := s.linksFor(c.Request().Context(), host, community, atMost(p.AtMost), "")
	if err != nil {
		return err
	}
	out := api.LinkSuggestions{Items: make([]api.LinkSuggestion, len(list))}
	for i, one := range list {
		reasons := make([]api.LinkReason, len(one.Reasons))
		for j, r := range one.Reasons {
			reasons[j] = api.LinkReason{Code: api.LinkReasonCode(r.Code), Words: r.Words, Count: rest.Optional(r.Count)}
		}
		out.Items[i] = api.LinkSuggestion{Community: one.Community, Name: s.nameOf(one.Community), Reasons: reasons}
	}
	return c.JSON(http.StatusOK, out)
}

// SuggestSplit answers whether a community could become two.
func (s *service) SuggestSplit(c echo.Context, community string, _ api.SuggestSplitParams) error {
	if err := s.core.Access.May(rest.Caller(c), access.LinkCommunity, community); err != nil {
		return err
	}
	x, err := s.splitFor(c.Request().Context(), community)
	if err != nil {
		return err
	}
	out := api.SplitSuggestion{Reasons: []api.SplitReason{}}
	for _, code := range x.codes() {
		r := api.SplitReason{Code: api.SplitReasonCode(code)}
		switch code {
		case splitSize:
			r.Members, r.Limit = rest.Optional(x.members), rest.Optional(s.cfg.Large)
		case splitTopics:
			for _, g := range x.spread.Groups {
				r.Groups = append(r.Groups, api.TopicGroup{Tags: g.Tags, Requests: g.Requests})
			}
		}
		out.Reasons = append(out.Reasons, r)
	}
	return c.JSON(http.StatusOK, out)
}

// DismissCommunity keeps a community from being suggested to the caller.
func (s *service) DismissCommunity(c echo.Context, community string, _ api.DismissCommunityParams) error {
	person := rest.Caller(c)
	return s.onSuggestion(c, suggestionID(person, community), func(x suggestion) (es.Event, error) {
		if err := s.exists(community); err != nil {
			return nil, err
		}
		return x.Dismiss(events.SuggestionDismissed{Person: person, Community: community})
	})
}

// DismissLink keeps a community from being suggested for a link.
func (s *service) DismissLink(c echo.Context, community, other string, _ api.DismissLinkParams) error {
	return s.onSuggestion(c, linkSuggestionID(community, other), func(x suggestion) (es.Event, error) {
		if err := s.core.Access.May(rest.Caller(c), access.LinkCommunity, community); err != nil {
			return nil, err
		}
		if err := s.exists(other); err != nil {
			return nil, err
		}
		return x.Dismiss(events.LinkSuggestionDismissed{Community: community, Other: other})
	})
}

// DismissSplit puts off a suggested split.
func (s *service) DismissSplit(c echo.Context, community string, _ api.DismissSplitParams) error {
	return s.onSuggestion(c, splitSuggestionID(community), func(x suggestion) (es.Event, error) {
		if err := s.core.Access.May(rest.Caller(c), access.LinkCommunity, community); err != nil {
			return nil, err
		}
		return x.DismissSplit(community, s.core.Now())
	})
}

func (s *service) onSuggestion(c echo.Context, id string, decide func(suggestion) (es.Event, error)) error {
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	seq, err := s.offered.Execute(c.Request().Context(), id, m, decide)
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// exists returns NotFound for what is no community.
func (s *service) exists(community string) error {
	if _, ok := s.core.Access.Community(community); !ok {
		return fault.New(fault.NotFound, "There is no community with this id.")
	}
	return nil
}

// nameOf is the name of a community, which everybody may know.
func (s *service) nameOf(community string) string {
	c, _ := s.core.Access.Community(community)
	return c.Name
}

func atMost(n *int) int {
	if n == nil {
		return suggestedByDefault
	}
	return min(*n, maxSuggestions)
}
