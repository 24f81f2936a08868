package viewmem

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"kith/pkg/view"
)

// index is one order of a table's documents. It is built when it is first asked
// for, or when the table is warmed: while a long log is folded at the start
// nobody asks, and sorting once is much cheaper than putting everything in its
// place one by one, again and again.
type index struct {
	order *view.Order
	tree  *btree.BTreeG[place]
	built bool
	// The keys of one document while they are put in or taken out. There is one
	// writer, so the room for them is used again.
	keys []byte
	ends []int
}

func newIndex(o *view.Order) *index {
	return &index{order: o, tree: btree.NewBTreeGOptions(place.less, btree.Options{NoLocks: true})}
}

// place is where a document stands in an index. Its sortable key begins with
// head, which is compared without a look at memory elsewhere: that is what
// putting something into a large tree costs.
type place struct {
	head uint64 // first eight bytes, zeros behind a shorter key
	tail string // the others
	at   *document
}

const headSize = 8

// placeOf is the place of a key, or that from which on the places of all keys
// are that begin with it.
func placeOf(key string) place {
	if len(key) >= headSize {
		return place{head: headOf(key), tail: key[headSize:]}
	}
	return place{head: headOf(key + "\x00\x00\x00\x00\x00\x00\x00\x00")}
}

func headOf(key string) uint64 { return binary.BigEndian.Uint64([]byte(key[:headSize])) }

// key is the sortable key, which does not end in zero.
func (p place) key() string {
	var head [headSize]byte
	binary.BigEndian.PutUint64(head[:], p.head)
	if p.tail == "" {
		return strings.TrimRight(string(head[:]), "\x00")
	}
	return string(head[:]) + p.tail
}

func (p place) less(other place) bool { return p.compare(other) < 0 }

func (p place) compare(other place) int {
	if p.head != other.head {
		return cmp.Compare(p.head, other.head)
	}
	return cmp.Compare(p.tail, other.tail)
}

// build puts all documents in their places.
func (ix *index) build(docs map[string]*document) {
	all := make([]place, 0, len(docs))
	for key, at := range docs {
		ix.places(key, at.doc, func(p place) {
			p.at = at
			all = append(all, p)
		})
	}
	slices.SortFunc(all, place.compare)
	for _, p := range all {
		ix.tree.Load(p)
	}
	ix.built = true
}

func (ix *index) insert(at *document, doc any) {
	ix.places(at.key, doc, func(p place) {
		p.at = at
		ix.tree.Set(p)
	})
}

func (ix *index) remove(key string, doc any) {
	ix.places(key, doc, func(p place) { ix.tree.Delete(p) })
}

// places visits the places of a document. All are parts of one string, since
// they come and go together.
func (ix *index) places(key string, doc any, visit func(place)) {
	ix.keys, ix.ends = ix.order.AppendKeys(ix.keys[:0], ix.ends[:0], key, doc)
	all, start := string(ix.keys), 0
	for _, end := range ix.ends {
		visit(placeOf(all[start:end]))
		start = end
	}
}

// ascend visits the sortable keys from one on, in order, until visit returns
// false.
func (ix *index) ascend(from string, visit func(key string, at *document) bool) {
	ix.tree.Ascend(placeOf(from), func(p place) bool { return visit(p.key(), p.at) })
}
