package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kith/test/internal/proc"
)

// start measures how long the binary needs from its start until it is ready,
// with n events in the log: at a restart, and at the first start on this log,
// when services write for the first time what they keep beside it.
func (b *bench) start(ctx context.Context, name string, n int) error {
	note("preparing %d events to start with", n)
	dir := filepath.Join(b.dir, name)
	defer func() { _ = os.RemoveAll(dir) }()
	if err := prepare(ctx, filepath.Join(dir, "data"), n); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, row := range []row{{name: name + "_first"}, {name: name}} {
		begin := time.Now()
		p, err := proc.Start(ctx, b.binary, dir)
		if err != nil {
			return err
		}
		row.value, row.unit = time.Since(begin).Seconds(), "s"
		note("%s: %.2f s, %d MiB resident", row.name, row.value, p.RSS()>>20)
		b.report(row)
		if err := p.Stop(); err != nil {
			return err
		}
	}
	return nil
}
