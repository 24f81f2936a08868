// Package view keeps what a service shows: documents folded from the log.
//
// A view is a keyed fold. For an event it names the documents that the event
// touches, and a pure function changes each. Nothing else writes documents, so
// every view can be thrown away and folded again to the same bytes.
package view

import (
	"context"
	"errors"

	"kith/pkg/es"
)

// Definition says how one view is folded and asked, without its type.
type Definition struct {
	Name    string // "<service>-<what it holds>"
	Version int    // raise it when Keys, Fold or the document change
	Indexes []Index

	// Keys names the documents r touches, each once; none for events it passes
	// over. It MUST be pure.
	Keys func(r es.Recorded) []string
	// Fold changes doc, a *D that holds a shallow copy of the document or a
	// zero D, and reports whether the document goes on to exist. It MUST be
	// pure, and MUST NOT change what slices and maps of the old document hold:
	// readers may still be looking at it.
	Fold func(key string, doc any, r es.Recorded) bool
	// New returns a new *D; Copy a shallow copy of a *D.
	New  func() any
	Copy func(doc any) any
}

// Index is an order of the documents that queries may ask for.
type Index struct {
	Name string
	// Fields are names as in the document's JSON, descending with a leading
	// "-"; documents with equal fields are in the order of keys. A field that
	// holds a list of strings puts the document once for each; queries MUST fix
	// such a field by Equal. Cursors show the fields of an index to clients, so
	// they hold ids, times and codes, never texts of a person.
	Fields []string
}

// Query asks for documents in the order of an index.
type Query struct {
	Index string
	Equal []any  // values of the first fields of the index
	After string // cursor of the last page; "": from the beginning
	Limit int    // 1 to MaxLimit
}

// Row is a document as a backend returns it.
type Row struct {
	Key    string
	Seq    uint64 // position of the event that changed it last
	Doc    any    // a *D that MUST NOT be changed
	Cursor string // where to go on after it
}

// MaxLimit bounds the documents of one query.
const MaxLimit = 1000

// Errors of views.
var (
	ErrCursor = errors.New("view: the cursor does not belong to this query")
	ErrQuery  = errors.New("view: no such index, or a bad limit or value")
)

// Backend keeps tables. Implementations MUST pass viewtest.Conformance.
type Backend interface {
	// Open returns the table of d, with what it already holds.
	Open(ctx context.Context, d Definition) (Table, error)
	// Beside returns an empty table that a rebuild of d fills while the live
	// one serves. What an abandoned rebuild has left is gone.
	Beside(ctx context.Context, d Definition) (Table, error)
	// Promote makes twin, which Beside returned for d, what Open returns from
	// now on, in one step.
	Promote(ctx context.Context, d Definition, twin Table) error
}

// Table holds the documents of one view. It is safe for concurrent use by one
// writer and any number of readers.
type Table interface {
	// Apply folds a batch in order. Events at or before the position of a
	// document are passed over, so that repeating a batch changes nothing. It
	// MUST NOT keep batch.
	Apply(ctx context.Context, batch []es.Recorded) error
	// Position is the last event that Apply has seen.
	Position() uint64
	// Get returns the document of key; ok is false if there is none.
	Get(ctx context.Context, key string) (row Row, ok bool, err error)
	// Find returns documents in the order of an index. Returns ErrQuery or ErrCursor.
	Find(ctx context.Context, q Query) ([]Row, error)
	// Each visits every document in the order of keys.
	Each(ctx context.Context, visit func(Row) error) error
}

// Folder is what a Follower feeds: views, and the in-memory indexes that are
// folded like them.
type Folder interface {
	Name() string
	// Apply folds a batch. Every event of the log arrives, in order; those at
	// or before Position have been seen and MUST be passed over: a batch whose
	// Apply failed comes again. The slice is not the folder's to keep.
	Apply(ctx context.Context, batch []es.Recorded) error
	Position() uint64
}

// Rebuilder is a Folder that can be folded anew beside itself.
type Rebuilder interface {
	Folder
	// Hash is canonical: equal for equal content, however it came about.
	Hash(ctx context.Context) (string, error)
	// Fresh returns an empty twin; Swap takes over the twin's content.
	Fresh(ctx context.Context) (Rebuilder, error)
	Swap(ctx context.Context, twin Rebuilder) error
}
