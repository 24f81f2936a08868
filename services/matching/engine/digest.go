package engine

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
)

// digest is a hash of a set: the order in which things are added is no matter.
type digest struct{ a, b uint64 }

func (d *digest) add(parts ...string) {
	h := fnv.New128a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0xff})
	}
	var sum [16]byte
	h.Sum(sum[:0])
	for i := range 8 {
		d.a += uint64(sum[i]) << (8 * i)
		d.b += uint64(sum[8+i]) << (8 * i)
	}
}

func (d *digest) String() string {
	var sum [16]byte
	binary.BigEndian.PutUint64(sum[:8], d.a)
	binary.BigEndian.PutUint64(sum[8:], d.b)
	return hex.EncodeToString(sum[:])
}
