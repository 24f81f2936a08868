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

// Rebuild folds the folder called name from the beginning of the log, beside
// the live one, and swaps it in. Live reads and folding go on meanwhile; they
// pause for the last few events only. progress may be nil.
func (f *Follower) Rebuild(ctx context.Context, name string, progress func(done, total uint64)) (Rebuilt, error) {
	live, err := f.rebuilder(name)
	if err != nil {
		return Rebuilt{}, err
	}
	twin, err := live.Fresh(ctx)
	if err != nil {
		return Rebuilt{}, fmt.Errorf("rebuild %s: %w", name, err)
	}
	// Most of the log without holding anything up, the rest under the lock.
	if err := f.replay(ctx, twin, f.Position(), progress); err != nil {
		return Rebuilt{}, fmt.Errorf("rebuild %s: %w", name, err)
	}
	f.apply.Lock()
	defer f.apply.Unlock()
	end := f.Position()
	if err := f.replay(ctx, twin, end, progress); err != nil {
		return Rebuilt{}, fmt.Errorf("rebuild %s: %w", name, err)
	}
	out := Rebuilt{View: name, Events: end}
	if out.Before, err = live.Hash(ctx); err != nil {
		return out, err
	}
	if out.After, err = twin.Hash(ctx); err != nil {
		return out, err
	}
	return out, live.Swap(twin)
}

// Rebuildable names the folders that Rebuild accepts.
func (f *Follower) Rebuildable() []string {
	var names []string
	for _, v := range f.folders {
		if _, ok := v.(Rebuilder); ok {
			names = append(names, v.Name())
		}
	}
	return names
}

func (f *Follower) rebuilder(name string) (Rebuilder, error) {
	for _, v := range f.folders {
		if r, ok := v.(Rebuilder); ok && v.Name() == name {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%w: there is no view %q to rebuild", ErrQuery, name)
}

const replayBatch = 512

// replay folds twin from its position up to and including end.
func (f *Follower) replay(ctx context.Context, twin Folder, end uint64, progress func(done, total uint64)) error {
	if twin.Position() >= end {
		return nil
	}
	batch := make([]es.Recorded, 0, replayBatch)
	for r, err := range f.store.Follow(ctx, twin.Position()) {
		if err != nil {
			return err
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
		batch = batch[:0]
		if r.Seq >= end {
			return nil
		}
	}
	return ctx.Err()
}
