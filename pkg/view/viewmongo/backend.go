// Package viewmongo keeps views in MongoDB.
//
// A view's documents are one collection, and any number of processes may fold
// the same view into it: who lags behind changes nothing that is newer. Each
// document carries the position it was folded to; a deleted one stays as its
// position alone, so that nobody resurrects it. The checkpoint is a document of
// the same collection and is written last.
//
// Documents are stored as their JSON, so what is not in a document's JSON is
// not in the view.
//
// Collections are made by two, with the same commands, those of Commands:
//
//   - The migrations of a service make <view>_v<version>, in which a version of
//     a view begins. Nothing else does: a table whose collection is not there
//     says so, and waits for it.
//   - The backend makes <view>_v<version>_<n>, in which a rebuild folds the view
//     anew, and the collection that says which of them is live.
//
// No collection ever gets other indexes: documents that were folded without one
// do not stand in it. A change of a view's indexes is a new version of it, in a
// collection of its own.
package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"

	"kith/pkg/fault"
	"kith/pkg/view"
)

// Options are what a deployment may want to change. The zero value is good.
type Options struct {
	// Timeout bounds every call to the database. Default: 5 seconds.
	Timeout time.Duration
	// Retire is how long the documents that a rebuild has replaced are kept
	// for the other processes, which notice within a quarter of it and have
	// another half to catch up. It MUST be the same for all. Default: 1 minute.
	Retire time.Duration
	// Lease is how long a process may take to migrate the database. One that
	// takes longer, or has ended, loses its turn to the next. It MUST be the same
	// for all. Default: 30 seconds.
	Lease time.Duration
}

// Backend implements view.Backend on one database.
type Backend struct {
	options *options.ClientOptions
	client  *mongo.Client
	db      *mongo.Database
	timeout time.Duration
	retire  time.Duration
	lease   time.Duration

	closing chan struct{}
	close   sync.Once
	left    sync.WaitGroup // what Promote has left to do
}

// Connect makes a backend of the database at uri, a connection string of
// MongoDB. It does not need the database to be there: it returns errors of the
// uri alone, to which belong names that DNS does not know if it is a
// mongodb+srv one.
func Connect(ctx context.Context, uri, database string, o Options) (*Backend, error) {
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Retire == 0 {
		o.Retire = time.Minute
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	// Majority, both ways: what is folded must not be built on what a failover
	// takes back, for nobody would fold the lost part again; and the position
	// that Apply has reached must hold for good. Reads go to the primary, which
	// shows its clients what it has acknowledged. Writes are retried once by the
	// driver where the server can.
	c := options.Client().SetAppName("kith").
		SetServerSelectionTimeout(min(o.Timeout, 2*time.Second)).SetConnectTimeout(o.Timeout).
		ApplyURI(uri).
		SetReadConcern(readconcern.Majority()).SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	client, err := mongo.Connect(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	return &Backend{
		options: c, client: client, db: client.Database(database),
		timeout: o.Timeout, retire: o.Retire, lease: o.Lease, closing: make(chan struct{}),
	}, nil
}

// Close ends the connections. What the backend opened MUST NOT be used after.
func (b *Backend) Close(ctx context.Context) error {
	b.close.Do(func() { close(b.closing) })
	b.left.Wait()
	if err := b.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("disconnect from MongoDB: %w", err)
	}
	return nil
}

// Open returns the table of d. It does not ask the database, which may be
// down: the table finds its documents when it is first used, or made Ready. It
// returns view.ErrQuery for indexes that the documents cannot have.
func (b *Backend) Open(_ context.Context, d view.Definition) (view.Table, error) {
	t, err := b.table(d)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// within calls do with the time that one call may take.
func (b *Backend) within(ctx context.Context, what string, do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	err := do(limited)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // whoever asked does not wait any more
		return fmt.Errorf("%s: %w", what, ctx.Err())
	default:
		return unavailable(what, err)
	}
}

func unavailable(what string, err error) error {
	return &fault.Error{Code: fault.Unavailable, Detail: "The database of the views cannot be used at the moment. Try again shortly.",
		Err: fmt.Errorf("%s: %w", what, err)}
}

var _ view.Backend = (*Backend)(nil)
