// Package migrationtest holds a service's migrations to what its views declare,
// without a database, and writes the one that is missing.
package migrationtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewmongo"
)

// T is what Check needs of a test.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// sums is the file with the hash of each migration, as sha256sum writes it.
const sums = "SHA256SUMS"

const wayOut = "make migrations writes it"

// Check fails t unless the migrations in folder make exactly the collections of
// the views that open opens on the backend it is given, and of versions of them
// that there were before, and unless each is as it was when it was written. With
// write it first writes what is missing, as one further migration.
func Check(t T, folder string, write bool, open func(view.Backend) error) {
	t.Helper()
	views := &declared{}
	if err := open(views); err != nil {
		t.Fatalf("open the views: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	hashes, made := readSums(t, folder), map[string][]string{}
	for i, path := range names {
		name := filepath.Base(path)
		if m := validName.FindStringSubmatch(name); m == nil || m[1] != fmt.Sprintf("%04d", i+1) {
			t.Errorf("%s: migrations are called 0001_<what>.up.json and so on, without gaps", name)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if hashes[name] != sum(text) {
			t.Errorf("%s is not what %s says: a migration that was run somewhere never changes. Put it back; what is new goes into a further one, and %s", name, sums, wayOut)
		}
		delete(hashes, name)
		collect(t, name, text, made)
	}
	for name := range hashes {
		t.Errorf("%s is missing: a migration that was run somewhere is never removed", name)
	}
	lacking := views.compare(t, made)
	switch {
	case len(lacking) == 0:
	case write:
		if err := addTo(folder, len(names)+1, lacking); err != nil {
			t.Fatalf("%v", err)
		}
	default:
		t.Errorf("no migration makes %s; %s", strings.Join(collections(lacking), ", "), wayOut)
	}
}

var validName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_-]+\.up\.json$`)

// declared is a backend that notes which views are opened on it.
type declared struct {
	viewmem.Backend
	views []view.Definition
}

// Open implements view.Backend.
func (d *declared) Open(ctx context.Context, v view.Definition) (view.Table, error) {
	d.views = append(d.views, v)
	return d.Backend.Open(ctx, v)
}

// compare returns the commands of views that no migration has. made are the
// commands of the migrations, by collection.
func (d *declared) compare(t T, made map[string][]string) (lacking []string) {
	t.Helper()
	if len(d.views) == 0 {
		t.Fatalf("no view was opened")
	}
	for _, v := range d.views {
		commands, err := viewmongo.Commands(v)
		if err != nil {
			t.Fatalf("view %s: %v", v.Name, err)
		}
		of := collectionOf(commands[0])
		switch have := made[of]; {
		case have == nil:
			lacking = append(lacking, commands...)
		case !slices.Equal(have, commands):
			t.Errorf("view %s has changed within its version %d: it would make\n%s\nand its migration makes\n%s\nRaise its Version; then %s",
				v.Name, v.Version, strings.Join(commands, "\n"), strings.Join(have, "\n"), wayOut)
		}
		delete(made, of)
	}
	// What is left belongs to versions that are over.
	for of := range made {
		name, version, ok := parseCollection(of)
		newer := slices.ContainsFunc(d.views, func(v view.Definition) bool { return v.Name == name && v.Version < version })
		if !ok || newer {
			t.Errorf("a migration makes %s, which is no view's, nor was before: versions of views only rise", of)
		}
	}
	return lacking
}

func parseCollection(of string) (name string, version int, ok bool) {
	i := strings.LastIndex(of, "_v")
	if i < 0 {
		return "", 0, false
	}
	_, err := fmt.Sscanf(of[i:], "_v%d", &version)
	return of[:i], version, err == nil
}

// collect adds the commands of a migration to made.
func collect(t T, name string, text []byte, made map[string][]string) {
	t.Helper()
	var commands []json.RawMessage
	if err := json.Unmarshal(text, &commands); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range commands {
		var short bytes.Buffer
		if err := json.Compact(&short, c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		of := collectionOf(short.String())
		if of == "" {
			t.Errorf("%s: %s is neither create nor createIndexes, and others cannot be repeated", name, short.String())
		}
		made[of] = append(made[of], short.String())
	}
}

// collectionOf is what a command makes or makes indexes for.
func collectionOf(command string) string {
	m := regexp.MustCompile(`^\{"(?:create|createIndexes)":"([^"]+)"`).FindStringSubmatch(command)
	if m == nil {
		return ""
	}
	return m[1]
}

func collections(commands []string) (all []string) {
	for _, c := range commands {
		all = append(all, collectionOf(c))
	}
	return slices.Compact(all)
}

// addTo writes commands as migration number n.
func addTo(folder string, n int, commands []string) error {
	what := "views"
	if of := collections(commands); len(of) == 1 {
		what = of[0]
	}
	name, text := fmt.Sprintf("%04d_%s.up.json", n, strings.ToLower(what)), "[\n  "+strings.Join(commands, ",\n  ")+"\n]\n"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(folder, sums), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer list.Close()
	_, err = fmt.Fprintf(list, "%s  %s\n", sum([]byte(text)), name)
	return err
}

func sum(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

func readSums(t T, folder string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, sums))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%v", err)
	}
	hashes := map[string]string{}
	for line := range strings.Lines(string(text)) {
		hash, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("%s: %q is no line of sha256sum", sums, line)
		}
		hashes[name] = hash
	}
	return hashes
}
