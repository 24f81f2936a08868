package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// key is an id in the memory of sixteen bytes: a UUID as it is, another id by its
// hash, which is no UUID of any version.
type key [16]byte

// spelled is how a UUID is written: four hyphens among 32 digits.
const spelled = 36

func keyOf(id string) key {
	if k, ok := uuid(id); ok {
		return k
	}
	sum := sha256.Sum256([]byte(id))
	k := key(sum[:16])
	k[6] |= 0xf0
	return k
}

// uuid reads one of versions 0 to 14 in lower case.
func uuid(id string) (k key, ok bool) {
	if len(id) != spelled {
		return k, false
	}
	at := 0
	for i := range k {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			if id[at] != '-' {
				return k, false
			}
			at++
		}
		high, low := digit(id[at]), digit(id[at+1])
		if high|low > 15 {
			return k, false
		}
		k[i] = high<<4 | low
		at += 2
	}
	return k, k[6] < 0xf0
}

// digit is the value of a hexadecimal one in lower case, 255 if it is none.
func digit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	default:
		return 255
	}
}

// String is the UUID that k is.
func (k key) String() string {
	var out [spelled]byte
	at := 0
	for i, j := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			out[at] = '-'
			at++
		}
		from := [...]int{0, 4, 6, 8, 10}[i]
		at += hex.Encode(out[at:], k[from:j])
	}
	return string(out[:])
}

// requests are the ids of threads.
type requests struct {
	threads map[key]uint32
	others  map[uint32]string // by thread: ids that are no UUIDs
}

func newRequests() requests { return requests{map[key]uint32{}, map[uint32]string{}} }

// add gives id to a thread, and returns its key.
func (r *requests) add(id string, thread uint32) key {
	k := keyOf(id)
	r.threads[k] = thread
	if _, ok := uuid(id); !ok {
		r.others[thread] = id
	}
	return k
}

// labels are texts that many have in common, such as tags, by numbers.
type labels struct {
	ids   map[string]uint32
	names []string
}

func newLabels() labels { return labels{ids: map[string]uint32{}} }

// number is that of a name, which it gets if it has none.
func (l *labels) number(name string) uint32 {
	id, ok := l.ids[name]
	if !ok {
		name = strings.Clone(name) // so that no event is kept alive
		id = uint32(len(l.names))
		l.ids[name], l.names = id, append(l.names, name)
	}
	return id
}
