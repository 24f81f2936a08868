package cli

import (
	"context"
	"fmt"

	"kith/services/matching/engine"
	"kith/services/matching/eval"
)

// studies are what can be varied in the ranking, with the lines that each gives.
var studies = map[string]func() []variant{
	"spread": func() []variant {
		out := []variant{{"spread=0", eval.Setting{Asks: true}}}
		for _, s := range []float64{.1, .2, .3, .4, .5, .6, .8, 1} {
			out = append(out, variant{fmt.Sprint("spread=", s), eval.Setting{Asks: true, Policy: engine.Policy{Spread: s}}})
		}
		return out
	},
	"ablation": func() []variant {
		out := []variant{{"without=none", eval.Setting{}}}
		for f := range engine.Learned {
			out = append(out, variant{"without=" + f.Name(), eval.Setting{Without: []engine.Feature{f}}})
		}
		return out
	},
	"exploration": func() (out []variant) {
		for _, e := range []float64{0, .05, .1, .2, .5, 1} {
			out = append(out, variant{fmt.Sprint("explore=", e), eval.Setting{Explore: e}})
		}
		return out
	},
	"units": func() (out []variant) {
		for _, w := range []float64{0, .1, .3, 1} {
			out = append(out, variant{fmt.Sprint("other_unit=", w), eval.Setting{Units: units, Policy: engine.Policy{OtherUnit: w}}})
		}
		return append(out, variant{"other_unit=0 across=true", eval.Setting{Units: units, Across: true}})
	},
	"cold": func() []variant {
		return []variant{
			{"profiles=false", eval.Setting{First: cold}},
			{"profiles=true", eval.Setting{First: cold, Profiles: true}},
		}
	},
}

const (
	units = 12  // of the study of units
	cold  = 200 // questions of the study of a cold start
)

// variant is one way of ranking, and the field that says which.
type variant struct {
	name    string
	setting eval.Setting
}

// study measures every variant.
func study(ctx context.Context, kind, name string, questions []eval.Question) error {
	for _, v := range studies[kind]() {
		if err := experts(ctx, "task="+kind+" dataset="+name+" "+v.name, questions, v.setting); err != nil {
			return err
		}
	}
	return nil
}
