package matching

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

// late is what an index has been given and not folded yet. At a start that is
// everything: opening and reading the words of every text would be a quarter of
// the time until the process is ready, and nothing but ranking needs them. It
// is made up for right after (Fill), while the index goes on to be given what is
// new; who asks the index before waits. It is safe for concurrent use.
type late struct {
	filling sync.Mutex // by one at a time

	mu    sync.Mutex
	over  bool
	waits [][]fact      // in order; as they came
	ended chan struct{} // closed when it is over
}

// fact is what the index keeps of an event until it is folded.
type fact struct {
	seq    uint64
	stream es.Stream
	typ    string
	at     time.Time // when it was appended
	data   es.Event

	occurred time.Time // before that, for imported events
}

func factOf(r es.Recorded) fact {
	return fact{r.Seq, r.Stream, r.Type, r.Time, r.Data, r.Occurred()}
}

func newLate() *late { return &late{ended: make(chan struct{})} }

// keep takes facts for later; false once that is over.
func (l *late) keep(facts []fact) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.waits = append(l.waits, facts)
	return true
}

// next is what is to be folded first, and second what comes after it; nil if
// there is nothing. When there is nothing at all it is over.
func (l *late) next() (first, second []fact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.over:
	case len(l.waits) == 0:
		l.over = true
		close(l.ended)
	case len(l.waits) == 1:
		first = l.waits[0]
	default:
		first, second = l.waits[0], l.waits[1]
	}
	return first, second
}

// done takes away what is folded: it is garbage now, and there is much of it.
func (l *late) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits[0] = nil
	l.waits = l.waits[1:]
}

// await returns when it is over, or view.ErrBehind with the error of ctx.
func (l *late) await(ctx context.Context) error {
	select {
	case <-l.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: the index is still being filled: %w", view.ErrBehind, ctx.Err())
	}
}

// retryFill is the pause before what could not be folded is tried again.
const retryFill = time.Second

// fill folds what l holds, until there is nothing left or ctx ends. While one
// batch is folded, changes reads the texts of the next.
func fill[C any](ctx context.Context, l *late, log *slog.Logger, changes func(context.Context, []fact) ([]C, error), fold func([]C)) {
	l.filling.Lock()
	defer l.filling.Unlock()
	var ready []C // of first, if it was second
	for first, second := l.next(); first != nil; first, second = l.next() {
		for ready == nil {
			var err error
			if ready, err = changes(ctx, first); err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			log.Error("the index cannot be filled; trying again", "error", err)
			select {
			case <-time.After(retryFill):
			case <-ctx.Done():
				return
			}
		}
		var after []C
		var g sync.WaitGroup
		if second != nil {
			g.Go(func() { after, _ = changes(ctx, second) }) // what fails is tried again when it is first
		}
		fold(ready)
		l.done()
		g.Wait()
		ready = after
	}
}
