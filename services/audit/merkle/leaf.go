// Package merkle is the tamper-evident form of the log: what is hashed of an
// event, the tree over these hashes, signed checkpoints of it, and the proofs
// and exports that anybody can verify without a server.
//
// The tree is that of RFC 6962 as golang.org/x/mod/sumdb/tlog stores it; leaf
// n (from 0) is the event at position n+1. A checkpoint is a signed note
// (golang.org/x/mod/sumdb/note) in the form of C2SP tlog-checkpoint.
package merkle

import (
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"

	"kith/pkg/es"
)

// Hash is a node of the tree.
type Hash = tlog.Hash

// Leaf is what is hashed of one event: everything that the log keeps of it.
type Leaf struct {
	Seq     uint64              `json:"seq"` // position in the log, from 1
	Subject string              `json:"subject"`
	Header  map[string][]string `json:"header"`
	Data    []byte              `json:"data"` // base64 in JSON
}

// Append appends the encoding of l to b: 8 bytes with the sequence, big-endian,
// then that of es.Stored.
func (l Leaf) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, l.Seq)
	return es.Stored{Header: l.Header, Data: l.Data}.Append(b, l.Subject)
}

// Hash is the leaf's hash, SHA-256(0x00, encoding).
func (l Leaf) Hash() Hash { return tlog.RecordHash(l.Append(nil)) }

// Hasher hashes leaves one after the other without allocating for each.
// It is not safe for concurrent use.
type Hasher struct{ buf []byte }

// Hash is l.Hash.
func (h *Hasher) Hash(l Leaf) Hash {
	h.buf = l.Append(h.buf[:0])
	return tlog.RecordHash(h.buf)
}
