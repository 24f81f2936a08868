// Package viewmem keeps views in memory. They are folded anew from the log at
// every start.
package viewmem

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"kith/pkg/es"
	"kith/pkg/view"
)

// Backend implements view.Backend. Every table it opens is empty.
type Backend struct{}

// Open returns an empty table. It returns view.ErrQuery for indexes that the
// documents cannot have and for two of the same name.
func (Backend) Open(_ context.Context, d view.Definition) (view.Table, error) {
	t := &table{def: d, docs: map[string]*document{}, indexes: make([]*index, 0, len(d.Indexes))}
	for _, ix := range d.Indexes {
		if t.index(ix.Name) != nil {
			return nil, fmt.Errorf("%w: view %s has two indexes %q", view.ErrQuery, d.Name, ix.Name)
		}
		o, err := view.NewOrder(ix, d.New())
		if err != nil {
			return nil, err
		}
		t.indexes = append(t.indexes, newIndex(o))
	}
	return t, nil
}

// Beside returns an empty table, as Open does.
func (b Backend) Beside(ctx context.Context, d view.Definition) (view.Table, error) {
	return b.Open(ctx, d)
}

// Promote has nothing to do: nothing outlives the process.
func (Backend) Promote(context.Context, view.Definition, view.Table) error { return nil }

type table struct {
	def      view.Definition
	position atomic.Uint64
	indexes  []*index // few: searching beats a map

	mu   sync.RWMutex // guards docs, the documents and the trees
	docs map[string]*document
}

// document is the place of one key in the table. All indexes point at it, so
// that a change which moves nothing touches no index. What doc points at is
// never changed, only replaced.
type document struct {
	key string
	seq uint64
	doc any
}

func (d *document) row() view.Row { return view.Row{Key: d.key, Seq: d.seq, Doc: d.doc} }

func (t *table) index(name string) *index {
	for _, ix := range t.indexes {
		if ix.order.Index.Name == name {
			return ix
		}
	}
	return nil
}

// Position is the last event seen.
func (t *table) Position() uint64 { return t.position.Load() }

// Apply folds a batch under one lock.
func (t *table) Apply(_ context.Context, batch []es.Recorded) error {
	position := t.position.Load()
	var locked bool
	for i := range batch {
		r := &batch[i]
		if r.Seq <= position {
			continue
		}
		if keys := t.def.Keys(*r); len(keys) > 0 {
			if !locked {
				t.mu.Lock()
				defer t.mu.Unlock()
				locked = true
			}
			for _, key := range keys {
				t.fold(key, r)
			}
		}
		position = r.Seq
		t.position.Store(position)
	}
	return nil
}

func (t *table) fold(key string, r *es.Recorded) {
	at, exists := t.docs[key]
	var was, doc any
	if exists {
		was = at.doc
		doc = t.def.Copy(was)
	} else {
		doc = t.def.New()
	}
	keep := t.def.Fold(key, doc, *r)
	switch {
	case keep && exists:
		at.seq, at.doc = r.Seq, doc
	case keep:
		at = &document{key: key, seq: r.Seq, doc: doc}
		t.docs[key] = at
	case exists:
		delete(t.docs, key)
		doc = nil
	default:
		return
	}
	for _, ix := range t.indexes {
		ix.move(move{at: at, was: was, is: doc})
	}
}

// Get returns the document of key.
func (t *table) Get(_ context.Context, key string) (view.Row, bool, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	d, ok := t.docs[key]
	if !ok {
		return view.Row{}, false, nil
	}
	return d.row(), true, nil
}

// Warm builds every index that has not been asked for yet, so that the first
// query of each does not have to, until ctx ends.
func (t *table) Warm(ctx context.Context) {
	for _, ix := range t.indexes {
		if ctx.Err() != nil {
			return
		}
		t.build(ix)
	}
}

// build sorts what the table holds, and then moves what has moved meanwhile.
func (t *table) build(ix *index) {
	ix.building.Lock()
	defer ix.building.Unlock()
	moves := t.begin(ix)
	if moves == nil {
		return
	}
	tree := ix.sorted(moves)
	t.mu.Lock()
	defer t.mu.Unlock()
	missed := ix.missed
	ix.tree, ix.state, ix.missed = tree, built, nil
	for _, m := range missed {
		ix.move(m)
	}
}

// begin lists what is to be sorted, and lets the index note what moves from
// now on. It returns nil if the index is built.
func (t *table) begin(ix *index) []move {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ix.state == built {
		return nil
	}
	moves := make([]move, 0, len(t.docs))
	for _, at := range t.docs {
		moves = append(moves, move{at: at, is: at.doc})
	}
	ix.state = building
	return moves
}

// Find walks the index from the cursor on.
func (t *table) Find(_ context.Context, q view.Query) ([]view.Row, error) {
	ix := t.index(q.Index)
	if ix == nil {
		return nil, fmt.Errorf("%w: view %s has no index %q", view.ErrQuery, t.def.Name, q.Index)
	}
	if q.Limit < 1 || q.Limit > view.MaxLimit {
		return nil, fmt.Errorf("%w: limit %d is not within 1 to %d", view.ErrQuery, q.Limit, view.MaxLimit)
	}
	prefix, err := ix.order.Prefix(q.Equal)
	if err != nil {
		return nil, err
	}
	from := prefix
	if q.After != "" {
		if from, err = ix.order.ParseCursor(q.After, prefix); err != nil {
			return nil, err
		}
	}
	t.mu.RLock()
	for ix.state != built {
		t.mu.RUnlock()
		t.build(ix)
		t.mu.RLock()
	}
	defer t.mu.RUnlock()
	var rows []view.Row
	ix.ascend(from, func(k string, d *document) bool {
		if !strings.HasPrefix(k, prefix) {
			return false
		}
		if q.After != "" && k == from {
			return true
		}
		row := d.row()
		row.Cursor = ix.order.Cursor(k)
		rows = append(rows, row)
		return len(rows) < q.Limit
	})
	return rows, nil
}

// Each visits a snapshot of the documents.
func (t *table) Each(_ context.Context, visit func(view.Row) error) error {
	t.mu.RLock()
	all := make([]view.Row, 0, len(t.docs))
	for _, d := range t.docs {
		all = append(all, d.row())
	}
	t.mu.RUnlock()
	sort.Slice(all, func(i, j int) bool { return all[i].Key < all[j].Key })
	for _, row := range all {
		if err := visit(row); err != nil {
			return err
		}
	}
	return nil
}
