package matching

import (
	"context"
	"log/slog"
	"time"

	"kith/pkg/es"
	"kith/pkg/vault"
	"kith/services/matching/engine"
)

// Offline is the index of the service and its ranking, without the process
// around them: for measuring how well it finds. Everybody may be asked there,
// everything may be seen, and nobody's unit is known. It is safe for concurrent
// use.
type Offline struct {
	index *index
	rules engine.Rules
}

// NewOffline makes an empty one that opens texts with v. It returns an error for
// a configuration that cannot be.
func NewOffline(ctx context.Context, cfg Config, v *vault.Vault, log *slog.Logger) (*Offline, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	o := &Offline{newIndex(v, log), cfg.rules()}
	o.index.Fill(ctx)
	return o, nil
}

// Apply folds what comes next in the log.
func (o *Offline) Apply(ctx context.Context, batch []es.Recorded) error {
	return o.index.Apply(ctx, batch)
}

// Rank lists everybody who could be proposed for a request that was raised, best
// first: those of whom the router takes the first ones.
func (o *Offline) Rank(ctx context.Context, request string, at time.Time) (out []engine.Candidate, err error) {
	people := engine.People{
		May:  func(string) bool { return true },
		Unit: func(string) string { return "" },
	}
	err = o.index.read(ctx, func(k *known) {
		ranked := k.engine.Rank(engine.Ask{Request: request, At: at}, o.rules, people)
		out = engine.Choice{Count: len(ranked)}.Choose(ranked)
	})
	return out, err
}

// Similar lists at most limit earlier requests that resemble a text, best first.
func (o *Offline) Similar(ctx context.Context, typed string, limit int) ([]engine.Similar, error) {
	hits, _, err := o.index.similar(ctx, typing{text: typed}, limit, nil)
	return hits, err
}
