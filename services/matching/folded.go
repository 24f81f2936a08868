package matching

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"kith/pkg/es"
	"kith/pkg/view"
)

// folded is something that is folded from the log into memory, after the start
// (see late), and can be rebuilt. It is safe for concurrent use and implements
// view.Rebuilder.
type folded[K any] struct {
	spec     foldedSpec[K]
	position atomic.Uint64
	late     *late // what was before Fill

	mu    sync.RWMutex
	known *K
}

// foldedSpec is what a folded is made of.
type foldedSpec[K any] struct {
	name  string
	log   *slog.Logger
	empty func() *K
	// changes says what facts do to what is known: in their order, nil for those
	// that are passed over. It is called for a batch while the one before is made.
	changes func(ctx context.Context, known *K, facts []fact) ([]func(*K), error)
	hash    func(*K) (string, error)
}

func newFolded[K any](s foldedSpec[K]) *folded[K] {
	return &folded[K]{spec: s, late: newLate(), known: s.empty()}
}

// Name is what operators call it.
func (x *folded[K]) Name() string { return x.spec.name }

// Position is the last event folded.
func (x *folded[K]) Position() uint64 { return x.position.Load() }

// Apply folds a batch, or keeps it until Fill. Returns an error, having folded
// nothing, if a key is missing.
func (x *folded[K]) Apply(ctx context.Context, batch []es.Recorded) error {
	from := x.position.Load()
	facts := make([]fact, 0, len(batch))
	for _, r := range batch {
		if r.Seq > from {
			facts = append(facts, factOf(r))
		}
	}
	if len(facts) == 0 {
		return nil
	}
	if !x.late.keep(facts) {
		changes, err := x.changes(ctx, facts)
		if err != nil {
			return err
		}
		x.fold(changes)
	}
	x.position.Store(facts[len(facts)-1].seq)
	return nil
}

// Fill folds what came before it, until there is nothing left or ctx ends.
func (x *folded[K]) Fill(ctx context.Context) { fill(ctx, x.late, x.spec.log, x.changes, x.fold) }

func (x *folded[K]) changes(ctx context.Context, facts []fact) ([]func(*K), error) {
	x.mu.RLock()
	known := x.known // Swap waits for a batch to be folded
	x.mu.RUnlock()
	return x.spec.changes(ctx, known, facts)
}

// fold makes changes in order.
func (x *folded[K]) fold(changes []func(*K)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range changes {
		if c != nil {
			c(x.known)
		}
	}
}

// Hash is equal for those that hold the same.
func (x *folded[K]) Hash(ctx context.Context) (sum string, err error) {
	if failed := x.read(ctx, func(k *K) { sum, err = x.spec.hash(k) }); failed != nil {
		return "", failed
	}
	return sum, err
}

// Fresh returns an empty twin, which folds at once.
func (x *folded[K]) Fresh(ctx context.Context) (view.Rebuilder, error) {
	twin := newFolded(x.spec)
	twin.Fill(ctx)
	return twin, nil
}

// Swap takes over what the twin holds.
func (x *folded[K]) Swap(ctx context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*folded[K])
	if !ok {
		return fmt.Errorf("matching: %s cannot take over a %T", x.spec.name, twin)
	}
	if err := x.late.await(ctx); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known = t.known
	x.position.Store(t.Position())
	return nil
}

// read calls f with what is known, which f must not keep. Before it is filled it
// waits for that, and returns view.ErrBehind if ctx ends first.
func (x *folded[K]) read(ctx context.Context, f func(*K)) error {
	if err := x.late.await(ctx); err != nil {
		return err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	f(x.known)
	return nil
}
