package view

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"kith/pkg/es"
)

// Spec is the definition of a View of documents D. D is a struct whose
// exported fields have JSON names; texts about people are sealed.Text.
type Spec[D any] struct {
	Name    string
	Version int
	Indexes []Index
	Keys    func(r es.Recorded) []string                      // see Definition.Keys; it may name a key twice
	Fold    func(key string, d *D, r es.Recorded) (keep bool) // see Definition.Fold
}

// View is a typed view on a backend. It implements Rebuilder.
type View[D any] struct {
	def     Definition
	backend Backend
	table   atomic.Pointer[Table] // swapped by a rebuild
}

// Definition is s as backends take it.
func (s Spec[D]) Definition() Definition {
	return Definition{
		Name: s.Name, Version: s.Version, Indexes: s.Indexes,
		Keys: func(r es.Recorded) []string { return distinct(s.Keys(r)) },
		Fold: func(key string, doc any, r es.Recorded) bool { return s.Fold(key, doc.(*D), r) },
		New:  func() any { return new(D) },
		Copy: func(doc any) any { c := *doc.(*D); return &c },
	}
}

// Open makes the view of s on b.
func Open[D any](ctx context.Context, b Backend, s Spec[D]) (*View[D], error) {
	v := &View[D]{backend: b, def: s.Definition()}
	t, err := b.Open(ctx, v.def)
	if err != nil {
		return nil, fmt.Errorf("open view %s: %w", s.Name, err)
	}
	v.table.Store(&t)
	return v, nil
}

// distinct leaves out repetitions: an event changes a document once.
func distinct(keys []string) []string {
	if len(keys) < 2 {
		return keys
	}
	keys = slices.Clone(keys) // Keys may have handed out a slice of the event
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (v *View[D]) current() Table { return *v.table.Load() }

// Name is the view's name.
func (v *View[D]) Name() string { return v.def.Name }

// Position is the last event folded.
func (v *View[D]) Position() uint64 { return v.current().Position() }

// Touches reports whether r changes documents of the view, as far as Keys says.
func (v *View[D]) Touches(r es.Recorded) bool { return len(v.def.Keys(r)) > 0 }

// Apply folds a batch.
func (v *View[D]) Apply(ctx context.Context, batch []es.Recorded) error {
	return v.current().Apply(ctx, batch)
}

// Warm makes the first queries as quick as later ones, where the backend has
// something to prepare for that.
func (v *View[D]) Warm(ctx context.Context) {
	if w, ok := v.current().(warmer); ok {
		w.Warm(ctx)
	}
}

// Stored reports whether the documents are outside of the process, where they
// outlive it and cannot always be reached.
func (v *View[D]) Stored() bool {
	_, ok := v.current().(readier)
	return ok
}

// Ready finds the documents that are stored, and how far they were folded.
func (v *View[D]) Ready(ctx context.Context) error {
	if r, ok := v.current().(readier); ok {
		return r.Ready(ctx)
	}
	return nil
}

// Get returns the document of key; ok is false if there is none. The slices
// and maps it holds are shared with the view and MUST NOT be changed.
func (v *View[D]) Get(ctx context.Context, key string) (d D, ok bool, err error) {
	row, ok, err := v.current().Get(ctx, key)
	if err != nil || !ok {
		return d, false, err
	}
	return *row.Doc.(*D), true, nil
}

// Page is one page of documents. Next is the cursor of the following page, ""
// if there is none.
type Page[D any] struct {
	Items []D
	Next  string
}

// scanLimit bounds how many documents a filtered query looks at for one page.
const scanLimit = 5000

// Find returns the documents of q for which keep holds (nil: all). A page may
// be short or empty and still have a Next where keep lets little through: one
// call looks at 5,000 documents or a little more. The slices and maps of the
// documents are shared with the view; neither keep nor the caller may change
// them. Returns ErrQuery or ErrCursor.
func (v *View[D]) Find(ctx context.Context, q Query, keep func(*D) bool) (Page[D], error) {
	page := Page[D]{Items: []D{}}
	limit := q.Limit
	if limit < 1 || limit > MaxLimit {
		return page, fmt.Errorf("%w: limit %d is not within 1 to %d", ErrQuery, limit, MaxLimit)
	}
	if keep != nil {
		q.Limit = min(MaxLimit, max(limit+1, 100))
	} else {
		q.Limit = min(MaxLimit, limit+1)
	}
	t := v.current()
	for scanned := 0; ; {
		rows, err := t.Find(ctx, q)
		if err != nil {
			return page, err
		}
		for _, row := range rows {
			d := row.Doc.(*D)
			if keep != nil && !keep(d) {
				q.After = row.Cursor
				continue
			}
			if len(page.Items) == limit {
				page.Next = q.After
				return page, nil
			}
			page.Items = append(page.Items, *d)
			q.After = row.Cursor
		}
		if len(rows) < q.Limit {
			return page, nil
		}
		if scanned += len(rows); scanned >= scanLimit {
			page.Next = q.After
			return page, nil
		}
	}
}

// All are the documents that Find returns on all its pages, of q.Limit each (0:
// MaxLimit). It ends with the first error. A document that changes meanwhile may be
// missed or come twice, as between two calls of Find.
func (v *View[D]) All(ctx context.Context, q Query, keep func(*D) bool) iter.Seq2[D, error] {
	if q.Limit == 0 {
		q.Limit = MaxLimit
	}
	return func(yield func(D, error) bool) {
		for q := q; ; {
			page, err := v.Find(ctx, q, keep)
			if err != nil {
				yield(*new(D), err)
				return
			}
			for _, d := range page.Items {
				if !yield(d, nil) {
					return
				}
			}
			if q.After = page.Next; q.After == "" {
				return
			}
		}
	}
}

// Hash is the SHA-256 over length-prefixed keys and the canonical JSON of
// their documents, in the order of keys.
func (v *View[D]) Hash(ctx context.Context) (string, error) {
	h := sha256.New()
	var n [8]byte
	write := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	err := v.current().Each(ctx, func(r Row) error {
		doc, err := json.Marshal(r.Doc)
		if err != nil {
			return fmt.Errorf("hash document %s of view %s: %w", r.Key, v.def.Name, err)
		}
		write([]byte(r.Key))
		write(doc)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Len counts the documents.
func (v *View[D]) Len(ctx context.Context) (n int, err error) {
	err = v.current().Each(ctx, func(Row) error { n++; return nil })
	return n, err
}

// Fresh returns an empty twin of the view.
func (v *View[D]) Fresh(ctx context.Context) (Rebuilder, error) {
	twin := &View[D]{def: v.def, backend: v.backend}
	t, err := v.backend.Beside(ctx, v.def)
	if err != nil {
		return nil, fmt.Errorf("open a twin of view %s: %w", v.def.Name, err)
	}
	twin.table.Store(&t)
	return twin, nil
}

// Swap takes over the twin's documents. Readers see either all of the old or
// all of the new ones.
func (v *View[D]) Swap(ctx context.Context, twin Rebuilder) error {
	t, ok := twin.(*View[D])
	if !ok {
		return fmt.Errorf("view: %s cannot take over a %T", v.def.Name, twin)
	}
	t.Warm(ctx)
	if err := v.backend.Promote(ctx, v.def, t.current()); err != nil {
		return fmt.Errorf("swap view %s: %w", v.def.Name, err)
	}
	v.table.Store(t.table.Load())
	return nil
}
