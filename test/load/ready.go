package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/test/internal/proc"
)

// start measures how long the binary needs from its start until it is ready,
// with n events in the log: at a restart, and at the first start on this log,
// when services write for the first time what they keep beside it. A restart is
// warm when what is put off until then is done too: an answer of the matching.
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
		if row.name == name {
			if err := warm(ctx, p); err != nil {
				return err
			}
			row.name, row.value = name+"_warm", time.Since(begin).Seconds()
			b.report(row)
		}
		if err := p.Stop(); err != nil {
			return err
		}
	}
	return nil
}

// warm waits for an answer that needs the index of all texts.
func warm(ctx context.Context, p *proc.Process) error {
	c, err := client.SignIn(ctx, client.Pool(1), p.URL, kith.DevAdministrator)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(readyLimit); ; {
		err := c.Get(ctx, "/api/matching/similar?text=anything", nil)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
