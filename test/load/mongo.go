package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewmongo"
	"kith/services/community"
	"kith/services/matching"
	"kith/services/membership"
	"kith/services/notification"
	"kith/test/internal/deployment"
)

// What stands in for MongoDB looks through all documents to find one, so that it
// is given fewer events: some fifteen seconds of them.
const (
	mongoEvents   = 20_000
	standInEvents = 1_500
)

// foldMongo measures how fast all views of all services are folded into MongoDB
// or its stand-in, beside folding the same events in memory. There is no limit:
// nothing else writes these documents.
func (b *bench) foldMongo(ctx context.Context) error {
	bin, err := b.programs(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "mongo")
	server, err := deployment.StartMongo(ctx, bin, data)
	if err != nil {
		return err
	}
	defer func() {
		if err := server.Stop(); err != nil {
			note("what stands in for MongoDB did not end well: %v", err)
		}
	}()
	n := mongoEvents
	if server.StandIn {
		n = standInEvents
		note("folding into what stands in for MongoDB")
	}
	if err := prepare(ctx, data, b.size(n, 300)); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	database := "kith_load_" + strings.ToLower(rand.Text()[:8])
	defer func() {
		if err := drop(context.WithoutCancel(ctx), server.URI, database); err != nil {
			note("the database %s is left: %v", database, err)
		}
	}()
	backend, err := viewmongo.Connect(ctx, server.URI, database, viewmongo.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = backend.Close(context.WithoutCancel(ctx)) }()
	for _, files := range []fs.FS{membership.Migrations(), community.Migrations(), matching.Migrations(), notification.Migrations()} {
		if _, err := backend.Migrate(ctx, viewmongo.Migrations{Files: files, Again: true, Log: quiet()}); err != nil {
			return err
		}
	}
	memory, err := foldInto(ctx, data, viewmem.Backend{})
	if err != nil {
		return err
	}
	stored, err := foldInto(ctx, data, backend)
	if err != nil {
		return err
	}
	note("%d events in memory %s, in MongoDB %s", stored.events, memory, stored)
	b.report(row{name: "fold_mongo", value: stored.rate(), unit: "events/s", ratio: stored.rate() / memory.rate()})
	return nil
}

// foldInto folds the log of data into views.
func foldInto(ctx context.Context, data string, views view.Backend) (pass, error) {
	server, conn, err := ownLog(data, 0)
	if err != nil {
		return pass{}, err
	}
	defer server.Shutdown()
	defer conn.Close()
	f, err := foldingAt(ctx, conn, data, views)
	if err != nil {
		return pass{}, err
	}
	defer f.close()
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	core := f.app.Core
	end, err := core.Events.Last(ctx)
	if err != nil {
		return pass{}, err
	}
	// Collections and indexes are made before anything is folded.
	for _, v := range core.Follower.Folders() {
		if stored, ok := v.(interface{ Ready(context.Context) error }); ok {
			if err := stored.Ready(ctx); err != nil {
				return pass{}, err
			}
		}
	}
	failed := make(chan error, 1)
	parts.Go(func() { failed <- f.run(ctx) })
	select {
	case <-core.Vault.Ready():
	case err := <-failed:
		return pass{}, fmt.Errorf("start: %w", err)
	}
	return passing(end, func() error {
		ctx, cancel := context.WithTimeout(ctx, settleLimit)
		defer cancel()
		return core.Follower.Wait(ctx, end)
	})
}

func drop(ctx context.Context, uri, database string) error {
	c, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer func() { _ = c.Disconnect(ctx) }()
	return c.Database(database).Drop(ctx)
}
