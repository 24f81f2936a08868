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

	"github.com/tidwall/btree"

	"kith/pkg/es"
	"kith/pkg/view"
)

// Backend implements view.Backend. Every table it opens is empty.
type Backend struct{}

// Open returns an empty table.
func (Backend) Open(_ context.Context, d view.Definition) (view.Table, error) {
	t := &table{def: d, docs: map[string]*document{}, indexes: map[string]*index{}}
	for _, ix := range d.Indexes {
		o, err := view.NewOrder(ix, d.New())
		if err != nil {
			return nil, err
		}
		t.indexes[ix.Name] = &index{order: o}
	}
	return t, nil
}

type table struct {
	def      view.Definition
	position atomic.Uint64

	mu      sync.RWMutex
	docs    map[string]*document
	indexes map[string]*index
}

// document is immutable but for being replaced in the map.
type document struct {
	key string
	seq uint64
	doc any
}

type index struct {
	order *view.Order
	tree  btree.Map[string, *document] // sortable key → document
}

// Position is the last event seen.
func (t *table) Position() uint64 { return t.position.Load() }

// Apply folds a batch under one lock.
func (t *table) Apply(_ context.Context, batch []es.Recorded) error {
	var locked bool
	for i := range batch {
		r := &batch[i]
		if r.Seq <= t.position.Load() {
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
		t.position.Store(r.Seq)
	}
	return nil
}

func (t *table) fold(key string, r *es.Recorded) {
	old := t.docs[key]
	var doc any
	if old == nil {
		doc = t.def.New()
	} else {
		doc = t.def.Copy(old.doc)
	}
	var next *document
	if t.def.Fold(key, doc, *r) {
		next = &document{key: key, seq: r.Seq, doc: doc}
		t.docs[key] = next
	} else if old != nil {
		delete(t.docs, key)
	} else {
		return
	}
	for _, ix := range t.indexes {
		ix.move(old, next)
	}
}

// move puts next where it belongs and takes old away; either may be nil.
func (ix *index) move(old, next *document) {
	if old != nil {
		for _, k := range ix.order.Keys(old.key, old.doc) {
			ix.tree.Delete(k)
		}
	}
	if next != nil {
		for _, k := range ix.order.Keys(next.key, next.doc) {
			ix.tree.Set(k, next)
		}
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
	return view.Row{Key: key, Seq: d.seq, Doc: d.doc}, true, nil
}

// Find walks the index from the cursor on.
func (t *table) Find(_ context.Context, q view.Query) ([]view.Row, error) {
	ix, ok := t.indexes[q.Index]
	if !ok {
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
		if from, err = view.ParseCursor(q.After, prefix); err != nil {
			return nil, err
		}
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var rows []view.Row
	ix.tree.Ascend(from, func(k string, d *document) bool {
		if !strings.HasPrefix(k, prefix) {
			return false
		}
		if q.After != "" && k == from {
			return true
		}
		rows = append(rows, view.Row{Key: d.key, Seq: d.seq, Doc: d.doc, Cursor: view.Cursor(k)})
		return len(rows) < q.Limit
	})
	return rows, nil
}

// Each visits a snapshot of the documents.
func (t *table) Each(_ context.Context, visit func(view.Row) error) error {
	t.mu.RLock()
	all := make([]*document, 0, len(t.docs))
	for _, d := range t.docs {
		all = append(all, d)
	}
	t.mu.RUnlock()
	sort.Slice(all, func(i, j int) bool { return all[i].key < all[j].key })
	for _, d := range all {
		if err := visit(view.Row{Key: d.key, Seq: d.seq, Doc: d.doc}); err != nil {
			return err
		}
	}
	return nil
}
