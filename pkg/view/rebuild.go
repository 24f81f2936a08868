package view

import (
	"context"
	"fmt"

	"kith/pkg/es"
)

// Rebuilt is the outcome of a rebuild. Equal hashes say that the live view was
// what the log says; unequal ones that it was not, and now is.
type Rebuilt struct {
	View   string `json:"view"`
	Events uint64 `json:"events"` // position up to which was folded
	Before string `json:"before"` // hash of the live view at that position
	After  string `json:"after"`  // hash of the view folded from the start
}

// catchUpRounds bounds how often a rebuild runs after a log that grows
// meanwhile, before it holds folding up.
const catchUpRounds = 8

// Rebuild folds the folder called name from the beginning of the log, beside
// the live one, and swaps it in. Live reads go on meanwhile; folding too, but
// for the last few events and the comparison. progress may be nil. Returns
// ErrQuery for a name that is not among Rebuildable; after any error the live
// folder is what it was.
func (f *Follower) Rebuild(ctx context.Context, name string, progress func(done, total uint64)) (Rebuilt, error) {
	lane, live, err := f.rebuilder(name)
	if err != nil {
		return Rebuilt{}, err
	}
	out, err := lane.rebuild(ctx, live, progress)
	if err != nil {
		return Rebuilt{}, fmt.Errorf("rebuild %s: %w", name, err)
	}
	return out, nil
}

func (l *lane) rebuild(ctx context.Context, live Rebuilder, progress func(done, total uint64)) (Rebuilt, error) {
	twin, err := live.Fresh(ctx)
	if err != nil {
		return Rebuilt{}, err
	}
	for range catchUpRounds {
		if twin.Position()+replayBatch >= live.Position() {
			break
		}
		if err := l.replay(ctx, twin, live.Position(), progress); err != nil {
			return Rebuilt{}, err
		}
	}
	if err := l.hold(ctx); err != nil {
		return Rebuilt{}, err
	}
	defer l.release()
	// The live folder's own position: it may be ahead of the others' by a batch.
	out := Rebuilt{View: live.Name(), Events: live.Position()}
	if err := l.replay(ctx, twin, out.Events, progress); err != nil {
		return Rebuilt{}, err
	}
	if out.Before, err = live.Hash(ctx); err != nil {
		return Rebuilt{}, err
	}
	if out.After, err = twin.Hash(ctx); err != nil {
		return Rebuilt{}, err
	}
	return out, live.Swap(ctx, twin)
}

// Rebuildable names the folders that Rebuild accepts.
func (f *Follower) Rebuildable() []string {
	var names []string
	for _, v := range f.Folders() {
		if _, ok := v.(Rebuilder); ok {
			names = append(names, v.Name())
		}
	}
	return names
}

func (f *Follower) rebuilder(name string) (*lane, Rebuilder, error) {
	for _, l := range f.lanes() {
		for _, v := range l.folders {
			if r, ok := v.(Rebuilder); ok && v.Name() == name {
				return l, r, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("%w: there is no view %q to rebuild", ErrQuery, name)
}

const replayBatch = 512

// replay folds twin from its position up to and including end.
func (l *lane) replay(ctx context.Context, twin Folder, end uint64, progress func(done, total uint64)) error {
	if twin.Position() >= end {
		return nil
	}
	batch := make([]es.Recorded, 0, replayBatch)
	for r, err := range l.store.Follow(ctx, twin.Position()) {
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		batch = append(batch, r)
		if len(batch) < replayBatch && r.Seq < end {
			continue
		}
		if err := twin.Apply(ctx, batch); err != nil {
			return err
		}
		if progress != nil {
			progress(r.Seq, end)
		}
		if r.Seq >= end {
			return nil
		}
		batch = batch[:0]
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the log ended at %d, before %d", twin.Position(), end)
}
