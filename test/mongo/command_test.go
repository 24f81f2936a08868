package mongo_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kith/pkg/host"
	"kith/pkg/view"
)

// program is kith-depot with its output.
func program(t *testing.T, depot host.Service[struct{}], args ...string) (code int, said string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	done := make(chan string)
	go func() {
		text, _ := io.ReadAll(r)
		done <- string(text)
	}()
	code = depot.Main(args)
	_ = w.Close()
	return code, <-done
}

func TestMigrateCommand(t *testing.T) {
	t.Setenv("KITH_TEST_MONGO_URI", "") // no setting of the program
	if err := os.Unsetenv("KITH_TEST_MONGO_URI"); err != nil {
		t.Fatal(err)
	}
	g, db := newGate(t), empty(t)
	first := host.Service[struct{}]{Name: "depot", Migrations: release(t, []view.Definition{definition()})}
	second := host.Service[struct{}]{Name: "depot", Migrations: release(t, []view.Definition{definition()}, []view.Definition{called("plain")})}
	down := newGate(t)
	down.set(func() { down.down = true })
	file := filepath.Join(t.TempDir(), "kith.yaml")
	text := fmt.Sprintf("mongo: {uri: %q, database: %s}\nnats: {url: nats://nats.example}\nmigrate-at-start: false\n", g.uri(t), db)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"--mongo-uri", g.uri(t), "--mongo-database", db}
	for _, step := range []struct {
		what  string
		depot host.Service[struct{}]
		args  []string
		code  int
		says  string
	}{
		{"a database that was not migrated", first, append(at, "--check"), 1, "is at migration 0, and this release needs 1: run kith-depot migrate"},
		{"the first time", first, at, 0, "migrated from 0 to 1"},
		{"once more", first, at, 0, "nothing to migrate, it is at 1"},
		{"with the settings of the service", first, []string{"--config", file}, 0, db + ": there is nothing to migrate"},
		{"nothing to do", first, append(at, "--check"), 0, "nothing to migrate, it is at 1"},
		{"the next release has something to do", second, append(at, "--check"), 1, "is at migration 1, and this release needs 2"},
		{"the next release", second, at, 0, "migrated from 1 to 2"},
		{"back to the first", first, at, 0, "newer release"},
		{"again", second, append(at, "--again"), 0, "migrated again, to 2"},
		{"no database", first, []string{"--mongo-uri", down.uri(t), "--wait", "1s"}, 1, "trying again"},
		{"views in memory", first, nil, 1, "mongo-uri"},
		{"a service without views", host.Service[struct{}]{Name: "depot"}, at, 0, "has no views"},
	} {
		code, said := program(t, step.depot, append([]string{"migrate"}, step.args...)...)
		if code != step.code || !strings.Contains(said, step.says) {
			t.Errorf("%s: it ends with %d and says:\n%s\nwant %d and %q", step.what, code, said, step.code, step.says)
		}
	}
}
