package matching_test

import (
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/es"
)

// Caps hold and the load is shared when many ask at once, and when all of them
// are widened at once.
func TestLoadOfMany(t *testing.T) {
	t.Parallel()
	cfg := two()
	cfg.Cap = 3
	b := town(t, cfg).linked("c", "l")
	able := []string{"ben", "lia", "lou", "mia"}
	load := func() map[string]int {
		count := map[string]int{}
		last, err := b.App.Core.Events.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range b.App.Core.Events.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := r.Data.(events.HelpersProposed); ok {
				for _, h := range e.Helpers {
					count[h.Person]++
				}
			}
			if r.Seq == last {
				return count
			}
		}
		return count
	}
	// The requests are in the log before the router has seen the first.
	many := func(prefix string, n int) {
		t.Helper()
		core := b.App.Core
		for i := range n {
			s := request(numbered(prefix, i))
			m := es.Meta{Command: numbered("raise-"+prefix, i), Actor: "ada"}
			e, err := core.Vault.Seal(t.Context(), es.EventID(s, m.Command), community.RequestRaised{Asker: "ada", Community: "c", Beyond: true,
				Kind: community.Problem, Title: sealed.New("ada", sealed.Content, "Growing orchids"), Tried: sealed.New("ada", sealed.Content, "water"), Language: "en"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := core.Events.Append(t.Context(), s, 0, m, e); err != nil {
				t.Fatal(err)
			}
		}
		b.Settle()
	}
	many("first", 4)
	for _, person := range able {
		if n := load()[person]; n != 2 {
			t.Errorf("of eight proposals to four who know the same, %s has %d: %v", person, n, load())
		}
	}
	b.pass(4 * time.Hour)
	many("then", 20)
	for i := range 4 {
		b.routed(numbered("first", i), func(r api.Routing) bool { return r.Step != api.RoutingStepCommunity })
	}
	for person, n := range load() {
		if n > cfg.Cap {
			t.Errorf("%s was proposed %d times, with a cap of %d", person, n, cfg.Cap)
		}
	}
	b.alive()
}
