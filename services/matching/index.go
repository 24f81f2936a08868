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
	late     *late // what was before Fill

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

// newIndex makes an index that folds nothing before it is filled.
func newIndex(open opener, log *slog.Logger) *index {
	return &index{open: open, log: log, analyser: text.NewAnalyser(), late: newLate(), known: newKnown()}
}

func newKnown() *known {
	return &known{engine: engine.New(), titles: map[string]title{}, profiles: map[string]profile{}}
}

// Name is "matching-index".
func (x *index) Name() string { return "matching-index" }

// Position is the last event folded.
func (x *index) Position() uint64 { return x.position.Load() }

// Apply folds a batch, or keeps it until Fill. Returns an error, having folded
// nothing, if a key is missing.
func (x *index) Apply(ctx context.Context, batch []es.Recorded) error {
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

// change is what an event does to what is known; nil: nothing.
type change func(*known)

// changes opens and analyses the texts of facts side by side, for that is nearly
// all of the work.
func (x *index) changes(ctx context.Context, facts []fact) ([]change, error) {
	all := make([]change, len(facts))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const share = 64 // events for one worker at a time
	x.mu.RLock()
	into := x.known // Swap waits for a batch to be folded
	x.mu.RUnlock()
	for start := 0; start < len(facts); start += share {
		g.Go(func() (err error) {
			for i := start; i < min(start+share, len(facts)); i++ {
				if all[i], err = x.change(ctx, into, facts[i]); err != nil {
					return fmt.Errorf("index %s at %d: %w", facts[i].typ, facts[i].seq, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}

// fold makes changes in order.
func (x *index) fold(changes []change) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range changes {
		if c != nil {
			c(x.known)
		}
	}
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
func (x *index) Hash(ctx context.Context) (sum string, err error) {
	if failed := x.read(ctx, func(k *known) { sum, err = k.hash() }); failed != nil {
		return "", failed
	}
	return sum, err
}

// Fresh returns an empty twin, which folds at once.
func (x *index) Fresh(ctx context.Context) (view.Rebuilder, error) {
	twin := newIndex(x.open, x.log)
	twin.Fill(ctx)
	return twin, nil
}

// Swap takes over what the twin holds.
func (x *index) Swap(ctx context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*index)
	if !ok {
		return fmt.Errorf("matching: the index cannot take over a %T", twin)
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

// read calls f with what the index holds, which f must not keep. Before the
// index is filled it waits for that, and returns view.ErrBehind if ctx ends first.
func (x *index) read(ctx context.Context, f func(*known)) error {
	if err := x.late.await(ctx); err != nil {
		return err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	f(x.known)
	return nil
}
