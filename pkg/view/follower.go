package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/pkg/es"
)

// Follower reads the log and hands every event, decoded once, to the folders of
// the process. There is one in each process. What is in memory it folds in one
// lane; views that are stored outside of the process have a lane of their own,
// which is never ahead of the first.
type Follower struct {
	store  es.Store
	memory *lane
	stored *lane
	now    func() time.Time

	mu      sync.Mutex
	end     sighting  // of the log's end, not yet reached
	freshAt time.Time // when the first lane was last known to be at the log's end
}

// sighting is where the log ended at a time.
type sighting struct {
	seq uint64
	at  time.Time
}

const (
	freshEvery = time.Second      // between looks at the log's end
	freshLimit = 30 * time.Second // how old a position may be to decide on
)

// ErrBehind is returned by Wait when the context ends first, together with the
// error of the context.
var ErrBehind = errors.New("view: the position has not been reached yet")

// NewFollower makes a follower of store for folders, which are folded in the
// given order for each batch.
func NewFollower(store es.Store, log *slog.Logger, now func() time.Time, folders ...Folder) *Follower {
	memory := newLane(store, log, nil)
	f := &Follower{store: store, memory: memory, stored: newLane(store, log, memory), now: now}
	f.Add(folders...)
	return f
}

// readier is a folder outside of the process, which learns its position from
// there. Ready is repeated until it succeeds.
type readier interface {
	Ready(ctx context.Context) error
}

// Add appends folders. It must be called before Run.
func (f *Follower) Add(folders ...Folder) {
	for _, v := range folders {
		l := f.memory
		if s, ok := v.(interface{ Stored() bool }); ok && s.Stored() {
			l = f.stored
		}
		l.folders = append(l.folders, v)
	}
}

// OnApplied calls fn with every batch after all folders in memory have folded
// it. It must be called before Run; fn must return quickly, and must neither
// keep batch nor wait for the follower.
func (f *Follower) OnApplied(fn func(batch []es.Recorded)) {
	f.memory.applied = append(f.memory.applied, fn)
}

// Run follows the log until ctx ends, whose error it returns then, or until
// reading fails. It must be called once. Nothing that it started outlives it.
func (f *Follower) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range f.lanes() {
		g.Go(func() error { return l.run(ctx) })
	}
	g.Go(func() error { f.watchEnd(ctx); return nil })
	return g.Wait()
}

// lanes are those that have something to do. The first one always has: what
// waits for it waits for the log.
func (f *Follower) lanes() []*lane {
	if len(f.stored.folders) == 0 {
		return []*lane{f.memory}
	}
	return []*lane{f.memory, f.stored}
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
			f.sight(sighting{last, at})
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (f *Follower) sight(end sighting) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refresh(); !f.end.at.After(f.freshAt) {
		f.end = end
		f.refresh()
	}
}

// refresh notes that the last sighting of the log's end has been reached: the
// process knows all that there was at that time. f.mu is held.
func (f *Follower) refresh() {
	if position, _ := f.memory.at(); position >= f.end.seq && f.end.at.After(f.freshAt) {
		f.freshAt = f.end.at
	}
}

// Fresh reports whether what is in memory, access first of all, was at the log's
// end within the last 30 seconds. Nothing may be permitted on a state that is
// older.
func (f *Follower) Fresh() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refresh()
	return f.now().Sub(f.freshAt) <= freshLimit
}

// Position is the last event that every folder has folded.
func (f *Follower) Position() uint64 {
	position, _ := f.memory.at()
	for _, l := range f.lanes()[1:] {
		other, _ := l.at()
		position = min(position, other)
	}
	return position
}

// Wait returns when every folder has folded the log up to seq, or ErrBehind and
// the error of ctx when that ends.
func (f *Follower) Wait(ctx context.Context, seq uint64) error {
	for _, l := range f.lanes() {
		if err := l.wait(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// Decisions is how far what commands are decided on has been folded: access and
// all else that is in memory, whether stored views can be used or not.
func (f *Follower) Decisions() Decisions { return Decisions{f.memory} }

// Decisions is a position; see Follower.Decisions.
type Decisions struct{ lane *lane }

// Position is the last event folded.
func (d Decisions) Position() uint64 {
	position, _ := d.lane.at()
	return position
}

// Wait is Follower.Wait for what is in memory.
func (d Decisions) Wait(ctx context.Context, seq uint64) error { return d.lane.wait(ctx, seq) }

// CatchUp waits until the process has folded everything that the log held
// when it was called.
func (f *Follower) CatchUp(ctx context.Context) error { return catchUp(ctx, f.store, f.Wait) }

// CatchUp is Follower.CatchUp for what is in memory.
func (d Decisions) CatchUp(ctx context.Context) error { return catchUp(ctx, d.lane.store, d.Wait) }

func catchUp(ctx context.Context, store es.Store, wait func(context.Context, uint64) error) error {
	last, err := store.Last(ctx)
	if err != nil {
		return fmt.Errorf("find the log's end: %w", err)
	}
	return wait(ctx, last)
}

// warmer is a table or folder that can prepare for its first queries.
type warmer interface{ Warm() }

// Warm prepares the folders for their first queries, one after another, until
// ctx ends.
func (f *Follower) Warm(ctx context.Context) {
	for _, v := range f.Folders() {
		if w, ok := v.(warmer); ok && ctx.Err() == nil {
			w.Warm()
		}
	}
}

// Folders are the follower's folders.
func (f *Follower) Folders() []Folder {
	return slices.Concat(f.memory.folders, f.stored.folders)
}
