package matching

import (
	"context"
	"slices"

	"kith/api/events/community"
	"kith/pkg/access"
	"kith/services/matching/circles"
)

// maxSuggestions is how many communities are suggested at once, at most: what
// is further down is of no use.
const maxSuggestions = 50

// communitiesFor suggests communities to a person within what they may see. A
// community with a tie to them is left out, but for again.
func (s *service) communitiesFor(ctx context.Context, person string, limit int, again string) ([]circles.Suggestion, error) {
	var w wishes
	if err := s.circle.read(ctx, func(k *around) { w = k.profiles[person] }); err != nil {
		return nil, err
	}
	learn, err := s.topicsOf(ctx, profile{Lines: w.Learn})
	if err != nil {
		return nil, err
	}
	help, err := s.topicsOf(ctx, profile{Lines: w.CanHelp})
	if err != nil {
		return nil, err
	}
	acc := s.core.Access
	me, _ := acc.Person(person)
	r := circles.Reader{
		Person: person, Learn: learn, CanHelp: help, Languages: []string{primary(me.Language)},
		History: !s.cfg.WorksCouncil,
	}
	sees := s.sees(person)
	r.Sees = func(id, request string) bool {
		if id == again && request == "" {
			c, _ := acc.Community(id) // as it was for them before
			return !c.Closed
		}
		return sees(id, request)
	}
	for _, l := range w.Languages {
		r.Languages = append(r.Languages, primary(l))
	}
	var out []circles.Suggestion
	err = s.circle.read(ctx, func(k *around) {
		r.Offered = func(id string) bool {
			return s.joinable(id) && (id == again || k.circles.Tied(person, id) == 0 && acc.Role(id, person) == access.None)
		}
		r.Known = s.colleagues(me)
		out = k.circles.For(r, limit)
	})
	return out, err
}

func (s *service) topicsOf(ctx context.Context, p profile) ([]circles.Line, error) {
	topics, err := s.topics(ctx, p)
	out := make([]circles.Line, len(topics))
	for i, topic := range topics {
		out[i] = s.circle.lineOf(topic)
	}
	return out, err
}

// joinable reports whether somebody could join now by their own wish.
func (s *service) joinable(id string) bool {
	c, ok := s.core.Access.Community(id)
	return ok && (c.State == community.Forming || c.State == community.Active) && c.Joining != community.JoinInvitation
}

// colleagues finds those of some people who are in a community and work in
// another unit than me. It looks up the communities of each once.
func (s *service) colleagues(me access.Person) func(id string, people map[string]bool) []string {
	var of map[string][]string
	return func(id string, people map[string]bool) []string {
		if of == nil {
			of = map[string][]string{}
			for person := range people {
				if p, ok := s.core.Access.Person(person); !ok || !p.Active || p.Unit == me.Unit {
					continue
				}
				for in := range s.core.Access.CommunitiesOf(person) {
					of[in] = append(of[in], person)
				}
			}
			for _, list := range of {
				slices.Sort(list)
			}
		}
		return of[id]
	}
}

// linksFor suggests links to a community, within what its host may see.
func (s *service) linksFor(ctx context.Context, host, id string, limit int, again string) (out []circles.Suggestion, err error) {
	acc := s.core.Access
	h := circles.Host{
		Community: id, History: !s.cfg.WorksCouncil,
		Sees:    func(other string) bool { return acc.SeesCommunity(host, other) },
		Offered: s.alive,
		Members: func(other string) []string { return acc.Members(other) },
		Of: func(person string) []string {
			var ids []string
			for in := range acc.CommunitiesOf(person) {
				ids = append(ids, in)
			}
			return ids
		},
	}
	err = s.circle.read(ctx, func(k *around) { out = k.circles.Links(h, limit, again) })
	return out, err
}

// alive reports whether a community has begun and is not closed for good.
func (s *service) alive(id string) bool {
	c, ok := s.core.Access.Community(id)
	return ok && c.State != community.Draft && c.State != community.Ended
}

// splitting is why a community could be split.
type splitting struct {
	members int // 0: it is not large
	spread  circles.Spread
	spreads bool
}

// codes are the reasons in codes; none: nothing is suggested.
func (x splitting) codes() []string {
	var out []string
	if x.members > 0 {
		out = append(out, splitSize)
	}
	if x.spreads {
		out = append(out, splitTopics)
	}
	return out
}

// Codes of reasons for a split.
const (
	splitSize   = "size"
	splitTopics = "topics"
)

// splitFor says whether a split is suggested.
func (s *service) splitFor(ctx context.Context, id string) (x splitting, err error) {
	if !s.alive(id) {
		return x, nil
	}
	now := s.core.Now().Unix()
	err = s.circle.read(ctx, func(k *around) {
		if now < k.circles.Whole(id) {
			return
		}
		if n := len(s.core.Access.Members(id)); n > s.cfg.Large {
			x.members = n
		}
		x.spread, x.spreads = k.circles.Spread(id)
	})
	return x, err
}
