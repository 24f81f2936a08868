package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
)

// ErrStale is returned when a collection with documents lacks an index of its
// view: they were folded without it, and a query would not find them. The
// view's version must be raised, or the view be rebuilt.
var ErrStale = errors.New("viewmongo: the documents were folded for other indexes")

// Error codes of MongoDB.
const (
	unauthorized    = 13
	namespaceExists = 48
	duplicateKey    = 11000
)

// specs is a command that makes indexes.
type specs struct {
	Collection string     `bson:"createIndexes"`
	Indexes    []bson.Raw `bson:"indexes"`
}

func nameOfSpec(spec bson.Raw) string {
	name, _ := spec.Lookup("name").StringValueOK()
	return name
}

// provide runs commands of a schema so that they can be repeated: a collection
// that is there stays as it is, and indexes are made in one that is empty, for
// somebody may have stopped halfway. It returns ErrStale for one that is not.
func (b *Backend) provide(ctx context.Context, commands ...bson.D) error {
	for _, c := range commands {
		var err error
		switch {
		case len(c) > 0 && c[0].Key == create:
			err = b.create(ctx, c)
		case len(c) > 0 && c[0].Key == createIndexes:
			err = b.createIndexes(ctx, c)
		default:
			err = fmt.Errorf("viewmongo: the command %v is none that can be repeated: use %s and %s", c, create, createIndexes)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Backend) create(ctx context.Context, command bson.D) error {
	return b.within(ctx, fmt.Sprintf("create collection %v", command[0].Value), func(ctx context.Context) error {
		err := b.db.RunCommand(ctx, command).Err()
		if e, ok := errors.AsType[mongo.CommandError](err); ok && e.Code == namespaceExists {
			return nil
		}
		return err
	})
}

func (b *Backend) createIndexes(ctx context.Context, command bson.D) error {
	var want specs
	raw, err := bson.Marshal(command)
	if err != nil {
		return err
	}
	if err := bson.Unmarshal(raw, &want); err != nil {
		return fmt.Errorf("viewmongo: read a command %s: %w", createIndexes, err)
	}
	there, err := b.indexes(ctx, want.Collection)
	if err != nil {
		return err
	}
	want.Indexes = slices.DeleteFunc(want.Indexes, func(s bson.Raw) bool { return slices.Contains(there, nameOfSpec(s)) })
	if len(want.Indexes) == 0 {
		return nil
	}
	if empty, err := b.empty(ctx, want.Collection); err != nil {
		return err
	} else if !empty {
		return fmt.Errorf("%w: %s has no index %s", ErrStale, want.Collection, nameOfSpec(want.Indexes[0]))
	}
	return b.within(ctx, "create the indexes of "+want.Collection, func(ctx context.Context) error {
		return b.db.RunCommand(ctx, want).Err()
	})
}

// complete returns an error unless the collection is there with all of its
// indexes: fault.Unavailable while it can still come, or ErrStale.
func (b *Backend) complete(ctx context.Context, collection string, indexes []*index) error {
	there, err := b.indexes(ctx, collection)
	if err != nil {
		return err
	}
	missing := slices.IndexFunc(indexes, func(ix *index) bool { return !slices.Contains(there, ix.name()) })
	if missing < 0 && len(there) > 0 { // every collection has one for its keys
		return nil
	}
	if empty, err := b.empty(ctx, collection); err != nil {
		return err
	} else if !empty && missing >= 0 {
		return fmt.Errorf("%w: %s has no index %s", ErrStale, collection, indexes[missing].name())
	}
	return unavailable("use collection "+collection, errors.New("the migrations of the service have not made it; if it went missing since, migrate --again makes it anew"))
}

// indexes are the names of those that the collection has; none if there is no
// such collection.
func (b *Backend) indexes(ctx context.Context, collection string) (names []string, err error) {
	err = b.within(ctx, "list the indexes of "+collection, func(ctx context.Context) error {
		there, err := b.db.Collection(collection).Indexes().ListSpecifications(ctx)
		if err != nil {
			return err
		}
		names = nil
		for _, s := range there {
			names = append(names, s.Name)
		}
		return nil
	})
	return names, err
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
