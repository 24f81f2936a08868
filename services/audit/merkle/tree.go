package merkle

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const hashSize = tlog.HashSize

// Tree is the tree of one log in a folder of its own, outside of the log:
//
//	hashes             every node of the tree, 32 bytes each, in tlog's order
//	checkpoints/N.note the signed checkpoint of the first N events
//	signing.key        secret, mode 0600
//	verifier.key       public
//
// It is safe for concurrent use, by one process at a time.
type Tree struct {
	dir      string
	file     *os.File
	signer   note.Signer
	verifier note.Verifier
	key      string // verifier key

	mu     sync.RWMutex
	edge   Frontier
	newest *Signed
	owed   *Signed // checkpoint whose head the hashes, derived anew, have yet to show
	broken error   // they did not
	reset  bool
	room   []Hash
	out    []byte
}

// Signed is a checkpoint with its signed note.
type Signed struct {
	Checkpoint
	Note []byte
}

// ErrContradiction means that the log that the tree was derived from is not the one that
// was signed.
var ErrContradiction = errors.New("merkle: the log contradicts its newest checkpoint")

// Options of a tree.
type Options struct {
	Origin string    // of a new key: no spaces, no plus sign; an existing key has its own
	Random io.Reader // for a new key
	// ReadOnly opens what is there and changes nothing.
	ReadOnly bool
}

// Open opens the tree in dir, and makes folder and key where there are none.
//
// Only hashes up to the newest checkpoint are known to be on disk as they were
// written; what lies behind them is cut off, to be derived from the log again.
// Hashes that do not give the newest checkpoint's head are of no use, and all
// are derived again: Reset reports it.
func Open(dir string, o Options) (*Tree, error) {
	t := &Tree{dir: dir}
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o700); err != nil {
			return nil, fmt.Errorf("merkle: %w", err)
		}
	}
	if err := t.openKey(o); err != nil {
		return nil, err
	}
	flags := os.O_RDWR | os.O_CREATE
	if o.ReadOnly {
		flags = os.O_RDONLY
	}
	var err error
	if t.file, err = os.OpenFile(filepath.Join(dir, "hashes"), flags, 0o600); err != nil {
		return nil, fmt.Errorf("merkle: %w", err)
	}
	if err := t.resume(o.ReadOnly); err != nil {
		_ = t.file.Close()
		return nil, err
	}
	return t, nil
}

// resume finds the newest checkpoint and the hashes that belong to it.
func (t *Tree) resume(readOnly bool) error {
	sizes, err := t.Sizes()
	if err != nil {
		return err
	}
	for i := len(sizes) - 1; i >= 0 && t.newest == nil; i-- {
		if s, err := t.Checkpoint(sizes[i]); err == nil {
			t.newest = &s
		}
	}
	keep := uint64(0)
	if t.newest != nil {
		if edge, err := frontierOf(t.newest.Size, t); err == nil && edge.Root() == t.newest.Root {
			t.edge, keep = edge, t.newest.Size
		} else {
			t.reset, t.owed = true, t.newest
		}
	}
	if readOnly {
		return nil
	}
	if err := t.file.Truncate(tlog.StoredHashCount(int64(keep)) * hashSize); err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	return nil
}

// Close closes the files.
func (t *Tree) Close() error { return t.file.Close() }

// Size is the number of events hashed, and the position of the last of them.
func (t *Tree) Size() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.edge.Size()
}

// Reset reports whether the stored hashes had to be given up.
func (t *Tree) Reset() bool { return t.reset }

// Broken is ErrContradiction if hashes that were derived anew did not give the
// head that was signed.
func (t *Tree) Broken() error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.broken
}

// VerifierKey is the public key of the checkpoints.
func (t *Tree) VerifierKey() string { return t.key }

// Verifier verifies them.
func (t *Tree) Verifier() note.Verifier { return t.verifier }

// Append adds the leaves of the next events. After an error nothing has changed.
func (t *Tree) Append(leaves []Hash) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	edge := t.edge.Clone()
	t.room = t.room[:0]
	broken := t.broken
	for _, leaf := range leaves {
		t.room = edge.Append(leaf, t.room)
		if t.owed != nil && edge.Size() == t.owed.Size && edge.Root() != t.owed.Root {
			broken = fmt.Errorf("%w of %d events", ErrContradiction, t.owed.Size)
		}
	}
	t.out = t.out[:0]
	for i := range t.room {
		t.out = append(t.out, t.room[i][:]...)
	}
	if _, err := t.file.WriteAt(t.out, tlog.StoredHashCount(int64(t.edge.Size()))*hashSize); err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	t.edge, t.broken = edge, broken
	return nil
}

// Leaf is the leaf hash of the event at seq, from 1 to Size.
func (t *Tree) Leaf(seq uint64) (Hash, error) {
	h, err := t.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(seq)-1)})
	if err != nil {
		return Hash{}, err
	}
	return h[0], nil
}

// ReadHashes implements tlog.HashReader.
func (t *Tree) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, index := range indexes {
		if _, err := t.file.ReadAt(out[i][:], index*hashSize); err != nil {
			return nil, fmt.Errorf("merkle: read hash %d: %w", index, err)
		}
	}
	return out, nil
}

// Prove returns the proof that the event at seq is in c, whose leaf hash is leaf.
func (t *Tree) Prove(seq uint64, leaf Hash, c Checkpoint) ([]Hash, error) {
	p, err := tlog.ProveRecord(int64(c.Size), int64(seq)-1, t)
	if err != nil {
		return nil, fmt.Errorf("merkle: prove %d: %w", seq, err)
	}
	if err := tlog.CheckRecord(p, int64(c.Size), c.Root, int64(seq)-1, leaf); err != nil {
		return nil, fmt.Errorf("merkle: prove %d: log or hashes are damaged: %w", seq, err)
	}
	return p, nil
}

// Sign signs a checkpoint of everything hashed so far, unless the newest one
// is that already; fresh says which. The hashes are on disk before the
// checkpoint, and the checkpoint before Sign returns. It returns
// ErrContradiction rather than sign another past, and an error for an empty tree.
func (t *Tree) Sign(now time.Time) (s Signed, fresh bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.broken != nil:
		return Signed{}, false, t.broken
	case t.edge.Size() == 0:
		return Signed{}, false, errors.New("merkle: nothing to sign")
	case t.newest != nil && t.newest.Size >= t.edge.Size():
		return *t.newest, false, nil
	}
	if err := t.file.Sync(); err != nil {
		return Signed{}, false, fmt.Errorf("merkle: %w", err)
	}
	s.Checkpoint = Checkpoint{Origin: t.verifier.Name(), Size: t.edge.Size(), Root: t.edge.Root(), Time: now.UTC().Truncate(time.Second)}
	if s.Note, err = s.Checkpoint.Sign(t.signer); err != nil {
		return Signed{}, false, err
	}
	if err := writeFile(t.notePath(s.Size), s.Note, 0o644); err != nil {
		return Signed{}, false, err
	}
	t.newest, t.owed = &s, nil
	return s, true, nil
}

// Newest is the newest checkpoint; ok is false if there is none.
func (t *Tree) Newest() (s Signed, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.newest == nil {
		return Signed{}, false
	}
	return *t.newest, true
}
