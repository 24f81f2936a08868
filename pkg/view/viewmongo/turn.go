package viewmongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/golang-migrate/migrate/v4/database"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
)

// locks is the collection with golang-migrate's lock, a document that is there
// while somebody migrates, for ever if they crash.
const locks = "migrate_advisory_lock"

// turn is golang-migrate's driver for one run. Its migrations can be repeated,
// and it uses that: a migration that was begun and not finished is no damage that
// somebody must look at, it is run again. And its lock ends.
type turn struct {
	database.Driver
	b     *Backend
	ctx   context.Context
	files files
	again bool

	until   time.Time // when the next may take over
	running int       // migration
}

var errLate = errors.New("it took longer than a process may take to migrate the database")

func (t *turn) late() bool { return time.Now().After(t.until) }

// Lock implements database.Driver.
func (t *turn) Lock() error {
	t.until = time.Now().Add(t.b.lease)
	return t.Driver.Lock()
}

// Unlock implements database.Driver. Who is late leaves the lock alone: it may
// be another's by now.
func (t *turn) Unlock() error {
	if t.late() {
		return errLate
	}
	return t.Driver.Unlock()
}

// Version implements database.Driver. It is the last migration of those that
// there are that was finished.
func (t *turn) Version() (int, bool, error) {
	last, dirty, err := t.Driver.Version()
	if err != nil {
		return 0, false, cause(err)
	}
	at := uint(max(last, 0))
	switch {
	case t.again:
		at = 0
	case dirty:
		at = t.files.before(at)
	default:
		at = min(at, t.files.newest())
	}
	if at == 0 {
		return database.NilVersion, false, nil
	}
	return int(at), false, nil
}

// SetVersion implements database.Driver.
func (t *turn) SetVersion(version int, dirty bool) error {
	if t.late() {
		return errLate
	}
	t.running = version
	return cause(t.Driver.SetVersion(version, dirty))
}

// Run implements database.Driver.
func (t *turn) Run(migration io.Reader) error {
	text, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	var commands []bson.D
	if err := bson.UnmarshalExtJSON(text, true, &commands); err != nil {
		return fmt.Errorf("read migration %d: %w", t.running, err)
	}
	for _, c := range commands {
		if t.late() {
			return errLate
		}
		if err := t.b.provide(t.ctx, c); err != nil {
			return fmt.Errorf("migration %d: %w", t.running, err)
		}
	}
	return nil
}

// cause is the error that golang-migrate keeps to itself.
func cause(err error) error {
	if e, ok := errors.AsType[*database.Error](err); ok && e.OrigErr != nil {
		return fmt.Errorf("%s: %w", e.Err, e.OrigErr)
	}
	return err
}

// queue is who waits for their turn.
type queue struct {
	holder primitive.ObjectID // of the lock
	since  time.Time          // when it was first seen
}

// look sees who holds the lock, and takes it from one that has held it for
// longer than the lease. No clocks are compared: the lock has an id of its own
// each time, and who waits measures how long they have seen it.
func (q *queue) look(ctx context.Context, b *Backend, log *slog.Logger) error {
	var lock struct {
		ID       primitive.ObjectID `bson:"_id"`
		Pid      int                `bson:"pid"`
		Hostname string             `bson:"hostname"`
	}
	err := b.within(ctx, "look who migrates the database", func(ctx context.Context) error {
		return b.db.Collection(locks).FindOne(ctx, bson.D{}).Decode(&lock)
	})
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	if lock.ID != q.holder {
		q.holder, q.since = lock.ID, time.Now()
		log.Info("another process migrates the database of the views; waiting", "host", lock.Hostname, "pid", lock.Pid)
	}
	// A command that was begun within the lease may take its time.
	if time.Since(q.since) < b.lease+b.timeout {
		return nil
	}
	log.Warn("the process that migrated the database of the views has ended before it was done; taking over", "host", lock.Hostname, "pid", lock.Pid)
	return b.within(ctx, "take over from who migrated the database", func(ctx context.Context) error {
		_, err := b.db.Collection(locks).DeleteOne(ctx, bson.D{{Key: "_id", Value: lock.ID}})
		return err
	})
}
