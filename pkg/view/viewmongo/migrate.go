package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/mongodb"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/fault"
)

// ErrDenied is returned when the database's user may not migrate it.
var ErrDenied = errors.New("viewmongo: the user of the database may not make collections and indexes")

// versions is the collection in which golang-migrate keeps how far it is. It
// replaces the whole collection each time.
const versions = "schema_migrations"

// Migrations are files that golang-migrate runs in the order of their numbers:
// in the folder migrations, 0001_views.up.json and so on, each a JSON array of
// commands that Backend.provide knows to repeat.
type Migrations struct {
	Files fs.FS
	// Again runs all of them, whatever was run before: what went missing is made
	// anew, and what is there stays.
	Again bool
	Log   *slog.Logger
}

// Migrated is how far a database was migrated.
type Migrated struct {
	At     uint // the last migration that was finished; 0: none
	Newest uint // the last that there is
	Begun  uint // one that was begun and is not finished; 0: there is none
}

// Pending reports whether there are migrations to run. There are none in a
// database that a newer release has migrated: what this one needs is there, for
// migrations make, and neither change nor remove.
func (m Migrated) Pending() bool { return m.At < m.Newest }

// Migrated looks how far the database was migrated. It returns
// fault.Unavailable if it cannot be asked.
func (b *Backend) Migrated(ctx context.Context, m Migrations) (Migrated, error) {
	f, err := read(m.Files)
	if err != nil {
		return Migrated{}, err
	}
	return b.migrated(ctx, f)
}

// Migrate runs the migrations that were not finished, and returns how far the
// database was before. Several processes can do it at a time: one is at it, the
// others wait. It ends early with ctx, between two attempts. It returns
// fault.Unavailable if the database cannot be used, ErrDenied, or ErrStale; then
// what was done stays, and it can be repeated.
func (b *Backend) Migrate(ctx context.Context, m Migrations) (before Migrated, err error) {
	f, err := read(m.Files)
	if err != nil {
		return before, err
	}
	if before, err = b.migrated(ctx, f); err != nil || !before.Pending() && !m.Again {
		return before, err
	}
	var queue queue
	for {
		err := b.up(ctx, f, m.Again)
		if !errors.Is(err, database.ErrLocked) {
			return before, b.explained(err)
		}
		if err := queue.look(ctx, b, m.Log); err != nil {
			return before, err
		}
		if ctx.Err() != nil {
			return before, fmt.Errorf("wait for who migrates the database: %w", ctx.Err())
		}
	}
}

// explained is err of a migration as callers tell it apart.
func (b *Backend) explained(err error) error {
	if err == nil || errors.Is(err, ErrStale) {
		return err
	}
	if e, ok := errors.AsType[mongo.CommandError](err); ok && e.Code == unauthorized {
		return fmt.Errorf("%w: %s", ErrDenied, e.Message)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return unavailable("migrate the database", err)
}

func (b *Backend) migrated(ctx context.Context, f files) (m Migrated, err error) {
	var last struct {
		Version int
		Dirty   bool
	}
	err = b.within(ctx, "look how far the database was migrated", func(ctx context.Context) error {
		err := b.db.Collection(versions).FindOne(ctx, bson.D{}).Decode(&last)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		return err
	})
	m = Migrated{At: uint(max(last.Version, 0)), Newest: f.newest()}
	if last.Dirty {
		m.At, m.Begun = f.before(m.At), m.At
	}
	return m, err
}

// up waits a second for its turn, and runs what is to be run. It returns
// database.ErrLocked if it was not its turn, or if the database went away.
func (b *Backend) up(ctx context.Context, f files, again bool) error {
	// golang-migrate calls the database without a context.
	client, err := mongo.Connect(ctx, b.options, options.Client().SetTimeout(b.timeout))
	if err != nil {
		return err
	}
	defer func() { _ = client.Disconnect(context.WithoutCancel(ctx)) }()
	driver, err := mongodb.WithInstance(client, &mongodb.Config{
		DatabaseName: b.db.Name(), MigrationsCollection: versions,
		Locking: mongodb.Locking{CollectionName: locks, Enabled: true, Timeout: 1, Interval: 1}, // seconds
	})
	if err != nil {
		return cause(err)
	}
	// Once begun it is not interrupted: it takes no longer than the lease.
	run, err := migrate.NewWithInstance("files", f, b.db.Name(),
		&turn{Driver: driver, b: b, ctx: context.WithoutCancel(ctx), files: f, again: again})
	if err != nil {
		return err
	}
	if err := run.Up(); !errors.Is(err, migrate.ErrNoChange) {
		return err
	}
	return nil
}

// files are the migrations of a service.
type files struct {
	source.Driver
	numbers []uint // ascending
}

func read(fsys fs.FS) (f files, err error) {
	if f.Driver, err = iofs.New(fsys, "migrations"); err != nil {
		return f, fmt.Errorf("read the migrations: %w", err)
	}
	for n, err := f.First(); ; n, err = f.Next(n) {
		if errors.Is(err, fs.ErrNotExist) {
			return f, nil
		}
		if err != nil {
			return f, fmt.Errorf("read the migrations: %w", err)
		}
		f.numbers = append(f.numbers, n)
	}
}

func (f files) newest() uint {
	if len(f.numbers) == 0 {
		return 0
	}
	return f.numbers[len(f.numbers)-1]
}

// before is the last migration before n; 0: none.
func (f files) before(n uint) (last uint) {
	for _, m := range f.numbers {
		if m < n {
			last = m
		}
	}
	return last
}
