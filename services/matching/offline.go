package matching

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"kith/pkg/es"
	"kith/pkg/vault"
	"kith/services/matching/engine"
)

// Offline is the index of the service and its ranking, without the process
// around them: for measuring how well it finds. Everybody may be asked there, as
// often as it likes, and everything may be seen. It is safe for concurrent use.
type Offline struct {
	index  *index
	policy engine.Policy
	unit   func(person string) string
}

// NewOffline makes an empty one that opens texts with v, and ranks by the policy
// without the features that are named. Unit is where somebody works, "" if that is
// not known.
func NewOffline(ctx context.Context, policy engine.Policy, unit func(person string) string, without []engine.Feature, v *vault.Vault, log *slog.Logger) *Offline {
	o := &Offline{newIndex(v, log), policy, unit}
	o.index.known.engine.Without(without...)
	o.index.Fill(ctx)
	return o
}

// Apply folds what comes next in the log.
func (o *Offline) Apply(ctx context.Context, batch []es.Recorded) error {
	return o.index.Apply(ctx, batch)
}

// Rank lists everybody who could be proposed for a request that was raised, best
// first: before all others those whom the choice takes.
func (o *Offline) Rank(ctx context.Context, request string, choice engine.Choice, at time.Time) (out []engine.Candidate, err error) {
	people := engine.People{May: func(string) bool { return true }, Unit: o.unit}
	err = o.index.read(ctx, func(k *known) {
		ask := engine.Ask{Request: request, At: at}
		rules := engine.Rules{Weights: k.engine.WeightsFor(ask, nil), Policy: o.policy, Cap: math.MaxInt, Window: defaultWindow}
		ranked := k.engine.Rank(ask, rules, people)
		out = choice.Venture(ranked, choice.Choose(ranked), chanceFor(request, 1))
		first := map[string]bool{}
		for _, c := range out {
			first[c.Person] = true
		}
		for _, c := range ranked {
			if c.Founded() && !first[c.Person] {
				out = append(out, c)
			}
		}
	})
	return out, err
}

// Similar lists at most limit earlier requests that resemble a text, best first.
func (o *Offline) Similar(ctx context.Context, title, body string, limit int) (out []engine.Similar, err error) {
	hits, err := o.index.similar(ctx, typing{title: title, text: body}, limit, nil)
	for _, hit := range hits {
		out = append(out, hit.Similar)
	}
	return out, err
}

// chanceFor is the randomness of a round of a request: the same for every process,
// and no one's to choose.
func chanceFor(request string, round int) *rand.Rand {
	var seed [32]byte
	copy(seed[:], es.ID("matching", "chance", request))
	seed[31] = byte(round)
	return rand.New(rand.NewChaCha8(seed))
}
