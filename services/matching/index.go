package matching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/text"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/services/matching/engine"
)

// opener opens texts; vault.Vault.
type opener interface {
	Reveal(ctx context.Context, t sealed.Text) (text string, ok bool, err error)
}

// index folds the log into an engine. It opens texts while folding, keeps the
// terms of them only, and drops what belongs to an erased person. It is safe
// for concurrent use and implements view.Rebuilder.
type index struct {
	open     opener
	log      *slog.Logger
	analyser *text.Analyser
	position atomic.Uint64

	mu    sync.RWMutex
	known *known
}

// known is what an index holds: the engine, and what its answers are shown with.
type known struct {
	engine   *engine.Engine
	titles   map[string]title // by request
	profiles map[string]profile
}

// title is what is shown of a similar request, sealed as the log has it.
type title struct {
	Text  sealed.Text
	Kind  string
	State string
}

// profile are the topics of a person, sealed, and who may read them.
type profile struct {
	Lines      sealed.Text
	Visibility string
}

func newIndex(open opener, log *slog.Logger) *index {
	return &index{open: open, log: log, analyser: text.NewAnalyser(), known: newKnown()}
}

func newKnown() *known {
	return &known{engine: engine.New(), titles: map[string]title{}, profiles: map[string]profile{}}
}

// Name is "matching-index".
func (x *index) Name() string { return "matching-index" }

// Position is the last event folded.
func (x *index) Position() uint64 { return x.position.Load() }

// Apply folds a batch. Texts are opened and analysed side by side, for that is
// nearly all of the work; what comes of them is folded in order. Returns an
// error, having folded nothing, if a key is missing.
func (x *index) Apply(ctx context.Context, batch []es.Recorded) error {
	changes := make([]func(*known), len(batch))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const share = 64 // events for one worker at a time
	from := x.position.Load()
	var into *known
	x.read(func(k *known) { into = k }) // Swap waits for a batch to be folded
	for start := 0; start < len(batch); start += share {
		g.Go(func() error {
			for i := start; i < min(start+share, len(batch)); i++ {
				if batch[i].Seq <= from {
					continue
				}
				change, err := x.change(ctx, into, batch[i])
				if err != nil {
					return fmt.Errorf("index %s at %d: %w", batch[i].Type, batch[i].Seq, err)
				}
				changes[i] = change
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, r := range batch {
		if changes[i] != nil {
			changes[i](x.known)
		}
		x.position.Store(max(r.Seq, x.position.Load()))
	}
	return nil
}

// text opens a text. One that was damaged is passed over: it must not keep
// everything after it from being found.
func (x *index) text(ctx context.Context, t sealed.Text) (string, error) {
	s, _, err := x.open.Reveal(ctx, t)
	if errors.Is(err, vault.ErrTampered) {
		x.log.Error("a text cannot be opened and is not indexed", "error", err)
		return "", nil
	}
	return s, err
}

// Hash is equal for indexes that hold the same.
func (x *index) Hash(context.Context) (string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.known.hash()
}

// Fresh returns an empty twin.
func (x *index) Fresh(context.Context) (view.Rebuilder, error) {
	return newIndex(x.open, x.log), nil
}

// Swap takes over what the twin holds.
func (x *index) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*index)
	if !ok {
		return fmt.Errorf("matching: the index cannot take over a %T", twin)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known = t.known
	x.position.Store(t.Position())
	return nil
}

// read calls f with what the index holds, which f must not keep.
func (x *index) read(f func(*known)) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	f(x.known)
}
