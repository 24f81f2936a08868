package matching

import (
	"context"
	"slices"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/services/matching/engine"
)

// reason is why somebody was proposed, with its text open.
type reason struct{ Code, Request, Topic, Tag, Unit string }

// reasonsFor says in codes which features ranked c.
func (f finder) reasonsFor(ctx context.Context, c engine.Candidate, p profile) ([]reason, error) {
	var out []reason
	if c.Similar != "" {
		out = append(out, reason{Code: events.ReasonAnsweredSimilar, Request: c.Similar})
	}
	if c.Topic >= 0 {
		topics, err := f.topics(ctx, p)
		if err != nil {
			return nil, err
		}
		if c.Topic < len(topics) { // unless they were erased just now
			out = append(out, reason{Code: events.ReasonTopic, Topic: topics[c.Topic]})
		}
	}
	if c.Tag != "" {
		out = append(out, reason{Code: events.ReasonTag, Tag: c.Tag})
	}
	if c.Active {
		out = append(out, reason{Code: events.ReasonCommunity})
	}
	if c.OtherUnit {
		out = append(out, reason{Code: events.ReasonOtherUnit, Unit: c.Unit})
	}
	return out, nil
}

func (f finder) topics(ctx context.Context, p profile) ([]string, error) {
	text, _, err := f.core.Vault.Reveal(ctx, p.Lines)
	return lines(text), err
}

// recorded is the form of reasons in events, the topic to be sealed with the
// helper's identity.
func recorded(helper string, reasons []reason) []events.Reason {
	out := make([]events.Reason, len(reasons))
	for i, r := range reasons {
		out[i] = events.Reason{Code: r.Code, Request: r.Request, Tag: r.Tag, Unit: r.Unit,
			Topic: sealed.New(helper, sealed.Identity, r.Topic)}
	}
	return out
}

// readable are the reasons why helper was proposed for a request as reader may
// know them: those for which the reader may see what speaks for them now. Of
// what they did themselves the helper reads every reason, without naming a
// request that they may see no more. A topic is left out if the helper has
// taken it from their profile or shows it to others only.
func (f finder) readable(ctx context.Context, reader, helper string, of *proposalDoc, reasons []events.Reason) ([]reason, error) {
	out := make([]reason, 0, len(reasons))
	sees := f.sees(reader)
	for _, r := range reasons {
		one := reason{Code: r.Code, Request: r.Request, Tag: r.Tag, Unit: r.Unit}
		switch r.Code {
		case events.ReasonAnsweredSimilar:
			var shown bool
			if err := f.index.read(ctx, func(k *known) {
				_, titled := k.titles[r.Request]
				shown = titled && k.engine.HasAnswered(helper, r.Request)
			}); err != nil {
				return nil, err
			}
			if !shown || !f.core.Access.SeesRequest(reader, r.Request) {
				if reader != helper {
					continue
				}
				one.Request = ""
			}
		case events.ReasonTag:
			shown := reader == helper
			if !shown {
				if err := f.index.read(ctx, func(k *known) { shown = k.engine.HasAnsweredTag(helper, r.Tag, of.Request, sees) }); err != nil {
					return nil, err
				}
			}
			if !shown {
				continue
			}
		case events.ReasonCommunity:
			if reader != helper && !f.core.Access.SeesCommunity(reader, of.Community) {
				continue
			}
		case events.ReasonTopic:
			var p profile
			if err := f.index.read(ctx, func(k *known) { p = k.profiles[helper] }); err != nil {
				return nil, err
			}
			if !f.seesTopics(reader, helper, p) {
				continue
			}
			topics, err := f.topics(ctx, p)
			if err != nil {
				return nil, err
			}
			text, ok, err := f.core.Vault.Reveal(ctx, r.Topic)
			if err != nil {
				return nil, err
			}
			if !ok || !slices.Contains(topics, text) {
				continue
			}
			one.Topic = text
		}
		out = append(out, one)
	}
	return out, nil
}

// seesTopics reports whether reader may read what helper can help with.
func (f finder) seesTopics(reader, helper string, p profile) bool {
	switch p.Visibility {
	case "", membership.VisibleOrganisation:
		return !p.Lines.IsZero()
	case membership.VisibleCommunities:
		return reader == helper || f.core.Access.Share(reader, helper)
	default:
		return reader == helper
	}
}
