package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"

	"kith/pkg/view"
)

// ErrStale is returned when a collection with documents lacks an index of its
// view: they were folded without it, and a query would not find them. The
// view's version must be raised, or the view be rebuilt.
var ErrStale = errors.New("viewmongo: the documents were folded for other indexes")

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,95}$`)

// baseOf names the collection of a view's version, and what belongs to it.
func baseOf(d view.Definition) (string, error) {
	if !validName.MatchString(d.Name) || d.Version < 0 {
		return "", fmt.Errorf("viewmongo: view %q version %d cannot name a collection", d.Name, d.Version)
	}
	return fmt.Sprintf("%s_v%d", d.Name, d.Version), nil
}

// nameOf is the collection of a base that a rebuild has made as its nth; the
// base's own is that which there was before any.
func nameOf(base string, n int64) string {
	if n == 0 {
		return base
	}
	return fmt.Sprintf("%s_%d", base, n)
}

// command is what makes a collection, or its indexes.
func create(collection string) bson.D { return bson.D{{Key: "create", Value: collection}} }

func createIndexes(collection string, indexes []*index) bson.D {
	all := make(bson.A, len(indexes))
	for i, ix := range indexes {
		all[i] = bson.D{{Key: "key", Value: ix.keys()}, {Key: "name", Value: ix.name()}}
	}
	return bson.D{{Key: "createIndexes", Value: collection}, {Key: "indexes", Value: all}}
}

// Migration is what golang-migrate's driver for MongoDB runs to make the
// collections of defs: a JSON array of commands, the same for the same defs. A
// table that finds its collection missing makes it in the same way.
func Migration(defs ...view.Definition) ([]byte, error) {
	var out []byte
	for _, d := range defs {
		base, err := baseOf(d)
		if err != nil {
			return nil, err
		}
		indexes, err := newIndexes(d)
		if err != nil {
			return nil, err
		}
		for _, c := range commands(base, indexes) {
			// Relaxed: numbers as such, as one writes them by hand.
			text, err := bson.MarshalExtJSON(c, false, false)
			if err != nil {
				return nil, fmt.Errorf("write the migration of view %s: %w", d.Name, err)
			}
			out = append(append(out, ",\n  "...), text...)
		}
	}
	if len(out) == 0 {
		return []byte("[]\n"), nil
	}
	out[0] = '['
	return append(out, "\n]\n"...), nil
}

func commands(collection string, indexes []*index) []bson.D {
	if len(indexes) == 0 {
		return []bson.D{create(collection)}
	}
	return []bson.D{create(collection), createIndexes(collection, indexes)}
}

// Error codes of MongoDB.
const (
	namespaceExists = 48
	duplicateKey    = 11000
)

// provide makes the collection, unless it is there, and those of its indexes
// that it lacks, if it is still empty: somebody may have stopped halfway.
func (b *Backend) provide(ctx context.Context, collection string, indexes []*index) error {
	there, err := b.collections(ctx, bson.D{{Key: "name", Value: collection}})
	if err != nil {
		return err
	}
	if len(there) == 0 {
		err := b.within(ctx, "create collection "+collection, func(ctx context.Context) error {
			err := b.db.RunCommand(ctx, create(collection)).Err()
			if e, ok := errors.AsType[mongo.CommandError](err); ok && e.Code == namespaceExists {
				return nil // another process was quicker
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	missing, err := b.missing(ctx, collection, indexes)
	if err != nil || len(missing) == 0 {
		return err
	}
	if empty, err := b.empty(ctx, collection); err != nil {
		return err
	} else if !empty {
		return fmt.Errorf("%w: %s has no index %s", ErrStale, collection, missing[0].name())
	}
	return b.within(ctx, "create the indexes of "+collection, func(ctx context.Context) error {
		return b.db.RunCommand(ctx, createIndexes(collection, missing)).Err()
	})
}

// missing are the indexes that the collection lacks.
func (b *Backend) missing(ctx context.Context, collection string, indexes []*index) (missing []*index, err error) {
	err = b.within(ctx, "list the indexes of "+collection, func(ctx context.Context) error {
		there, err := b.db.Collection(collection).Indexes().ListSpecifications(ctx)
		if err != nil {
			return err
		}
		missing = nil
		for _, ix := range indexes {
			if !slices.ContainsFunc(there, func(s *mongo.IndexSpecification) bool { return s.Name == ix.name() }) {
				missing = append(missing, ix)
			}
		}
		return nil
	})
	return missing, err
}

// empty reports whether nothing was folded into the collection yet.
func (b *Backend) empty(ctx context.Context, collection string) (empty bool, err error) {
	err = b.within(ctx, "look into "+collection, func(ctx context.Context) error {
		err := b.db.Collection(collection).FindOne(ctx, bson.D{}).Err()
		if empty = errors.Is(err, mongo.ErrNoDocuments); empty {
			return nil
		}
		return err
	})
	return empty, err
}

func (b *Backend) collections(ctx context.Context, filter bson.D) (names []string, err error) {
	err = b.within(ctx, "list collections", func(ctx context.Context) (err error) {
		names, err = b.db.ListCollectionNames(ctx, filter)
		return err
	})
	return names, err
}

func (b *Backend) drop(ctx context.Context, collection string) error {
	return b.within(ctx, "drop "+collection, func(ctx context.Context) error {
		return b.db.Collection(collection).Drop(ctx)
	})
}
