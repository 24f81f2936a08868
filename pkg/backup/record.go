package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"kith/pkg/es"
)

// Record is a stored message: everything that the server keeps of it. The
// order of headers of different names is not kept. The client does not keep it
// either, and nothing hashes it.
type Record struct {
	Seq     uint64
	Time    time.Time // when it was stored; a restored message has another
	Subject string
	Header  map[string][]string
	Data    []byte
}

// append appends the encoding of r to b. Integers are big-endian:
//
//	8 bytes  sequence
//	8 bytes  time, in nanoseconds since 1970
//	then that of es.Stored
func (r Record) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixNano()))
	return es.Stored{Header: r.Header, Data: r.Data}.Append(b, r.Subject)
}

// hash is of all but the time.
func (r Record) hash() string {
	r.Time = time.Unix(0, 0)
	h := sha256.Sum256(r.append(nil))
	return hex.EncodeToString(h[:])
}

var errRecord = errors.New("a record is malformed")

// parseRecord is the inverse of append. The record keeps no part of b.
func parseRecord(b []byte) (r Record, err error) {
	d := decoder{b: b}
	r.Seq = d.uint64()
	r.Time = time.Unix(0, int64(d.uint64())).UTC()
	r.Subject = string(d.sized())
	if n := d.uint32(); n > 0 && d.ok() {
		r.Header = map[string][]string{}
		for range n {
			name, value := d.sized(), d.sized()
			if !d.ok() {
				return Record{}, errRecord
			}
			r.Header[string(name)] = append(r.Header[string(name)], string(value))
		}
	}
	r.Data = slices.Clone(d.sized())
	if !d.ok() || len(d.b) > 0 {
		return Record{}, errRecord
	}
	return r, nil
}

// decoder takes parts off b; after a part that is not there it has none.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) ok() bool { return !d.bad }

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.bad, d.b = true, nil
		return nil
	}
	part := d.b[:n]
	d.b = d.b[n:]
	return part
}

func (d *decoder) uint64() uint64 {
	if p := d.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if p := d.take(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

func (d *decoder) sized() []byte { return d.take(int(d.uint32())) }
