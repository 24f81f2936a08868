package matching

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/services/matching/engine"
)

// reason is why somebody was proposed, with its text open.
type reason struct {
	Code, Request, Topic, Tag, Unit string
	Times                           int // how often the helper did what the reason says; 0: not for the reader
}

// reasonsFor says in codes which features ranked c. In works-council mode nobody
// is told what others did.
func (f finder) reasonsFor(ctx context.Context, c engine.Candidate, p profile) ([]reason, error) {
	var out []reason
	history := !f.cfg.WorksCouncil
	if history && c.Similar != "" {
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
	if history && c.Tag != "" {
		out = append(out, reason{Code: events.ReasonTag, Tag: c.Tag})
	}
	if history && c.Helped > 0 {
		out = append(out, reason{Code: events.ReasonHelpedAsker})
	}
	if history && c.Active {
		out = append(out, reason{Code: events.ReasonCommunity})
	}
	if c.OtherUnit {
		out = append(out, reason{Code: events.ReasonOtherUnit, Unit: c.Unit})
	}
	if history && c.Tried {
		out = append(out, reason{Code: events.ReasonNewcomer})
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
//
// Their own figures are for the helper alone. Whether the asker was helped before
// is for the two of them.
func (f finder) readable(ctx context.Context, reader string, of *proposalDoc, line helperLine) ([]reason, error) {
	helper := line.Person
	out := make([]reason, 0, len(line.Reasons))
	sees := f.sees(reader)
	var own events.Evidence
	if reader == helper {
		var err error
		if own, err = openEvidence(ctx, f.core.Vault, line.Evidence); err != nil {
			return nil, err
		}
	}
	for _, r := range line.Reasons {
		one := reason{Code: r.Code, Request: r.Request, Tag: r.Tag, Unit: r.Unit, Times: timesOf(r.Code, own)}
		switch r.Code {
		case events.ReasonHelpedAsker:
			if asker, _ := f.core.Access.Request(of.Request); reader != helper && reader != asker.Asker {
				continue
			}
		case events.ReasonNewcomer:
			if reader != helper {
				continue
			}
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

// openEvidence opens the figures of a helper; zero where there are none any more.
func openEvidence(ctx context.Context, v opener, t sealed.Text) (e events.Evidence, err error) {
	text, ok, err := v.Reveal(ctx, t)
	if err != nil || !ok || text == "" {
		return e, err
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("read the evidence for a helper: %w", err)
	}
	return e, nil
}

// timesOf is how often somebody did what a reason says.
func timesOf(code string, e events.Evidence) int {
	switch code {
	case events.ReasonAnsweredSimilar:
		return e.Like
	case events.ReasonTag:
		return e.Tagged
	case events.ReasonHelpedAsker:
		return e.Helped
	default:
		return 0
	}
}
