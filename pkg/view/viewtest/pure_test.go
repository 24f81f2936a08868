package viewtest

import (
	"maps"
	"slices"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
)

type tally struct {
	List []string       `json:"list"`
	By   map[string]int `json:"by"`

	unsaid int
}

func tallySpec(fold func(d *tally, tag string)) view.Spec[tally] {
	return view.Spec[tally]{Name: "tally",
		Keys: func(r es.Recorded) []string { return r.Data.(set).Keys },
		Fold: func(_ string, d *tally, r es.Recorded) bool { fold(d, r.Data.(set).Thing.Name); return true },
	}
}

func TestPure(t *testing.T) {
	events := log(put("a", thing{Name: "x"}), put("a", thing{Name: "y"}), put("b", thing{Name: "y"}), put("a", thing{Name: "z"}), put("a", thing{Name: "v"}))
	events = append(events, at(6, put("a", thing{Name: "w", Tags: []string{"2", "1"}})))
	calls := 0
	for name, c := range map[string]struct {
		fold func(*tally, string)
		pure bool
	}{
		"a fold that copies is pure": {func(d *tally, tag string) {
			d.List, d.By = append(slices.Clip(d.List), tag), maps.Clone(d.By)
			if d.By == nil {
				d.By = map[string]int{}
			}
			d.By[tag]++
		}, true},
		"a fold that writes into an old map is not": {func(d *tally, tag string) {
			if d.By == nil {
				d.By = map[string]int{}
			}
			d.By[tag]++
		}, false},
		"a fold that writes into an old slice is not": {func(d *tally, tag string) {
			d.List = append(d.List, tag)
			slices.Sort(d.List)
			d.List[0] = tag
		}, false},
		"a fold that counts its calls is not": {func(d *tally, _ string) {
			calls++
			d.By = map[string]int{"calls": calls}
		}, false},
		"a fold that builds on what is not in the JSON is not": {func(d *tally, _ string) {
			d.unsaid++
			d.By = map[string]int{"calls": d.unsaid}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			problems := impurities(t, tallySpec(c.fold), events)
			if (len(problems) == 0) != c.pure {
				t.Fatalf("problems found: %q", problems)
			}
		})
	}
	Pure(t, spec("things"), events)
}
