package viewmem

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/btree"

	"kith/pkg/view"
)

// index is one order of a table's documents. It is built when it is first asked
// for, or when the table is warmed: while a long log is folded at the start
// nobody asks, and sorting once is much cheaper than putting everything in its
// place one by one, again and again. Reading and folding go on meanwhile.
type index struct {
	order *view.Order

	building sync.Mutex // held by who builds
	// The rest is guarded by the table's lock.
	state  indexState
	missed []move               // while it is built
	tree   *btree.BTreeG[place] // when it is built
	room   room
}

type indexState int

const (
	unbuilt indexState = iota
	building
	built
)

// move is what folding one event does to the place of a document: from where
// was stood, if it did, to where is stands, if it does.
type move struct {
	at      *document
	was, is any
}

func newIndex(o *view.Order) *index { return &index{order: o} }

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

// sorted is a tree of moves that each bring a document to its place.
func (ix *index) sorted(moves []move) *btree.BTreeG[place] {
	var r room
	all := make([]place, 0, len(moves))
	for _, m := range moves {
		r.places(ix.order, m.at, m.is, func(p place) { all = append(all, p) })
	}
	slices.SortFunc(all, place.compare)
	tree := btree.NewBTreeGOptions(place.less, btree.Options{NoLocks: true})
	for _, p := range all {
		tree.Load(p)
	}
	return tree
}

// move follows a document, or notes for who builds the index that it moved.
func (ix *index) move(m move) {
	switch {
	case ix.state == building:
		ix.missed = append(ix.missed, m)
	case ix.state == unbuilt, m.was != nil && m.is != nil && ix.order.Same(m.was, m.is):
	default:
		if m.was != nil {
			ix.room.places(ix.order, m.at, m.was, func(p place) { ix.tree.Delete(p) })
		}
		if m.is != nil {
			ix.room.places(ix.order, m.at, m.is, func(p place) { ix.tree.Set(p) })
		}
	}
}

// room is where the keys of one document are made. It is used again for the
// next one, and so never by two at once.
type room struct {
	keys []byte
	ends []int
}

// places visits the places of a document that holds doc. All are parts of one
// string, since they come and go together.
func (r *room) places(o *view.Order, at *document, doc any, visit func(place)) {
	r.keys, r.ends = o.AppendKeys(r.keys[:0], r.ends[:0], at.key, doc)
	all, start := string(r.keys), 0
	for _, end := range r.ends {
		p := placeOf(all[start:end])
		p.at = at
		visit(p)
		start = end
	}
}

// ascend visits the sortable keys from one on, in order, until visit returns
// false.
func (ix *index) ascend(from string, visit func(key string, at *document) bool) {
	ix.tree.Ascend(placeOf(from), func(p place) bool { return visit(p.key(), p.at) })
}
