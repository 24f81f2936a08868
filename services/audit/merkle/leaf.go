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
	"slices"

	"golang.org/x/mod/sumdb/tlog"
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

// Append appends the encoding of l to b. Integers are big-endian:
//
//	8 bytes  sequence
//	4 bytes  length of the subject, then the subject
//	4 bytes  number of header values
//	         for each, by name (bytewise), values of one name in stored order:
//	4 bytes  length of the name, then the name as stored
//	4 bytes  length of the value, then the value
//	4 bytes  length of the data, then the data as stored
//
// Every part has its length, so that no two events have the same encoding.
func (l Leaf) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, l.Seq)
	b = appendSized(b, l.Subject)
	var room [32]string
	names, values := room[:0], 0
	for name, v := range l.Header {
		names = append(names, name)
		values += len(v)
	}
	slices.Sort(names)
	b = binary.BigEndian.AppendUint32(b, uint32(values))
	for _, name := range names {
		for _, value := range l.Header[name] {
			b = appendSized(appendSized(b, name), value)
		}
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.Data)))
	return append(b, l.Data...)
}

func appendSized(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
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
