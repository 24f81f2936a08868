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
)

// Follower reads the whole log once, decodes it once, and hands every event to
// every folder of the process. There is one in each process.
type Follower struct {
	store   es.Store
	folders []Folder
	applied []func([]es.Recorded)
	log     *slog.Logger
	now     func() time.Time

	ahead *readAhead
	// apply is held while a batch is folded or a view swapped. A channel, so
	// that waiting for it ends with the context.
	apply chan struct{}

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
	freshEvery = time.Second      // between looks at the log's end
	freshLimit = 30 * time.Second // how old a position may be to decide on
	retryFold  = 200 * time.Millisecond

	worthSharing = 64 // events of a batch that is folded on several processors
)

// ErrBehind is returned by Wait when the context ends first, together with the
// error of the context.
var ErrBehind = errors.New("view: the position has not been reached yet")

// NewFollower makes a follower of store for folders, which are folded in the
// given order for each batch.
func NewFollower(store es.Store, log *slog.Logger, now func() time.Time, folders ...Folder) *Follower {
	return &Follower{store: store, folders: folders, log: log, now: now,
		ahead: newReadAhead(), apply: make(chan struct{}, 1), moved: make(chan struct{})}
}

// Add appends folders. It must be called before Run.
func (f *Follower) Add(folders ...Folder) { f.folders = append(f.folders, folders...) }

// OnApplied calls fn with every batch after all folders have folded it. It
// must be called before Run; fn must return quickly, and must neither keep batch
// nor wait for the follower.
func (f *Follower) OnApplied(fn func(batch []es.Recorded)) { f.applied = append(f.applied, fn) }

// Run follows the log until ctx ends, whose error it returns then, or until
// reading fails. It must be called once. Nothing that it started outlives it.
func (f *Follower) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	start := f.start()
	f.reached(start)
	failed := make(chan error, 1)
	parts.Go(func() { failed <- f.read(ctx, start) })
	parts.Go(func() { f.watchEnd(ctx) })
	for {
		select {
		case <-f.ahead.filled:
		case err := <-failed:
			return err
		}
		if batch := f.ahead.take(); len(batch) > 0 {
			if err := f.fold(ctx, batch); err != nil {
				return err
			}
		}
	}
}

// read fills the read-ahead; it waits while that is full.
func (f *Follower) read(ctx context.Context, start uint64) error {
	for r, err := range f.store.Follow(ctx, start) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		if err := f.ahead.put(ctx, r); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.New("follow the log: the store stopped without an error")
}

// start is the lowest position of all folders.
func (f *Follower) start() uint64 {
	if len(f.folders) == 0 {
		return 0
	}
	low := f.folders[0].Position()
	for _, v := range f.folders[1:] {
		low = min(low, v.Position())
	}
	return low
}

// fold hands batch to every folder, and tries again those that fail. Whoever
// has folded the batch already is not given it again, and between attempts a
// failing view can be rebuilt.
func (f *Follower) fold(ctx context.Context, batch []es.Recorded) error {
	for left := f.folders; len(left) > 0; {
		failed, err := f.attempt(ctx, left, batch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if left = failed; err == nil {
			continue
		}
		f.log.Error("views cannot be folded; trying again", "views", names(failed), "from", batch[0].Seq, "error", err)
		select {
		case <-time.After(retryFold):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.reached(batch[len(batch)-1].Seq)
	for _, fn := range f.applied {
		fn(batch)
	}
	return nil
}

// attempt hands batch to folders once and returns those that failed. The
// first folder of the process goes first, for the others may ask it; they are
// shared out to the processors where a batch is worth it.
func (f *Follower) attempt(ctx context.Context, folders []Folder, batch []es.Recorded) (failed []Folder, err error) {
	if err := f.hold(ctx); err != nil {
		return folders, err
	}
	defer f.release()
	if folders[0] == f.folders[0] {
		if err := folders[0].Apply(ctx, batch); err != nil {
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
			errs[i] = folders[i].Apply(ctx, batch)
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

func names(folders []Folder) []string {
	var out []string
	for _, v := range folders {
		out = append(out, v.Name())
	}
	return out
}

// hold keeps folding away until release.
func (f *Follower) hold(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case f.apply <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Follower) release() { <-f.apply }

// reached moves the position and wakes who waits for it.
func (f *Follower) reached(seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.position = seq
	f.refresh()
	close(f.moved)
	f.moved = make(chan struct{})
}

// refresh notes that the last sighting of the log's end has been reached:
// the process knows all that there was at that time. f.mu is held.
func (f *Follower) refresh() {
	if f.position >= f.end.seq && f.end.at.After(f.freshAt) {
		f.freshAt = f.end.at
	}
}

// watchEnd looks at the log's end, so that a process that lags or cannot see
// the log knows it. A sighting stands until it is reached, so that a process
// under load is as fresh as its lag is short.
func (f *Follower) watchEnd(ctx context.Context) {
	tick := time.NewTicker(freshEvery)
	defer tick.Stop()
	for {
		at := f.now() // before the look: the log may grow while it is asked
		if last, err := f.store.Last(ctx); err == nil {
			f.mu.Lock()
			if f.position >= f.end.seq {
				f.end = sighting{last, at}
				f.refresh()
			}
			f.mu.Unlock()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Position is the last event that every folder has folded.
func (f *Follower) Position() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.position
}

// Fresh reports whether the process was at the log's end within the last 30
// seconds. Nothing may be permitted on a state that is older.
func (f *Follower) Fresh() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now().Sub(f.freshAt) <= freshLimit
}

// Wait returns when the process has folded the log up to seq, or ErrBehind and
// the error of ctx when that ends.
func (f *Follower) Wait(ctx context.Context, seq uint64) error {
	for {
		f.mu.Lock()
		reached, moved := f.position >= seq, f.moved
		f.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: %d: %w", ErrBehind, seq, ctx.Err())
		}
	}
}

// CatchUp waits until the process has folded everything that the log held
// when it was called.
func (f *Follower) CatchUp(ctx context.Context) error {
	last, err := f.store.Last(ctx)
	if err != nil {
		return fmt.Errorf("find the log's end: %w", err)
	}
	return f.Wait(ctx, last)
}

// warmer is a table or folder that can prepare for its first queries.
type warmer interface{ Warm() }

// Warm prepares the folders for their first queries, one after another, until
// ctx ends.
func (f *Follower) Warm(ctx context.Context) {
	for _, v := range f.folders {
		if w, ok := v.(warmer); ok && ctx.Err() == nil {
			w.Warm()
		}
	}
}

// Folders are the follower's folders.
func (f *Follower) Folders() []Folder { return f.folders }
