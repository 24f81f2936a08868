package matching_test

import (
	"math"
	"strings"
	"testing"

	"kith/api/events/community"
	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/services/matching"
)

// asked is a service in which ben has answered ada and dan about printers, and ada
// asks again.
func asked(t *testing.T, cfg matching.Config) *bed {
	t.Helper()
	b := start(t, cfg)
	for _, p := range []string{"ada", "ben", "dan", "cyd"} {
		b.person(p, "unit-"+p)
	}
	tagged := func(e *community.RequestRaised) { e.Tags = []string{"printers"} }
	b.profile("cyd", nil, "Printers and laptops")
	for id, asker := range map[string]string{"old": "dan", "older": "ada"} {
		b.raise(id, asker, "Which printer driver works with the new laptops?", tagged)
		b.answer(id, asker, "ben")
	}
	b.raise("new", "ada", "My new laptop finds no printer driver", tagged)
	b.alive()
	return b
}

func (b *bed) proposed(request string) (out events.HelpersProposed) {
	b.t.Helper()
	for r, err := range b.App.Core.Events.Load(b.t.Context(), stream(events.Context, events.Proposal, request), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		if e, ok := r.Data.(events.HelpersProposed); ok {
			out = e
		}
	}
	return out
}

func TestFiguresAreForThoseWhoTheyAreAbout(t *testing.T) {
	b := asked(t, matching.Config{})
	times := func(reader, helper, code string) int {
		for _, h := range b.proposals(reader, "new").Items {
			if r := reasonOf(h.Reasons, api.ReasonCode(code)); h.Person == helper && r != nil && r.Times != nil {
				return *r.Times
			} else if h.Person == helper && r != nil {
				return 0
			}
		}
		return -1
	}
	for _, c := range []struct {
		reader, code string
		want         int
	}{
		{"ben", "answered_similar", 2}, {"ada", "answered_similar", 0}, {"cyd", "answered_similar", 0},
		{"ben", "tag", 2}, {"ada", "tag", 0},
		{"ben", "helped_asker", 1}, {"ada", "helped_asker", 0}, {"cyd", "helped_asker", -1},
	} {
		if got := times(c.reader, "ben", c.code); got != c.want {
			t.Errorf("%s reads %s of ben with %d, want %d", c.reader, c.code, got, c.want)
		}
	}
	t.Run("no figure is readable in the log", func(t *testing.T) {
		for r, err := range b.App.Core.Events.Load(t.Context(), stream(events.Context, events.Proposal, "new"), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(r.Stored.Data), "tenure\":") && !strings.Contains(string(r.Stored.Data), "weights") {
				t.Errorf("it has %s", r.Stored.Data)
			}
			if strings.Contains(string(r.Stored.Data), `"features"`) {
				t.Errorf("it has %s", r.Stored.Data)
			}
		}
	})
}

// What is explained adds up to the score that the log has.
func TestExplain(t *testing.T) {
	b := asked(t, matching.Config{})
	got, err := matching.Explain(t.Context(), b.App.Core.Events, b.App.Core.Vault, "new")
	if err != nil || len(got) != 1 || len(got[0].Helpers) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	const otherUnit = 0.3 // of the default policy
	for _, h := range got[0].Helpers {
		sum := otherUnit - 0.5*math.Log1p(h.Evidence.Load)
		for _, term := range h.Terms {
			sum += term.Product
		}
		if len(h.Terms) == 0 || math.Abs(sum-h.Score) > 0.01 {
			t.Errorf("%s has the score %v, explained is %v: %+v", h.Person, h.Score, sum, h.Terms)
		}
		if h.Propensity <= 0 || h.Propensity > 1 {
			t.Errorf("%s was chosen with a propensity of %v", h.Person, h.Propensity)
		}
	}
	t.Run("of an erased helper nothing is explained", func(t *testing.T) {
		if err := b.App.Core.Vault.Shred(t.Context(), "ben", sealed.Identity, "e1"); err != nil {
			t.Fatal(err)
		}
		got, err := matching.Explain(t.Context(), b.App.Core.Events, b.App.Core.Vault, "new")
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range got[0].Helpers {
			if (h.Person == "ben") != (len(h.Terms) == 0) {
				t.Errorf("%+v", h)
			}
		}
	})
	t.Run("a request that nobody was looked for", func(t *testing.T) {
		if _, err := matching.Explain(t.Context(), b.App.Core.Events, b.App.Core.Vault, "none"); err == nil {
			t.Error("is explained")
		}
	})
}

func TestWorksCouncilModeNamesNothingThatPeopleDid(t *testing.T) {
	b := asked(t, matching.Config{WorksCouncil: true})
	for _, h := range b.proposals("ada", "new").Items {
		for _, r := range h.Reasons {
			if r.Code != "topic" && r.Code != "other_unit" {
				t.Errorf("%s has the reason %+v", h.Person, r)
			}
		}
	}
	for _, one := range b.preview("ada", map[string]any{"title": "My new laptop finds no printer driver", "tags": []string{"printers"}, "beyond": true}) {
		for _, r := range one.Reasons {
			if r.Code != "topic" && r.Code != "other_unit" {
				t.Errorf("a preview has the reason %+v", r)
			}
		}
	}
	e := b.proposed("new")
	if len(e.Helpers) != 2 {
		t.Fatalf("%+v", e)
	}
	for _, h := range e.Helpers {
		if !h.Evidence.IsZero() {
			t.Errorf("the log has figures of %s", h.Person)
		}
	}
}
