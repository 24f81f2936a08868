package mongo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/view"
	"kith/pkg/view/viewmongo"
)

// release are the migrations of a release: each makes the collections of some views.
func release(t *testing.T, migrations ...[]view.Definition) fs.FS {
	t.Helper()
	files := fstest.MapFS{"migrations/SHA256SUMS": {}}
	for i, views := range migrations {
		var all []string
		for _, d := range views {
			commands, err := viewmongo.Commands(d)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, commands...)
		}
		files[fmt.Sprintf("migrations/%04d_views.up.json", i+1)] = &fstest.MapFile{Data: []byte("[" + strings.Join(all, ",") + "]")}
	}
	return files
}

// called is the definition of parcels under another name, without indexes.
func called(name string) view.Definition {
	d := definition()
	d.Name, d.Version, d.Indexes = name, 0, nil
	return d
}

// migrate does it quietly.
func migrate(t *testing.T, b *viewmongo.Backend, files fs.FS) (viewmongo.Migrated, error) {
	return b.Migrate(t.Context(), viewmongo.Migrations{Files: files, Log: slog.New(slog.DiscardHandler)})
}

func mustMigrate(t *testing.T, b *viewmongo.Backend, files fs.FS) viewmongo.Migrated {
	t.Helper()
	m, err := migrate(t, b, files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	housekeeping = []string{"migrate_advisory_lock", "schema_migrations"}
	// hasty are options with which nobody waits for a process that has ended.
	hasty = viewmongo.Options{Timeout: 2 * time.Second, Lease: 3 * time.Second}
)

func TestMigrate(t *testing.T) {
	g, db := newGate(t), empty(t)
	b := backend(t, g, db, quick)
	first := release(t, []view.Definition{definition(), called("plain")})
	v := open(t, b)
	unavailable(t, "a view in a database that was not migrated", v.Ready(t.Context()))

	same(t, "before", mustMigrate(t, b, first), viewmongo.Migrated{At: 0, Newest: 1})
	same(t, "collections", collections(t, db, ""), append([]string{"depot-parcels_v3"}, append(housekeeping[:1:1], "plain_v0", housekeeping[1])...))
	made, err := client(t, there.uri).Database(db).Collection("depot-parcels_v3").Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var indexes []string
	for _, ix := range made {
		indexes = append(indexes, ix.Name)
	}
	same(t, "indexes", indexes, []string{"_id_", "newest:-at,size", "stop:stops,-at", "to:to,-size"})

	log := history(5, 20)
	apply(t, v, log)
	same(t, "hash", hash(t, v), inMemory(t, log))
	same(t, "before a second time", mustMigrate(t, b, first), viewmongo.Migrated{At: 1, Newest: 1})
	second := release(t, []view.Definition{definition(), called("plain")}, []view.Definition{called("more")})
	same(t, "before the next release", mustMigrate(t, b, second), viewmongo.Migrated{At: 1, Newest: 2})
	same(t, "collections of the next release", collections(t, db, "more"), []string{"more_v0"})
	same(t, "hash after all that", hash(t, v), inMemory(t, log))
}

// What is there needs no rights, and no lock, to be found.
func TestMigrateWithoutRights(t *testing.T) {
	g, db := newGate(t), empty(t)
	b := backend(t, g, db, quick)
	files := release(t, []view.Definition{definition()})
	for _, command := range []string{"createIndexes", "create"} {
		g.set(func() { g.deny = command })
		if _, err := migrate(t, b, files); !errors.Is(err, viewmongo.ErrDenied) || !strings.Contains(err.Error(), "not authorized") {
			t.Fatalf("without the right to %s: %v", command, err)
		}
	}
	g.set(func() { g.deny = "" })
	mustMigrate(t, b, files)
	g.set(func() { g.deny = "createIndexes" })
	mustMigrate(t, b, files)
}

func TestMigrateInSeveralProcesses(t *testing.T) {
	db, files := empty(t), release(t, []view.Definition{definition()}, []view.Definition{called("plain")})
	var wg sync.WaitGroup
	for range 4 {
		b := backend(t, newGate(t), db, quick)
		wg.Go(func() {
			for { // FerretDB hangs up on one of two that create the same index at once
				if _, err := migrate(t, b, files); err == nil {
					return
				} else if !there.ferret || errors.Is(err, viewmongo.ErrDenied) || errors.Is(err, viewmongo.ErrStale) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b := backend(t, newGate(t), db, quick)
	same(t, "at", mustMigrate(t, b, files), viewmongo.Migrated{At: 2, Newest: 2})
	if err := open(t, b).Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "locks", count(t, db, "migrate_advisory_lock"), 0)
	same(t, "versions", count(t, db, "schema_migrations"), 1)
}

func count(t *testing.T, db, collection string) int64 {
	t.Helper()
	n, err := client(t, there.uri).Database(db).Collection(collection).CountDocuments(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// insert puts a document into a collection.
func insert(t *testing.T, db, collection string, doc bson.M) {
	t.Helper()
	if _, err := client(t, there.uri).Database(db).Collection(collection).InsertOne(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
}

// A process has ended in the middle of a migration: half of it is done, and
// nobody gives the lock back.
func TestMigrateAfterACrash(t *testing.T) {
	db, files := empty(t), release(t, []view.Definition{called("plain"), definition()})
	provide(t, db, called("plain"))
	insert(t, db, "schema_migrations", bson.M{"version": 1, "dirty": true})
	insert(t, db, "migrate_advisory_lock", bson.M{"locking_key": 0, "pid": 7, "hostname": "gone", "created_at": time.Now()})
	b := backend(t, newGate(t), db, hasty)
	before, err := b.Migrated(t.Context(), viewmongo.Migrations{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "before", before, viewmongo.Migrated{At: 0, Newest: 1, Begun: 1})
	same(t, "pending", before.Pending(), true)
	var said bytes.Buffer
	if _, err := b.Migrate(t.Context(), viewmongo.Migrations{Files: files, Log: slog.New(slog.NewTextHandler(&said, nil))}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"waiting", "taking over", "host=gone"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("the log does not say %q: %s", line, said.String())
		}
	}
	same(t, "after", mustMigrate(t, b, files), viewmongo.Migrated{At: 1, Newest: 1})
	if err := open(t, b).Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Who takes longer than the lease stops, and leaves the lock to who waits.
func TestMigrateTooSlowly(t *testing.T) {
	g, db, files := newGate(t), empty(t), release(t, []view.Definition{definition()})
	slow := backend(t, g, db, viewmongo.Options{Timeout: 3 * time.Second, Lease: 200 * time.Millisecond})
	g.set(func() { g.delay = 100 * time.Millisecond })
	if _, err := migrate(t, slow, files); err == nil || !strings.Contains(err.Error(), "took longer") {
		t.Fatalf("the slow one ended with %v", err)
	}
	same(t, "locks", count(t, db, "migrate_advisory_lock"), 1)
	mustMigrate(t, backend(t, newGate(t), db, hasty), files)
	same(t, "locks after another has taken over", count(t, db, "migrate_advisory_lock"), 0)
}

// Who waits goes on waiting for a process that is alive, and ends when told to.
func TestWaitForWhoMigrates(t *testing.T) {
	db, files := empty(t), release(t, []view.Definition{definition()})
	insert(t, db, "migrate_advisory_lock", bson.M{"locking_key": 0, "pid": 7, "hostname": "busy", "created_at": time.Now()})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := slog.New(slog.NewTextHandler(writer(func(line []byte) {
		if bytes.Contains(line, []byte("host=busy")) {
			cancel()
		}
	}), nil))
	_, err := backend(t, newGate(t), db, quick).Migrate(ctx, viewmongo.Migrations{Files: files, Log: waits})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	same(t, "locks", count(t, db, "migrate_advisory_lock"), 1)
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

// A release that was rolled back runs on what the newer one has left.
func TestMigratedByANewerRelease(t *testing.T) {
	db := empty(t)
	older := release(t, []view.Definition{definition()})
	newer := release(t, []view.Definition{definition()}, []view.Definition{called("plain")})
	b := backend(t, newGate(t), db, hasty)
	mustMigrate(t, b, newer)
	before := mustMigrate(t, b, older)
	same(t, "before", before, viewmongo.Migrated{At: 2, Newest: 1})
	same(t, "pending", before.Pending(), false)
	if err := open(t, b).Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := client(t, there.uri).Database(db).Collection("schema_migrations").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	insert(t, db, "schema_migrations", bson.M{"version": 2, "dirty": true}) // it has crashed
	before = mustMigrate(t, b, older)
	same(t, "before", before, viewmongo.Migrated{At: 1, Newest: 1, Begun: 2})
	same(t, "the newer one again", mustMigrate(t, b, newer), viewmongo.Migrated{At: 1, Newest: 2, Begun: 2})
	same(t, "at last", mustMigrate(t, b, newer), viewmongo.Migrated{At: 2, Newest: 2})
}

// Collections that were there before there were migrations stay as they are.
func TestMigrateWhatIsThere(t *testing.T) {
	g, db := newGate(t), database(t)
	b, log := backend(t, g, db, quick), history(5, 20)
	apply(t, open(t, b), log)
	mustMigrate(t, b, release(t, []view.Definition{definition(), called("plain")}))
	v := open(t, backend(t, g, db, quick))
	same(t, "hash", hash(t, v), inMemory(t, log))
	same(t, "collections", collections(t, db, "plain"), []string{"plain_v0"})

	d := definition()
	d.Indexes = append(d.Indexes, view.Index{Name: "size", Fields: []string{"size"}})
	if _, err := migrate(t, b, release(t, []view.Definition{definition()}, []view.Definition{d})); !errors.Is(err, viewmongo.ErrStale) {
		t.Fatalf("an index was made that the documents do not stand in: %v", err)
	}
}

func TestMigrateAgain(t *testing.T) {
	g, db, files := newGate(t), empty(t), release(t, []view.Definition{definition(), called("plain")})
	b, log := backend(t, g, db, quick), history(5, 20)
	mustMigrate(t, b, files)
	apply(t, open(t, b), log)
	if err := client(t, there.uri).Database(db).Collection("depot-parcels_v3").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustMigrate(t, b, files)
	v := open(t, backend(t, g, db, quick))
	err := v.Ready(t.Context())
	unavailable(t, "a collection that went missing", err)
	if !strings.Contains(err.Error(), "migrate --again") {
		t.Fatalf("no way out: %v", err)
	}
	if _, err := b.Migrate(t.Context(), viewmongo.Migrations{Files: files, Again: true, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	apply(t, v, log)
	same(t, "hash", hash(t, v), inMemory(t, log))
}

// What a rebuild has made is not the migrations' to make again.
func TestRebuiltCollectionWentMissing(t *testing.T) {
	g, db := newGate(t), database(t)
	v, log := open(t, backend(t, g, db, quick)), history(5, 20)
	apply(t, v, log)
	twin, err := v.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	apply(t, twin, log)
	if err := v.Swap(t.Context(), twin); err != nil {
		t.Fatal(err)
	}
	if err := client(t, there.uri).Database(db).Collection("depot-parcels_v3_1").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := open(t, backend(t, g, db, quick))
	apply(t, again, log)
	same(t, "hash", hash(t, again), inMemory(t, log))
}

func TestMigrateWithoutADatabase(t *testing.T) {
	g, db, files := newGate(t), empty(t), release(t, []view.Definition{definition()})
	g.set(func() { g.down = true })
	b := backend(t, g, db, hasty)
	_, err := migrate(t, b, files)
	unavailable(t, "migrate", err)
	_, err = b.Migrated(t.Context(), viewmongo.Migrations{Files: files})
	unavailable(t, "migrated", err)
}

func TestMigrationsThatCannotBe(t *testing.T) {
	b := backend(t, newGate(t), empty(t), quick)
	for what, text := range map[string]string{
		"is none that can be repeated": `[{"dropDatabase": 1}]`,
		"read migration 1":             `{"create": "x"}`,
		"migration 1: viewmongo":       `[{}]`,
	} {
		_, err := migrate(t, b, fstest.MapFS{"migrations/0001_bad.up.json": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := migrate(t, b, fstest.MapFS{}); err == nil {
		t.Error("a release without the folder was accepted")
	}
}
