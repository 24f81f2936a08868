package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kith/pkg/es"
)

// Follower reads the whole log once, decodes it once, and hands every event to
// every folder of the process. There is one in each process.
type Follower struct {
	store   es.Store
	folders []Folder
	log     *slog.Logger
	now     func() time.Time

	mu       sync.Mutex
	incoming []es.Recorded // read, not yet folded
	space    *sync.Cond    // incoming has been taken
	arrived  chan struct{} // capacity 1: incoming is not empty

	position uint64        // folded by every folder
	moved    chan struct{} // closed and renewed when position moves
	freshAt  time.Time     // when position was last known to be the log's end
	apply    sync.Mutex    // held while a batch is folded
	applied  []func([]es.Recorded)
}

const (
	maxIncoming = 8192             // events read ahead
	freshEvery  = time.Second      // between looks at the log's end
	freshLimit  = 30 * time.Second // how old a position may be to decide on
	retryFold   = 200 * time.Millisecond
)

// ErrBehind is returned by Wait when the context ends first.
var ErrBehind = errors.New("view: the position has not been reached yet")

// NewFollower makes a follower of store for folders, which are folded in the
// given order for each batch.
func NewFollower(store es.Store, log *slog.Logger, now func() time.Time, folders ...Folder) *Follower {
	f := &Follower{store: store, folders: folders, log: log, now: now,
		arrived: make(chan struct{}, 1), moved: make(chan struct{})}
	f.space = sync.NewCond(&f.mu)
	return f
}

// Add appends folders. It must be called before Run.
func (f *Follower) Add(folders ...Folder) { f.folders = append(f.folders, folders...) }

// OnApplied calls fn with every batch after all folders have folded it. It
// must be called before Run; fn must return quickly.
func (f *Follower) OnApplied(fn func(batch []es.Recorded)) { f.applied = append(f.applied, fn) }

// Run follows the log until ctx ends or reading fails.
func (f *Follower) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, f.space.Broadcast)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- f.read(ctx) }()
	go f.watchEnd(ctx)
	for {
		select {
		case <-f.arrived:
		case err := <-failed:
			return err
		}
		f.mu.Lock()
		batch := f.incoming
		f.incoming = nil
		f.space.Signal()
		f.mu.Unlock()
		if len(batch) == 0 {
			continue
		}
		if err := f.fold(ctx, batch); err != nil {
			return err
		}
	}
}

// read fills incoming; it waits while that is full.
func (f *Follower) read(ctx context.Context) error {
	for r, err := range f.store.Follow(ctx, f.start()) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("follow the log: %w", err)
		}
		f.mu.Lock()
		for len(f.incoming) >= maxIncoming && ctx.Err() == nil {
			f.space.Wait()
		}
		f.incoming = append(f.incoming, r)
		f.mu.Unlock()
		select {
		case f.arrived <- struct{}{}:
		default:
		}
	}
	return ctx.Err()
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

func (f *Follower) fold(ctx context.Context, batch []es.Recorded) error {
	f.apply.Lock()
	defer f.apply.Unlock()
	for _, v := range f.folders {
		for {
			err := v.Apply(ctx, batch)
			if err == nil {
				break
			}
			f.log.Error("view cannot be folded; trying again", "view", v.Name(), "from", batch[0].Seq, "error", err)
			select {
			case <-time.After(retryFold):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	f.mu.Lock()
	f.position = batch[len(batch)-1].Seq
	close(f.moved)
	f.moved = make(chan struct{})
	f.mu.Unlock()
	for _, fn := range f.applied {
		fn(batch)
	}
	return nil
}

// watchEnd compares the position with the log's end, so that a process that
// lags or cannot see the log knows it.
func (f *Follower) watchEnd(ctx context.Context) {
	for tick := time.NewTicker(freshEvery); ; {
		if last, err := f.store.Last(ctx); err == nil {
			f.mu.Lock()
			if f.position >= last {
				f.freshAt = f.now()
			}
			f.mu.Unlock()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
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

// Wait returns when the process has folded the log up to seq, or ErrBehind
// when ctx ends.
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
			return fmt.Errorf("%w: %d", ErrBehind, seq)
		}
	}
}

// CatchUp waits until the process has folded everything that the log held
// when it was called.
func (f *Follower) CatchUp(ctx context.Context) error {
	last, err := f.store.Last(ctx)
	if err != nil {
		return err
	}
	return f.Wait(ctx, last)
}

// Folders are the follower's folders.
func (f *Follower) Folders() []Folder { return f.folders }
