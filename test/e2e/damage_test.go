package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kith "kith/services/kith"
)

// TestADamagedLogIsNotServedFrom flips a bit in the log of a Kith that does
// not run: it must not start from it, must say how to find the damage, and the
// damage must then be found.
func TestADamagedLogIsNotServedFrom(t *testing.T) {
	dir := t.TempDir()
	w := start(t, dir)
	organisation(t, w)
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	nothing := func(uint64, uint64) {}
	whole, err := kith.VerifyData(t.Context(), dir, nothing)
	if err != nil || !whole.Ok || whole.Events == 0 {
		t.Fatalf("before the damage: %+v, %v", whole, err)
	}
	flipBit(t, dir)
	damaged, err := kith.VerifyData(t.Context(), dir, nothing)
	if err != nil || damaged.Ok || damaged.Damaged == 0 {
		t.Errorf("after the damage: %+v, %v, want damage that is named", damaged, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p, err := kith.Open(ctx, settings(dir))
	if err == nil {
		err = p.Run(ctx)
	}
	if err == nil || !strings.Contains(err.Error(), "audit verify --data") {
		t.Errorf("starting on a damaged log ended with %v, want an error that says how to find the damage", err)
	}
}

// flipBit changes a bit in the middle of the first block of events.
func flipBit(t *testing.T, dir string) {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, "log", "jetstream", "*", "streams", "EVENTS", "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("no blocks of events: %v", err)
	}
	data, err := os.ReadFile(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(blocks[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
}
