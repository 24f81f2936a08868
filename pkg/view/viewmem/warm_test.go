package viewmem_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

type chip struct {
	ID    string `json:"id"`
	Place int    `json:"place"`
}

// tossed puts a chip to a place; below zero, off the table.
type tossed struct {
	Chip  string
	Place int
}

func (tossed) EventType() string { return "chip.tossed" }

// Chips appear, move, go and come back all the while that indexes are built.
func TestAnIndexIsBuiltWhileDocumentsMove(t *testing.T) {
	const chips = 20_000
	v, err := view.Open(t.Context(), viewmem.Backend{}, view.Spec[chip]{
		Name: "chips", Indexes: []view.Index{{Name: "place", Fields: []string{"place"}}, {Name: "back", Fields: []string{"-place"}}},
		Keys: func(r es.Recorded) []string { return []string{r.Data.(tossed).Chip} },
		Fold: func(key string, d *chip, r es.Recorded) bool {
			*d = chip{key, r.Data.(tossed).Place}
			return d.Place >= 0
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	where := map[string]int{}
	seq := 0
	toss := func() {
		e := tossed{fmt.Sprint(seq * 7919 % chips), (seq*104_729+seq/chips*37)%1000 - 100} // another place each time
		seq++
		where[e.Chip] = e.Place
		if err := v.Apply(t.Context(), []es.Recorded{{Seq: uint64(seq), Data: e}}); err != nil {
			t.Error(err)
		}
	}
	for range chips {
		toss()
	}
	warm := make(chan struct{})
	go func() { v.Warm(t.Context()); close(warm) }()
	for warming := true; warming; {
		select {
		case <-warm:
			warming = false
		default:
			toss()
		}
	}
	var want []chip
	for id, place := range where {
		if place >= 0 {
			want = append(want, chip{id, place})
		}
	}
	for index, order := range map[string]int{"place": 1, "back": -1} {
		slices.SortFunc(want, func(a, b chip) int { return cmp.Or(order*cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID)) })
		var got []chip
		for q := (view.Query{Index: index, Limit: view.MaxLimit - 1}); len(got) == 0 || q.After != ""; {
			page, err := v.Find(t.Context(), q, nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Items...)
			q.After = page.Next
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %d tosses the index %s is not the %d chips in order, but %d others", seq, index, len(want), len(got))
		}
	}
}
