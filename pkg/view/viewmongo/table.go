package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"golang.org/x/sync/singleflight"

	"kith/pkg/view"
)

// table implements view.Table. Its Position is 0 until it is Ready, and when
// it is used before, it makes itself so: then Apply passes over what the
// checkpoint says was folded, so that who follows the log from 0 loses time,
// and nothing else.
type table struct {
	b       *Backend
	def     view.Definition
	base    string
	indexes []*index

	position atomic.Uint64
	place    atomic.Pointer[place] // nil until the table is ready
	looks    singleflight.Group    // readers that want to know what is live

	held chan struct{} // by who folds, or changes place
	// The rest belongs to who holds the table.
	twin     bool  // of the live table: nobody else uses it
	replaces int64 // the collection that it will replace
	saved    uint64
	savedAt  time.Time
	eager    time.Time // until then the checkpoint is saved at once
}

// place is where a table's documents are.
type place struct {
	n    int64
	at   *mongo.Collection
	seen time.Time // when the pointer was last seen to allow it; zero for a twin
	late time.Time // another is live: when this one can be used no longer
}

func (b *Backend) table(d view.Definition) (*table, error) {
	base, err := baseOf(d)
	if err != nil {
		return nil, err
	}
	indexes, err := newIndexes(d)
	if err != nil {
		return nil, err
	}
	return &table{b: b, def: d, base: base, indexes: indexes, held: make(chan struct{}, 1)}, nil
}

// hold keeps others from folding and from changing place until release.
func (t *table) hold(ctx context.Context) error {
	select {
	case t.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for view %s: %w", t.def.Name, ctx.Err())
	}
}

func (t *table) release() { <-t.held }

// Position is the last event that Apply has seen, or that the checkpoint
// stands at; 0 until the table is Ready.
func (t *table) Position() uint64 { return t.position.Load() }

// Ready finds the documents and the checkpoint. It returns fault.Unavailable if
// the database cannot be used, or was not migrated yet, and ErrStale. Who follows
// the log from Position calls it first.
func (t *table) Ready(ctx context.Context) error {
	_, err := t.documents(ctx)
	return err
}

// documents is where to read. It asks the database what is live when it has
// not for a while; readers do not wait for who folds if that was not long ago.
func (t *table) documents(ctx context.Context) (*mongo.Collection, error) {
	p := t.place.Load()
	if p.fresh(t.b.retire / 12) {
		return p.at, nil
	}
	looked := t.looks.DoChan("", func() (any, error) {
		return t.whatIsLive(context.WithoutCancel(ctx), p) // for all who wait, whoever came first
	})
	select {
	case r := <-looked:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*mongo.Collection), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for view %s: %w", t.def.Name, ctx.Err())
	}
}

// whatIsLive is where to read from now on. Who folds is let go first, as long as
// the last known place may be used without.
func (t *table) whatIsLive(ctx context.Context, last *place) (*mongo.Collection, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*t.b.timeout)
	defer cancel()
	if last.fresh(t.b.retire / 4) {
		select {
		case t.held <- struct{}{}:
		default:
			return last.at, nil
		}
	} else if err := t.hold(ctx); err != nil {
		return nil, unavailable("look which "+t.base+" is live", err)
	}
	defer t.release()
	if err := t.look(ctx); ctx.Err() != nil && err != nil {
		return nil, unavailable("look which "+t.base+" is live", err)
	} else if err != nil {
		return nil, err
	}
	return t.place.Load().at, nil
}

// fresh reports whether the place may be used unseen: a twin's always.
func (p *place) fresh(limit time.Duration) bool {
	return p != nil && (p.seen.IsZero() || time.Since(p.seen) < limit)
}

// look follows the pointer where it has not been seen for a while. The table
// is held.
func (t *table) look(ctx context.Context) error {
	if t.place.Load().fresh(t.b.retire / 12) {
		return nil
	}
	return t.follow(ctx)
}

// Get returns the document of key.
func (t *table) Get(ctx context.Context, key string) (view.Row, bool, error) {
	c, err := t.documents(ctx)
	if err != nil {
		return view.Row{}, false, err
	}
	var s stored
	err = t.b.within(ctx, "get from "+c.Name(), func(ctx context.Context) error {
		err := c.FindOne(ctx, bson.D{{Key: keyField, Value: key}}, options.FindOne().SetProjection(content())).Decode(&s)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		return err
	})
	if err != nil || s.Doc == nil {
		return view.Row{}, false, err
	}
	row, err := t.row(s)
	return row, err == nil, err
}

// content is what makes a document, without its places in indexes.
func content() bson.D { return bson.D{{Key: seqField, Value: 1}, {Key: docField, Value: 1}} }

// Find reads one range of one index.
func (t *table) Find(ctx context.Context, q view.Query) ([]view.Row, error) {
	ix, want, err := t.seek(q)
	if err != nil {
		return nil, err
	}
	c, err := t.documents(ctx)
	if err != nil {
		return nil, err
	}
	found, err := t.find(ctx, c, want.filter, options.Find().SetSort(want.sort).SetLimit(int64(q.Limit)).
		SetProjection(append(content(), bson.E{Key: ix.tail, Value: 1})))
	if err != nil {
		return nil, err
	}
	rows := make([]view.Row, len(found))
	for i, raw := range found {
		if rows[i], err = t.read(raw); err != nil {
			return nil, err
		}
		if rows[i].Cursor, err = ix.cursor(want.head, raw.Lookup(ix.tail).StringValue()); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// seek is where q looks. It returns view.ErrQuery or view.ErrCursor.
func (t *table) seek(q view.Query) (*index, seek, error) {
	if q.Limit < 1 || q.Limit > view.MaxLimit {
		return nil, seek{}, fmt.Errorf("%w: limit %d is not within 1 to %d", view.ErrQuery, q.Limit, view.MaxLimit)
	}
	for _, ix := range t.indexes {
		if ix.order.Index.Name != q.Index {
			continue
		}
		prefix, err := ix.order.Prefix(q.Equal)
		if err != nil {
			return nil, seek{}, err
		}
		var after string
		if q.After != "" {
			if after, err = ix.order.ParseCursor(q.After, prefix); err != nil {
				return nil, seek{}, err
			}
		}
		return ix, ix.seek(prefix, after), nil
	}
	return nil, seek{}, fmt.Errorf("%w: view %s has no index %q", view.ErrQuery, t.def.Name, q.Index)
}

// eachPage is how many documents Each reads at once.
const eachPage = 500

// Each visits every document in the order of keys. It reads them page by page:
// what changes meanwhile is visited as it is when its page is read.
func (t *table) Each(ctx context.Context, visit func(view.Row) error) error {
	c, err := t.documents(ctx)
	if err != nil {
		return err
	}
	for from := (bson.E{Key: "$gte", Value: ""}); ; {
		found, err := t.find(ctx, c, bson.D{{Key: keyField, Value: bson.D{from}}},
			options.Find().SetSort(bson.D{{Key: keyField, Value: 1}}).SetLimit(eachPage).SetProjection(content()))
		if err != nil {
			return err
		}
		for _, raw := range found {
			row, err := t.read(raw)
			if err != nil {
				return err
			}
			from = bson.E{Key: "$gt", Value: row.Key}
			if row.Doc == nil {
				continue
			}
			if err := visit(row); err != nil {
				return err
			}
		}
		if len(found) < eachPage {
			return nil
		}
	}
}

func (t *table) find(ctx context.Context, c *mongo.Collection, filter bson.D, o *options.FindOptions) (found []bson.Raw, err error) {
	err = t.b.within(ctx, "find in "+c.Name(), func(ctx context.Context) error {
		cursor, err := c.Find(ctx, filter, o)
		if err != nil {
			return err
		}
		return cursor.All(ctx, &found)
	})
	return found, err
}

func (t *table) read(raw bson.Raw) (view.Row, error) {
	var s stored
	if err := bson.Unmarshal(raw, &s); err != nil {
		return view.Row{}, fmt.Errorf("read a document of view %s: %w", t.def.Name, err)
	}
	return t.row(s)
}
