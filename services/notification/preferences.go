package notification

import (
	"fmt"
	"slices"

	events "kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// maxRules bounds the rules of one person.
const maxRules = 200

// preferences are what one person wants to hear of. Their version is the
// position of the last change.
type preferences struct {
	rules   []events.Rule
	version uint64
}

func foldPreferences(p *preferences, r es.Recorded) {
	if e, ok := r.Data.(events.PreferencesChanged); ok {
		p.rules, p.version = e.Rules, r.Seq
	}
}

// Change replaces the rules. Returns Stale unless version is the one that
// stands, and Invalid for too many rules or two of the same scope, between
// which only their order could decide.
func (p preferences) Change(rules []events.Rule, version uint64) (es.Event, error) {
	if version != p.version {
		return nil, fault.New(fault.Stale, "Your preferences have been changed since you read them. Read them again and repeat your change.")
	}
	if len(rules) > maxRules {
		return nil, fault.InvalidField("rules", fmt.Sprintf("must be at most %d", maxRules))
	}
	type scope struct{ community, kind string }
	seen := map[scope]bool{}
	for i, r := range rules {
		at := scope{r.Community, r.Kind}
		if seen[at] {
			return nil, fault.InvalidField(fmt.Sprintf("rules.%d", i), "has the same community and kind as a rule before it; keep one of them")
		}
		seen[at] = true
		if _, ok := kindOf(r.Kind); r.Kind != "" && !ok {
			return nil, fault.InvalidField(fmt.Sprintf("rules.%d.kind", i), "is no kind of notification")
		}
	}
	if slices.Equal(rules, p.rules) {
		return nil, nil
	}
	return events.PreferencesChanged{Rules: rules}, nil
}

// wanted is what the rules say of notifications of a kind from a community:
// the rule for both holds, else the one for the community, else the one for
// the kind, else the one for everything, else the kind's default.
func wanted(rules []events.Rule, community, kindName string) (inbox, mail bool) {
	k, _ := kindOf(kindName)
	inbox, mail = k.inbox, k.mail
	best := -1
	for _, r := range rules {
		if r.Community != "" && r.Community != community || r.Kind != "" && r.Kind != kindName {
			continue
		}
		if s := specificity(r); s > best {
			best, inbox, mail = s, r.Inbox, r.Mail
		}
	}
	return inbox, mail
}

// specificity ranks a rule. A community weighs more than a kind: whoever
// silences a community means all of it.
func specificity(r events.Rule) int {
	s := 0
	if r.Community != "" {
		s += 2
	}
	if r.Kind != "" {
		s++
	}
	return s
}
