package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/pkg/es"
	"kith/pkg/tracing"
)

// Follower reads the log and hands every event, decoded once, to the folders of
// the process. There is one in each process. What is in memory it folds in one
// lane; views that are stored outside of the process have a lane of their own,
// which is never ahead of the first.
type Follower struct {
	store  es.Store
	memory *lane
	stored *lane
	unread *unreadable
	now    func() time.Time
	began  time.Time
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
	memory := newLane("memory", store, log, nil)
	f := &Follower{store: store, memory: memory, stored: newLane("stored", store, log, memory), now: now, began: now(),
		unread: &unreadable{log: log, said: map[unread]bool{}}}
	memory.seen = f.unread.see // it reads the whole log
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

// Trace makes spans of folding events that are new, not of those that were in
// the log at the start. It must be called before Run.
func (f *Follower) Trace(t *tracing.Tracer) {
	f.memory.tracer, f.stored.tracer = t, t
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
// the log knows it.
func (f *Follower) watchEnd(ctx context.Context) {
	tick := time.NewTicker(freshEvery)
	defer tick.Stop()
	for {
		at := f.now() // before the look: the log may grow while it is asked
		if last, err := f.store.Last(ctx); err == nil {
			for _, l := range f.lanes() {
				l.sight(sighting{last, at})
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Fresh reports whether what is in memory, access first of all, was at the log's
// end within the last 30 seconds. Nothing may be permitted on a state that is
// older.
func (f *Follower) Fresh() bool {
	_, _, freshAt := f.memory.lag()
	return f.now().Sub(freshAt) <= freshLimit
}

// Lag is how far a lane is behind the log.
type Lag struct {
	Lane     string // memory, stored
	Views    int    // folded in it
	Position uint64
	Events   uint64        // behind the end as it was last seen
	Age      time.Duration // since the lane was known to be at the log's end; from the start on if it never was
}

// Lags are those of the lanes that fold anything.
func (f *Follower) Lags() []Lag {
	var out []Lag
	for _, l := range f.lanes() {
		position, end, freshAt := l.lag()
		if freshAt.IsZero() {
			freshAt = f.began
		}
		out = append(out, Lag{l.name, len(l.folders), position, end - position, f.now().Sub(freshAt)})
	}
	return out
}

// Unreadable is how many events were passed over so far because this process
// cannot read them: newer ones, which a newer version of the product can, and
// damaged ones.
func (f *Follower) Unreadable() (newer, damaged uint64) {
	return f.unread.newer.Load(), f.unread.damaged.Load()
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

// warmer is a table or folder that can prepare for its first queries, until ctx
// ends.
type warmer interface{ Warm(ctx context.Context) }

// Warm prepares the folders for their first queries, one after another, until
// ctx ends.
func (f *Follower) Warm(ctx context.Context) {
	for _, v := range f.Folders() {
		if w, ok := v.(warmer); ok && ctx.Err() == nil {
			w.Warm(ctx)
		}
	}
}

// filler is a folder that has put off folding what was in the log at the start.
type filler interface{ Fill(ctx context.Context) }

// Fill lets folders fold what they have put off, one after another, until ctx
// ends. Who asks them before waits for it.
func (f *Follower) Fill(ctx context.Context) {
	for _, v := range f.Folders() {
		if l, ok := v.(filler); ok && ctx.Err() == nil {
			l.Fill(ctx)
		}
	}
}

// Folders are the follower's folders.
func (f *Follower) Folders() []Folder {
	return slices.Concat(f.memory.folders, f.stored.folders)
}
