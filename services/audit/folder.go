package audit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"kith/pkg/es"
	"kith/services/audit/merkle"
)

// folder hashes every event into the tree. Its position is the number of
// hashed events, which it finds in its files again: what other folders need
// read anew at a start passes it by.
type folder struct {
	tree  *merkle.Tree
	worth atomic.Uint64 // position of the last event worth signing

	mu     sync.Mutex
	hasher merkle.Hasher
	leaves []merkle.Hash
}

// Name implements view.Folder.
func (f *folder) Name() string { return "audit-tree" }

// Position implements view.Folder.
func (f *folder) Position() uint64 { return f.tree.Size() }

// Apply implements view.Folder. It refuses a batch that leaves a position out.
func (f *folder) Apply(_ context.Context, batch []es.Recorded) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := f.tree.Size()
	f.leaves = f.leaves[:0]
	worth := f.worth.Load()
	for _, r := range batch {
		if r.Seq <= size {
			continue
		}
		if want := size + uint64(len(f.leaves)) + 1; r.Seq != want {
			return fmt.Errorf("audit: %w: %d came instead of %d", es.ErrGap, r.Seq, want)
		}
		f.leaves = append(f.leaves, f.hasher.Hash(leafOf(r)))
		if worthSigning(r.Stream) {
			worth = r.Seq
		}
	}
	if len(f.leaves) == 0 {
		return nil
	}
	if err := f.tree.Append(f.leaves); err != nil {
		return err
	}
	f.worth.Store(worth)
	return nil
}

// leafOf is what is hashed of an event. Of a subject that no aggregate can
// have, which no service may write to, only that it is such a one is hashed.
func leafOf(r es.Recorded) merkle.Leaf {
	return merkle.Leaf{Seq: r.Seq, Subject: r.Stream.Subject(), Header: r.Stored.Header, Data: r.Stored.Data}
}
