package mongo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kith/pkg/view"
	"kith/pkg/view/viewmongo"
	"kith/pkg/view/viewtest"
)

func TestConformance(t *testing.T) {
	viewtest.Conformance(t, func(t *testing.T) view.Backend {
		_, rule, _ := strings.Cut(t.Name(), "/")
		g := newGate(t)
		if there.ferret {
			sparing(t, g, rule)
		}
		db := empty(t)
		return migrated{backend(t, g, db, viewmongo.Options{Timeout: time.Minute}), t, db}
	})
}

// migrated makes the collection of each view that is opened.
type migrated struct {
	*viewmongo.Backend
	t  *testing.T
	db string
}

// Open implements view.Backend.
func (m migrated) Open(ctx context.Context, d view.Definition) (view.Table, error) {
	provide(m.t, m.db, d)
	return m.Backend.Open(ctx, d)
}

// sparing leaves out what FerretDB, which reads the whole collection for each
// query, would take minutes for, and keeps readers from taking all there is.
func sparing(t *testing.T, g *gate, rule string) {
	switch rule {
	case "a_filtered_search_stops_to_breathe": // 12,000 documents, some hundred queries
		t.Skip("FerretDB is too slow")
	case "a_filtered_page_is_full_where_it_can_be": // 1,200 documents, some hundred queries
		if race {
			t.Skip("FerretDB with the race detector is too slow")
		}
		g.large = true
	case "readers_see_whole_documents_while_a_batch_is_folded":
		g.set(func() { g.delay = 20 * time.Millisecond })
	}
}
