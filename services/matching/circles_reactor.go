package matching

import (
	"context"
	"fmt"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/services/matching/circles"
)

const takerReactor = "matching-taker"

// taken records that a suggestion was acted upon: that what happened is what
// was suggested at that moment. It is judged on what is known now, which is the
// same but for what came between.
func (s *service) taken(ctx context.Context, r es.Recorded) error {
	switch e := r.Data.(type) {
	case membership.MembershipRequested:
		return s.takenBy(ctx, r, e.Tie)
	case membership.MembershipJoined:
		if e.Via == membership.ViaOpen {
			return s.takenBy(ctx, r, e.Tie)
		}
	case community.LinkProposed:
		return s.takenLink(ctx, r, e)
	}
	return nil
}

// takenBy looks whether somebody did by their own wish what was suggested to
// them, as the first thing between them and the community.
func (s *service) takenBy(ctx context.Context, r es.Recorded, tie membership.Tie) error {
	var first uint64
	if err := s.circle.read(ctx, func(k *around) { first = k.circles.Tied(tie.Person, tie.Community) }); err != nil {
		return err
	}
	if first != r.Seq {
		return nil
	}
	list, err := s.communitiesFor(ctx, tie.Person, maxSuggestions, tie.Community)
	if err != nil {
		return err
	}
	codes, ok := codesOf(list, tie.Community)
	if !ok {
		return nil
	}
	return s.take(ctx, r, suggestionID(tie.Person, tie.Community), "join",
		events.SuggestionTaken{Person: tie.Person, Community: tie.Community, Codes: codes})
}

func (s *service) takenLink(ctx context.Context, r es.Recorded, e community.LinkProposed) error {
	var first uint64
	if err := s.circle.read(ctx, func(k *around) { first = k.circles.Linked(e.Proposer, e.Other) }); err != nil {
		return err
	}
	if first == r.Seq {
		list, err := s.linksFor(ctx, r.Meta.Actor, e.Proposer, maxSuggestions, e.Other)
		if err != nil {
			return err
		}
		if codes, ok := codesOf(list, e.Other); ok {
			if err := s.take(ctx, r, linkSuggestionID(e.Proposer, e.Other), "link",
				events.LinkSuggestionTaken{Community: e.Proposer, Other: e.Other, Codes: codes}); err != nil {
				return err
			}
		}
	}
	if e.Origin == "" {
		return nil
	}
	x, err := s.splitFor(ctx, e.Origin)
	if err != nil || len(x.codes()) == 0 {
		return err
	}
	return s.take(ctx, r, splitSuggestionID(e.Origin), "split", events.SplitSuggestionTaken{Community: e.Origin, Codes: x.codes()})
}

func (s *service) take(ctx context.Context, r es.Recorded, id, op string, e es.Event) error {
	m := react.Command(r, takerReactor, op)
	m.Access = s.core.Access.Position()
	if _, err := s.offered.Execute(ctx, id, m, func(x suggestion) (es.Event, error) { return x.Take(e) }); err != nil {
		return fmt.Errorf("record that a suggestion was taken: %w", err)
	}
	return nil
}

func codesOf(list []circles.Suggestion, id string) (codes []string, ok bool) {
	for _, one := range list {
		if one.Community != id {
			continue
		}
		for _, r := range one.Reasons {
			codes = append(codes, r.Code)
		}
		return codes, true
	}
	return nil, false
}
