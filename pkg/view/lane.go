package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"kith/pkg/es"
	"kith/pkg/tracing"
)

// lane reads the log, decodes it, and hands every event to its folders. What is
// in memory has one; what is in a store that can be down or slow has another,
// so that it holds nobody up.
type lane struct {
	name    string
	store   es.Store
	folders []Folder
	applied []func([]es.Recorded)
	before  *lane // has folded every event first; nil: none has to
	log     *slog.Logger
	tracer  *tracing.Tracer   // nil: no spans
	seen    func(es.Recorded) // called with every event that is read; nil: nobody looks

	ahead *readAhead
	// folding is held while a batch is folded or a view swapped. A channel, so
	// that waiting for it ends with the context.
	folding chan struct{}

	mu       sync.Mutex
	position uint64        // folded by every folder
	moved    chan struct{} // closed and renewed when position moves
	end      sighting      // of the log's end, not yet reached
	freshAt  time.Time     // when position was last known to be the log's end
}

// sighting is where the log ended at a time.
type sighting struct {
	seq uint64
	at  time.Time
}

const (
	firstRetry   = 200 * time.Millisecond // doubled with each further one
	longestRetry = 5 * time.Second

	worthSharing = 64 // events of a batch that is folded on several processors
)

func newLane(name string, store es.Store, log *slog.Logger, before *lane) *lane {
	return &lane{name: name, store: store, log: log, before: before,
		ahead: newReadAhead(), folding: make(chan struct{}, 1), moved: make(chan struct{})}
}

// run follows the log until ctx ends, whose error it returns then, or until
// reading fails. Nothing that it started outlives it.
func (l *lane) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	if err := l.begin(ctx); err != nil {
		return err
	}
	start := l.start()
	l.reached(start)
	failed := make(chan error, 1)
	parts.Go(func() { failed <- l.read(ctx, start) })
	for {
		select {
		case <-l.ahead.filled:
		case err := <-failed:
			return err
		}
		if batch := l.ahead.take(); len(batch) > 0 {
			if err := l.fold(ctx, batch); err != nil {
				return err
			}
		}
	}
}

// begin waits until every folder knows its position.
func (l *lane) begin(ctx context.Context) error {
	for _, f := range l.folders {
		r, ok := f.(readier)
		for pause := firstRetry; ok; pause = min(2*pause, longestRetry) {
			err := r.Ready(ctx)
			if err == nil {
				break
			}
			l.log.Error("a view cannot be used yet; trying again", "view", f.Name(), "error", err)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// read fills the read-ahead; it waits while that is full.
func (l *lane) read(ctx context.Context, start uint64) error {
	for r, err := range l.store.Follow(ctx, start) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		if l.seen != nil {
			l.seen(r)
		}
		if err := l.ahead.put(ctx, r); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.New("follow the log: the store stopped without an error")
}

// start is the lowest position of all folders.
func (l *lane) start() uint64 {
	if len(l.folders) == 0 {
		return 0
	}
	low := l.folders[0].Position()
	for _, v := range l.folders[1:] {
		low = min(low, v.Position())
	}
	return low
}

// fold hands batch to every folder, and tries again those that fail. Whoever
// has folded the batch already is not given it again, and between attempts a
// failing view can be rebuilt.
func (l *lane) fold(ctx context.Context, batch []es.Recorded) error {
	last := batch[len(batch)-1].Seq
	if l.before != nil {
		if err := l.before.wait(ctx, last); err != nil {
			return err
		}
	}
	left, pause := l.folders, firstRetry
	traced := l.traced(batch)
	for len(left) > 0 {
		failed, err := l.attempt(ctx, left, batch, traced)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(failed) < len(left) {
			pause = firstRetry
		}
		if left = failed; err == nil {
			continue
		}
		l.log.Error("views cannot be folded; trying again", "views", names(failed), "from", batch[0].Seq, "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, longestRetry)
	}
	l.reached(last)
	for _, fn := range l.applied {
		fn(batch)
	}
	return nil
}

// attempt hands batch to folders once and returns those that failed. The
// first folder of all goes first, for the others may ask it; they are
// shared out to the processors where a batch is worth it. What is folded of
// traced, events of the batch, is shown by spans.
func (l *lane) attempt(ctx context.Context, folders []Folder, batch []es.Recorded, traced []*es.Recorded) (failed []Folder, err error) {
	if err := l.hold(ctx); err != nil {
		return folders, err
	}
	defer l.release()
	if l.before == nil && folders[0] == l.folders[0] {
		if err := l.apply(ctx, folders[0], batch, traced); err != nil {
			return folders, err
		}
		folders = folders[1:]
	}
	workers := min(runtime.GOMAXPROCS(0), len(folders))
	if len(batch) < worthSharing {
		workers = min(workers, 1)
	}
	var (
		next atomic.Int64
		wg   sync.WaitGroup
		errs = make([]error, len(folders))
	)
	work := func() {
		for i := int(next.Add(1)) - 1; i < len(folders); i = int(next.Add(1)) - 1 {
			errs[i] = l.apply(ctx, folders[i], batch, traced)
		}
	}
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	for i, e := range errs {
		if e != nil {
			failed = append(failed, folders[i])
		}
	}
	return failed, errors.Join(errs...)
}

// traced are the events of batch whose traces go on here: none while the lane
// reads what was in the log when it started.
func (l *lane) traced(batch []es.Recorded) (events []*es.Recorded) {
	if l.tracer == nil {
		return nil
	}
	if _, _, freshAt := l.lag(); freshAt.IsZero() {
		return nil
	}
	for i := range batch {
		if l.tracer.Follows(&batch[i]) {
			events = append(events, &batch[i])
		}
	}
	return events
}

// apply hands batch to f, with a span for each traced event that f is known to
// take notice of.
func (l *lane) apply(ctx context.Context, f Folder, batch []es.Recorded, traced []*es.Recorded) error {
	if len(traced) == 0 {
		return f.Apply(ctx, batch)
	}
	var spans []tracing.Span
	if v, ok := f.(interface{ Touches(r es.Recorded) bool }); ok {
		for _, r := range traced {
			if v.Touches(*r) {
				spans = append(spans, l.tracer.Fold(f.Name(), r))
			}
		}
	}
	err := f.Apply(ctx, batch)
	failure := ""
	if err != nil {
		failure = foldFailed
	}
	for _, s := range spans {
		s.End(failure)
	}
	return err
}

// foldFailed is the code that a span shows for a view that could not be folded.
const foldFailed = "failed"

func names(folders []Folder) []string {
	var out []string
	for _, v := range folders {
		out = append(out, v.Name())
	}
	return out
}

// hold keeps folding away until release.
func (l *lane) hold(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case l.folding <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lane) release() { <-l.folding }

// reached moves the position and wakes who waits for it.
func (l *lane) reached(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.position = seq
	l.refresh()
	close(l.moved)
	l.moved = make(chan struct{})
}

// sight takes in a look at the log's end. A sighting stands until it is
// reached, so that a lane under load is as fresh as its lag is short.
func (l *lane) sight(end sighting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.position >= l.end.seq {
		l.end = end
		l.refresh()
	}
}

// refresh notes that the last sighting of the log's end has been reached: the
// lane knows all that there was at that time. l.mu is held.
func (l *lane) refresh() {
	if l.position >= l.end.seq && l.end.at.After(l.freshAt) {
		l.freshAt = l.end.at
	}
}

// lag is how far the lane is, and when it was last at the log's end.
func (l *lane) lag() (position, end uint64, freshAt time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position, max(l.end.seq, l.position), l.freshAt
}

// at is the last event that every folder has folded, and what is closed when
// that changes.
func (l *lane) at() (uint64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position, l.moved
}

// wait returns when the lane has folded the log up to seq, or ErrBehind and the
// error of ctx when that ends.
func (l *lane) wait(ctx context.Context, seq uint64) error {
	for {
		position, moved := l.at()
		if position >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: %d: %w", ErrBehind, seq, ctx.Err())
		}
	}
}
