package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/view"
)

// pointers is the collection with one document for each base that was ever
// rebuilt. It says which of the base's collections is live.
//
// MongoDB answers from a collection that was dropped as from an empty one, and
// makes it anew for who writes. So a table must know better than to use one:
// it reads the pointer again while it works, stops using a replaced collection
// within three quarters of Options.Retire, and whoever promotes the new one
// drops the old one after the whole of it.
const pointers = "live_views"

// pointer is zero for a base that was never rebuilt.
type pointer struct {
	Made   int64 `bson:"made"`   // rebuilds that were begun
	Live   int64 `bson:"live"`   // the one whose collection is live
	Before int64 `bson:"before"` // whose was live before, unless Live is 0
}

// keeps reports whether the nth collection must stay.
func (p pointer) keeps(n int64) bool { return n == p.Live || p.Live != 0 && n == p.Before }

func (b *Backend) pointer(ctx context.Context, base string) (p pointer, err error) {
	err = b.within(ctx, "look which "+base+" is live", func(ctx context.Context) error {
		err := b.db.Collection(pointers).FindOne(ctx, bson.D{{Key: keyField, Value: base}}).Decode(&p)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		return err
	})
	return p, err
}

// Beside returns an empty table in a collection of its own. Only the rebuild
// of a view that was begun last can be promoted.
func (b *Backend) Beside(ctx context.Context, d view.Definition) (view.Table, error) {
	t, err := b.table(d)
	if err != nil {
		return nil, err
	}
	var p pointer
	err = b.within(ctx, "begin to rebuild "+t.base, func(ctx context.Context) error {
		return b.db.Collection(pointers).FindOneAndUpdate(ctx, bson.D{{Key: keyField, Value: t.base}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: "made", Value: int64(1)}}}, {Key: "$setOnInsert", Value: bson.D{{Key: "live", Value: int64(0)}}}},
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&p)
	})
	if err != nil {
		return nil, err
	}
	if err := b.clear(ctx, t.base, p); err != nil {
		return nil, err
	}
	if err := b.provide(ctx, commands(nameOf(t.base, p.Made), t.indexes)...); err != nil {
		return nil, err
	}
	t.twin, t.replaces = true, p.Live
	t.place.Store(&place{n: p.Made, at: b.db.Collection(nameOf(t.base, p.Made))})
	return t, nil
}

// clear drops what rebuilds have left that were abandoned.
func (b *Backend) clear(ctx context.Context, base string, p pointer) error {
	names, err := b.collections(ctx, bson.D{})
	if err != nil {
		return err
	}
	for _, name := range names {
		if n, ok := numberOf(base, name); ok && !p.keeps(n) {
			if err := b.drop(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// numberOf is the inverse of nameOf.
func numberOf(base, name string) (n int64, ok bool) {
	if name == base {
		return 0, true
	}
	digits, ok := strings.CutPrefix(name, base+"_")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && nameOf(base, n) == name
}

// Promote makes twin the live table of d, unless another rebuild of d was begun
// since, in this process or another. If it fails it can be repeated.
func (b *Backend) Promote(ctx context.Context, d view.Definition, twin view.Table) error {
	t, ok := twin.(*table)
	if base, err := baseOf(d); err != nil || !ok || t.b != b || t.base != base || t.place.Load() == nil {
		return errors.Join(err, fmt.Errorf("viewmongo: this is no twin of view %s", d.Name))
	}
	if err := t.hold(ctx); err != nil {
		return err
	}
	defer t.release()
	if !t.twin {
		return nil
	}
	if err := t.save(ctx); err != nil {
		return err
	}
	n := t.place.Load().n
	if err := b.swap(ctx, t.base, t.replaces, n); err != nil {
		return err
	}
	now := time.Now()
	t.twin, t.eager = false, now.Add(b.retire)
	t.place.Store(&place{n: n, at: t.place.Load().at, seen: now})
	b.left.Go(func() {
		select {
		case <-time.After(b.retire):
			// What stays because this fails, a later rebuild drops.
			_ = b.drop(context.WithoutCancel(ctx), nameOf(t.base, t.replaces))
		case <-b.closing:
		}
	})
	return nil
}

// swap is the one write that makes n live.
func (b *Backend) swap(ctx context.Context, base string, from, n int64) error {
	var swapped int64
	err := b.within(ctx, "promote "+nameOf(base, n), func(ctx context.Context) error {
		r, err := b.db.Collection(pointers).UpdateOne(ctx,
			bson.D{{Key: keyField, Value: base}, {Key: "made", Value: n}, {Key: "live", Value: from}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "live", Value: n}, {Key: "before", Value: from}}}})
		if err == nil {
			swapped = r.MatchedCount
		}
		return err
	})
	if err != nil || swapped == 1 {
		return err
	}
	p, err := b.pointer(ctx, base)
	if err == nil && p.Live != n { // else an attempt that seemed to fail has done it
		err = fmt.Errorf("viewmongo: %s cannot be promoted: another rebuild was begun since", nameOf(base, n))
	}
	return err
}

// follow looks which collection is live, and goes over to it as soon as
// nothing is lost by that: when it was folded at least as far as this table. A
// table that is ahead goes on with what it has, for a while; then it waits. The
// table is held.
func (t *table) follow(ctx context.Context) error {
	p, err := t.b.pointer(ctx, t.base)
	if err != nil {
		return err
	}
	now, was := time.Now(), t.place.Load()
	if was != nil && was.n == p.Live {
		t.place.Store(&place{n: was.n, at: was.at, seen: now})
		return nil
	}
	if was == nil {
		if err := t.expect(ctx, p.Live); err != nil {
			return err
		}
	}
	live := t.b.db.Collection(nameOf(t.base, p.Live))
	folded, err := t.b.checkpoint(ctx, live)
	if err != nil {
		return err
	}
	if was == nil || folded >= t.position.Load() {
		t.saved, t.savedAt = folded, time.Time{}
		if was == nil {
			t.position.Store(folded)
		}
		t.place.Store(&place{n: p.Live, at: live, seen: now})
		return nil
	}
	late := was.late
	if late.IsZero() {
		late = now.Add(t.b.retire / 2)
	}
	if now.After(late) || !p.keeps(was.n) {
		return unavailable("follow "+t.base, fmt.Errorf("it was rebuilt, and the new one is folded to %d, before %d", folded, t.position.Load()))
	}
	t.place.Store(&place{n: was.n, at: was.at, seen: now, late: late})
	return nil
}

// expect returns an error unless the nth collection can be used. What a rebuild
// has made is the backend's to make again if it went missing.
func (t *table) expect(ctx context.Context, n int64) error {
	name := nameOf(t.base, n)
	if n > 0 {
		return t.b.provide(ctx, commands(name, t.indexes)...)
	}
	return t.b.complete(ctx, name, t.indexes)
}

// checkpoint is the position up to which all of the collection was folded.
func (b *Backend) checkpoint(ctx context.Context, c *mongo.Collection) (uint64, error) {
	var at position
	err := b.within(ctx, "read the checkpoint of "+c.Name(), func(ctx context.Context) error {
		err := c.FindOne(ctx, bson.D{{Key: keyField, Value: checkpointID}}).Decode(&at)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		return err
	})
	return uint64(at.Seq), err
}
