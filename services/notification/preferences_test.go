package notification

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	events "kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func TestWanted(t *testing.T) {
	all := events.Rule{Mail: true}
	byKind := events.Rule{Kind: requestRaised, Inbox: true, Mail: true}
	byCommunity := events.Rule{Community: "c"}
	both := events.Rule{Community: "c", Kind: requestRaised, Mail: true}
	for _, c := range []struct {
		name            string
		rules           []events.Rule
		community, kind string
		inbox, mail     bool
	}{
		{"without rules the kind's default holds", nil, "c", requestRaised, true, false},
		{"being asked is mailed by default", nil, "c", askedToHelp, true, true},
		{"a rule for everything beats the default", []events.Rule{all}, "c", requestRaised, false, true},
		{"a rule for the kind beats one for everything", []events.Rule{all, byKind}, "c", requestRaised, true, true},
		{"a rule for the community beats one for the kind", []events.Rule{all, byKind, byCommunity}, "c", requestRaised, false, false},
		{"a rule for both beats every other", []events.Rule{all, byKind, byCommunity, both}, "c", requestRaised, false, true},
		{"a rule for another community says nothing", []events.Rule{byCommunity, both}, "d", requestRaised, true, false},
		{"a rule for another kind says nothing", []events.Rule{byKind, both}, "c", charterRevised, true, false},
		{"what belongs to no community is no community's", []events.Rule{byCommunity}, "", askedToHelp, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if inbox, mail := wanted(c.rules, c.community, c.kind); inbox != c.inbox || mail != c.mail {
				t.Errorf("inbox %v, mail %v; want %v, %v", inbox, mail, c.inbox, c.mail)
			}
		})
	}
}

// The most specific rule holds, in whatever order the rules stand.
func TestMostSpecificRuleHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		community := rapid.SampledFrom([]string{"", "c", "d"})
		name := rapid.SampledFrom([]string{"", requestRaised, askedToHelp})
		rules := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) events.Rule {
			return events.Rule{Community: community.Draw(t, "community"), Kind: name.Draw(t, "kind"),
				Inbox: rapid.Bool().Draw(t, "inbox"), Mail: rapid.Bool().Draw(t, "mail")}
		}), func(r events.Rule) string { return r.Community + "/" + r.Kind }).Draw(t, "rules")
		in, k := rapid.SampledFrom([]string{"c", "d"}).Draw(t, "in"), rapid.SampledFrom([]string{requestRaised, askedToHelp}).Draw(t, "of")

		// What it means, spelled out: ask for each scope from the narrowest on.
		def, _ := kindOf(k)
		wantInbox, wantMail := def.inbox, def.mail
	scopes:
		for _, scope := range [][2]string{{in, k}, {in, ""}, {"", k}, {"", ""}} {
			for _, r := range rules {
				if r.Community == scope[0] && r.Kind == scope[1] {
					wantInbox, wantMail = r.Inbox, r.Mail
					break scopes
				}
			}
		}
		for _, order := range [][]events.Rule{rules, rapid.Permutation(rules).Draw(t, "order")} {
			if inbox, mail := wanted(order, in, k); inbox != wantInbox || mail != wantMail {
				t.Fatalf("%v: inbox %v, mail %v; want %v, %v", order, inbox, mail, wantInbox, wantMail)
			}
		}
	})
}

func TestChangingPreferences(t *testing.T) {
	change := func(version uint64, rules ...events.Rule) func(preferences) (es.Event, error) {
		return func(p preferences) (es.Event, error) { return p.Change(rules, version) }
	}
	quiet := events.Rule{Community: "c"}
	before := events.PreferencesChanged{Rules: []events.Rule{quiet}}

	t.Run("rules_replace_those_before", func(t *testing.T) {
		loud := events.Rule{Inbox: true, Mail: true}
		estest.Given(t, foldPreferences, before).When(change(1, loud)).Then(events.PreferencesChanged{Rules: []events.Rule{loud}})
	})
	t.Run("the_same_rules_change_nothing", func(t *testing.T) {
		estest.Given(t, foldPreferences, before).When(change(1, quiet)).Nothing()
	})
	t.Run("an_older_version_is_stale", func(t *testing.T) {
		estest.Given(t, foldPreferences, before).When(change(0)).Fails(fault.Stale)
	})
	t.Run("two_rules_of_one_scope_are_refused", func(t *testing.T) {
		estest.Given(t, foldPreferences).When(change(0, quiet, events.Rule{Community: "c", Mail: true})).Fails(fault.Invalid)
	})
	t.Run("unknown_kinds_are_refused", func(t *testing.T) {
		estest.Given(t, foldPreferences).When(change(0, events.Rule{Kind: "gossip"})).Fails(fault.Invalid)
	})
	t.Run("more_than_200_rules_are_refused", func(t *testing.T) {
		var many []events.Rule
		for i := range maxRules + 1 {
			many = append(many, events.Rule{Community: fmt.Sprint(i)})
		}
		estest.Given(t, foldPreferences).When(change(0, many...)).Fails(fault.Invalid)
	})
}
