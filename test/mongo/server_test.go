// Package mongo_test runs the views on MongoDB against a server: the one at
// KITH_TEST_MONGO_URI, or FerretDB in the test's own process.
package mongo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/view"
	"kith/pkg/view/viewmongo"
)

// server is where all tests' databases are.
type server struct {
	uri    string
	ferret bool
	writes sync.Mutex // see gate

	envelope schema // of views' documents
}

var there server

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	var err error
	if there.envelope, err = envelope(); err != nil {
		panic(err)
	}
	if there.uri = os.Getenv("KITH_TEST_MONGO_URI"); there.uri != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "ferretdb")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ferret, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"}, Logger: slog.New(slog.DiscardHandler),
		Handler: "sqlite", SQLiteURL: "file:" + dir + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ferret.Run(ctx) }()
	defer func() { cancel(); <-done }()
	there.uri, there.ferret = ferret.MongoDBURI(), true
	if !set("rapid.checks") { // each check is hundreds of calls, and FerretDB scans
		_ = flag.Set("rapid.checks", "8")
	}
	return m.Run()
}

func set(name string) (given bool) {
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

// database is a new one with the collection of parcels, dropped after the test.
func database(t *testing.T) string {
	t.Helper()
	name := empty(t)
	provide(t, name, definition())
	return name
}

// empty is a new database, dropped after the test.
func empty(t *testing.T) string {
	t.Helper()
	name := "kith_" + rand.Text()[:12]
	t.Cleanup(func() { _ = client(t, there.uri).Database(name).Drop(context.Background()) })
	return name
}

// provide makes what the migration of a view makes, unless it is there.
func provide(t *testing.T, database string, d view.Definition) {
	t.Helper()
	commands, err := viewmongo.Commands(d)
	if err != nil {
		return // Open has something to say about it
	}
	db := client(t, there.uri).Database(database)
	for _, text := range commands {
		var c bson.D
		if err := bson.UnmarshalExtJSON([]byte(text), true, &c); err != nil {
			t.Fatal(err)
		}
		if there.ferret { // it refuses validators
			c = slices.DeleteFunc(c, func(e bson.E) bool { return e.Key == "validator" })
		}
		err := db.RunCommand(context.Background(), c).Err()
		if e, ok := errors.AsType[mongo.CommandError](err); err != nil && (!ok || e.Name != "NamespaceExists") {
			t.Fatal(err)
		}
	}
}

func client(t *testing.T, uri string) *mongo.Client {
	t.Helper()
	c, err := mongo.Connect(context.Background(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Disconnect(context.Background()) })
	return c
}

// quick are options with which a test does not wait for long.
var quick = viewmongo.Options{Timeout: 2 * time.Second, Retire: 3 * time.Second}

// backend is one process's, through g.
func backend(t *testing.T, g *gate, database string, o viewmongo.Options) *viewmongo.Backend {
	t.Helper()
	b, err := viewmongo.Connect(context.Background(), g.uri(t), database, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// uri leads through the gate. Transactions of retried writes would not survive
// that it takes bulks apart.
func (g *gate) uri(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(there.uri)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("directConnection", "true")
	q.Set("retryWrites", "false")
	q.Set("heartbeatFrequencyMS", "500")
	u.Host, u.RawQuery = g.listener.Addr().String(), q.Encode()
	if u.Path == "" {
		u.Path = "/"
	}
	return fmt.Sprint(u)
}
