package community

import (
	"context"
	"slices"
	"testing"

	events "kith/api/events/community"
	"kith/pkg/es"
)

// similarOf folds communities founded with these settings, named by their keys.
func similarOf(t *testing.T, all map[string]events.Settings, more ...es.Recorded) *similarity {
	t.Helper()
	s, seq := newSimilarity(), uint64(0)
	apply := func(r es.Recorded) {
		seq++
		r.Seq = seq
		if err := s.Apply(context.Background(), []es.Recorded{r}); err != nil {
			t.Fatal(err)
		}
	}
	for id, set := range all {
		apply(es.Recorded{Stream: es.Stream{Context: events.Context, Aggregate: events.Community, ID: id}, Data: events.CommunityFounded{Settings: set}})
	}
	for _, r := range more {
		apply(r)
	}
	return s
}

func TestSimilarCommunities(t *testing.T) {
	all := map[string]events.Settings{
		"contracts": {Name: "Contract readers", Purpose: "Reading public contracts together", Topics: []string{"procurement"}, Language: "en"},
		"verträge":  {Name: "Verträge verstehen", Purpose: "Wir lesen öffentliche Ausschreibungen", Topics: []string{"Vergabe"}, Language: "de"},
		"garden":    {Name: "Roof gardens", Purpose: "Plants on public buildings", Topics: []string{"green"}, Language: "en"},
	}
	s := similarOf(t, all)
	t.Run("English words meet by their stems, with the word that was shared", func(t *testing.T) {
		got := s.like("Reader of a contract", "", nil)
		if len(got) == 0 || got[0].Community != "contracts" || !slices.Contains(got[0].Shared, "contract") {
			t.Errorf("got %+v, want contracts first, sharing contract", got)
		}
	})
	t.Run("German words meet by their stems", func(t *testing.T) {
		got := s.like("Vertrag", "Ausschreibung verstehen", nil)
		if len(got) != 1 || got[0].Community != "verträge" || !slices.Contains(got[0].Shared, "ausschreibungen") {
			t.Errorf("got %+v, want verträge alone, sharing ausschreibungen", got)
		}
	})
	t.Run("stop words are no likeness", func(t *testing.T) {
		if got := s.like("The community of the network for our people", "die Gemeinschaft und wir", nil); len(got) > 0 {
			t.Errorf("got %+v, want none", got)
		}
	})
	t.Run("the same description has the score 1", func(t *testing.T) {
		c := all["garden"]
		if got := s.like(c.Name, c.Purpose, c.Topics); len(got) == 0 || got[0].Community != "garden" || got[0].Score < 0.999 {
			t.Errorf("got %+v, want garden with 1", got)
		}
	})
	t.Run("rare words tell more than common ones", func(t *testing.T) {
		got := s.like("", "public plants", nil)
		if len(got) == 0 || got[0].Community != "garden" || got[0].Shared[0] != "plants" {
			t.Errorf("got %+v, want garden first for plants", got)
		}
	})
	t.Run("a closed community is not proposed", func(t *testing.T) {
		closed := es.Recorded{Stream: es.Stream{Context: events.Context, Aggregate: events.Community, ID: "garden"}, Data: events.CommunityStateChanged{To: events.Ended}}
		if got := similarOf(t, all, closed).like("Roof gardens", "", nil); len(got) > 0 {
			t.Errorf("got %+v, want none", got)
		}
	})
	t.Run("a rebuilt index is the same", func(t *testing.T) {
		twin, err := similarOf(t, nil).Fresh(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		other := similarOf(t, all)
		a, _ := s.Hash(context.Background())
		b, _ := other.Hash(context.Background())
		if a != b {
			t.Error("the order of events of different communities changes the hash")
		}
		if err := other.Swap(t.Context(), twin); err != nil || len(other.like("Roof gardens", "", nil)) > 0 {
			t.Errorf("after a swap with an empty twin there is still something (%v)", err)
		}
	})
}
