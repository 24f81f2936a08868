package matching

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/vault"
)

// Explained is a round of proposals as it was ranked.
type Explained struct {
	Position uint64 // in the log
	At       time.Time
	Round    int
	Policy   string
	Weights  map[string]float64 // by the name of the feature
	Helpers  []ExplainedHelper
}

// ExplainedHelper is somebody who was chosen. Without Features they are not known:
// the helper was erased, or works-council mode keeps no figures.
type ExplainedHelper struct {
	Person            string
	Score, Propensity float64
	Terms             []Term
	Evidence          events.Evidence
}

// Term is what a feature added to a score.
type Term struct {
	Feature                string
	Value, Weight, Product float64
}

// Explain reads from the log how the helpers proposed for a request were ranked,
// round by round. It is for whoever operates Kith and looks into a ranking: the
// figures are those of people. Returns NotFound for a request that nobody was ever
// looked for.
func Explain(ctx context.Context, log es.Store, v *vault.Vault, request string) ([]Explained, error) {
	var out []Explained
	for r, err := range log.Load(ctx, es.Stream{Context: events.Context, Aggregate: events.Proposal, ID: request}, 0) {
		if err != nil {
			return nil, fmt.Errorf("explain %s: %w", request, err)
		}
		e, ok := r.Data.(events.HelpersProposed)
		if !ok {
			continue
		}
		x := Explained{Position: r.Seq, At: r.Time, Round: e.Round, Policy: e.Policy, Weights: e.Weights}
		for _, h := range e.Helpers {
			one := ExplainedHelper{Person: h.Person, Score: h.Score, Propensity: h.Propensity}
			if one.Evidence, err = openEvidence(ctx, v, h.Evidence); err != nil {
				return nil, err
			}
			one.Terms = terms(e.Weights, one.Evidence.Features)
			x.Helpers = append(x.Helpers, one)
		}
		out = append(out, x)
	}
	if out == nil {
		return nil, fault.New(fault.NotFound, "Nobody was ever looked for to help with a request with this id.")
	}
	return out, nil
}

// terms are what features added to a score, what said most first.
func terms(weights, features map[string]float64) []Term {
	var out []Term
	for _, name := range slices.Sorted(maps.Keys(features)) {
		out = append(out, Term{name, features[name], weights[name], weights[name] * features[name]})
	}
	slices.SortStableFunc(out, func(a, b Term) int { return cmp.Compare(math.Abs(b.Product), math.Abs(a.Product)) })
	return out
}
