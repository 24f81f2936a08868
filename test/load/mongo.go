package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewmongo"
	"kith/test/internal/deployment"
)

// mongoLimit bounds how long is folded into MongoDB: what stands in for it
// looks through all documents to find one.
const mongoLimit = 25 * time.Second

// foldMongo measures how fast all views of all services are folded into MongoDB
// or its stand-in, beside folding the same events in memory. There is no limit:
// nothing else writes these documents.
func (b *bench) foldMongo(ctx context.Context) error {
	bin, err := b.programs(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "mongo")
	if err := prepare(ctx, data, b.size(20_000, 300)); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	server, err := deployment.StartMongo(ctx, bin, data)
	if err != nil {
		return err
	}
	defer func() {
		if err := server.Stop(); err != nil {
			note("what stands in for MongoDB did not end well: %v", err)
		}
	}()
	if server.StandIn {
		note("folding into what stands in for MongoDB, at most for %s", mongoLimit)
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
	memory, err := foldFor(ctx, data, viewmem.Backend{})
	if err != nil {
		return err
	}
	stored, err := foldFor(ctx, data, backend)
	if err != nil {
		return err
	}
	note("in memory %s; in MongoDB %d events, %s", memory, stored.events, stored)
	b.report(row{name: "fold_mongo", value: stored.rate(), unit: "events/s", ratio: stored.rate() / memory.rate()})
	return nil
}

// foldFor folds the log of data into views, for a while.
func foldFor(ctx context.Context, data string, views view.Backend) (pass, error) {
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
	p, err := passing(end, func() error {
		ctx, cancel := context.WithTimeout(ctx, mongoLimit)
		defer cancel()
		return core.Follower.Wait(ctx, end)
	})
	p.events = min(end, core.Follower.Position())
	if err != nil && (!errors.Is(err, view.ErrBehind) || ctx.Err() != nil) {
		return p, err
	}
	if p.events == 0 {
		return p, fmt.Errorf("nothing was folded within %s", mongoLimit)
	}
	return p, nil
}

func drop(ctx context.Context, uri, database string) error {
	c, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer func() { _ = c.Disconnect(ctx) }()
	return c.Database(database).Drop(ctx)
}
