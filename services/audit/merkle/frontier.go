package merkle

import (
	"crypto/sha256"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Frontier is the right edge of a growing tree: all that is needed to append
// and to know the head, in memory of the logarithm of its size. Its zero value
// is the empty tree.
type Frontier struct {
	size uint64
	full []Hash // heads of the full subtrees, largest first: one for each bit of size
}

// Size is the number of leaves.
func (f *Frontier) Size() uint64 { return f.size }

// Append adds a leaf and appends to out the hashes that this completes, in the
// order in which tlog stores them.
func (f *Frontier) Append(leaf Hash, out []Hash) []Hash {
	out = append(out, leaf)
	h := leaf
	for range bits.TrailingZeros64(^f.size) {
		left := f.full[len(f.full)-1]
		f.full = f.full[:len(f.full)-1]
		h = tlog.NodeHash(left, h)
		out = append(out, h)
	}
	f.full = append(f.full, h)
	f.size++
	return out
}

// Root is the head of the tree; of the empty tree SHA-256 of nothing.
func (f *Frontier) Root() Hash {
	if len(f.full) == 0 {
		return Hash(sha256.Sum256(nil))
	}
	h := f.full[len(f.full)-1]
	for i := len(f.full) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.full[i], h)
	}
	return h
}

// Clone is a copy that grows by itself.
func (f *Frontier) Clone() Frontier { return Frontier{f.size, slices.Clone(f.full)} }

// frontierOf reads the right edge of the first size leaves.
func frontierOf(size uint64, r tlog.HashReader) (Frontier, error) {
	f := Frontier{size: size}
	if size == 0 {
		return f, nil
	}
	var indexes []int64
	done := uint64(0)
	for level := bits.Len64(size) - 1; level >= 0; level-- {
		if size&(1<<level) != 0 {
			indexes = append(indexes, tlog.StoredHashIndex(level, int64(done>>level)))
			done += 1 << level
		}
	}
	var err error
	f.full, err = r.ReadHashes(indexes)
	return f, err
}
