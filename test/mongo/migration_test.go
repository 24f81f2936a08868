package mongo_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/golang-migrate/migrate/v4"
	driver "github.com/golang-migrate/migrate/v4/database/mongodb"
	"github.com/golang-migrate/migrate/v4/source/iofs"

	"kith/pkg/view"
	"kith/pkg/view/viewmongo"
)

const wantMigration = `[
  {"create":"depot-parcels_v3"},
  {"createIndexes":"depot-parcels_v3","indexes":[{"key":{"k_to":1},"name":"to:to,-size"},{"key":{"h_stop":1,"k_stop":1},"name":"stop:stops,-at"},{"key":{"k_newest":1},"name":"newest:-at,size"}]},
  {"create":"plain_v0"}
]
`

func TestMigration(t *testing.T) {
	plain := definition()
	plain.Name, plain.Version, plain.Indexes = "plain", 0, nil
	up, err := viewmongo.Migration(definition(), plain)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "migration", string(up), wantMigration)
	if again, _ := viewmongo.Migration(definition(), plain); !bytes.Equal(up, again) {
		t.Fatal("the migration of the same views is another the second time")
	}
	if _, err := viewmongo.Migration(view.Definition{Name: "a b"}); err == nil {
		t.Fatal("a name that cannot be a collection's was accepted")
	}
	none, err := viewmongo.Migration()
	if err != nil || string(none) != "[]\n" {
		t.Fatalf("migration of nothing: %q, %v", none, err)
	}

	db := database(t)
	migrateUp(t, db, up)
	same(t, "collections", collections(t, db, ""), []string{"depot-parcels_v3", "plain_v0", "schema_migrations"})

	// The table finds the collection with its indexes, and makes nothing.
	g := newGate(t)
	v := open(t, backend(t, g, db, quick))
	log := history(5, 20)
	apply(t, v, log)
	same(t, "hash", hash(t, v), inMemory(t, log))
	same(t, "collections", collections(t, db, ""), []string{"depot-parcels_v3", "plain_v0", "schema_migrations"})
	made, err := client(t, there.uri).Database(db).Collection("depot-parcels_v3").Indexes().ListSpecifications(t.Context())
	if err != nil || len(made) != 4 {
		t.Fatalf("indexes %v, error %v", made, err)
	}

	// And where there was no migration the table makes the same.
	other := database(t)
	apply(t, open(t, backend(t, g, other, quick)), log)
	same2, err := client(t, there.uri).Database(other).Collection("depot-parcels_v3").Indexes().ListSpecifications(t.Context())
	if err != nil || len(same2) != len(made) {
		t.Fatalf("indexes %v, error %v", same2, err)
	}
	for i := range made {
		same(t, "index", same2[i].Name+same2[i].KeysDocument.String(), made[i].Name+made[i].KeysDocument.String())
	}
}

func migrateUp(t *testing.T, db string, up []byte) {
	t.Helper()
	source, err := iofs.New(fstest.MapFS{"1_views.up.json": {Data: up}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	d, err := driver.WithInstance(client(t, there.uri), &driver.Config{DatabaseName: db})
	if err != nil {
		t.Fatal(err)
	}
	m, err := migrate.NewWithInstance("views", source, db, d)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		t.Fatal(err)
	}
}
