package migrationtest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmongo/migrationtest"
)

type doc struct {
	Town string `json:"town"`
	Size int    `json:"size"`
}

func spec(name string, version int, fields ...string) view.Spec[doc] {
	s := view.Spec[doc]{Name: name, Version: version,
		Keys: func(es.Recorded) []string { return nil }, Fold: func(string, *doc, es.Recorded) bool { return true }}
	for _, f := range fields {
		s.Indexes = append(s.Indexes, view.Index{Name: f, Fields: []string{f}})
	}
	return s
}

// recorder is a test that is under test.
type recorder struct{ said []string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// check is what Check says about views and the migrations in folder.
func check(folder string, write bool, specs ...view.Spec[doc]) string {
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		migrationtest.Check(&r, folder, write, func(b view.Backend) error {
			for _, s := range specs {
				if _, err := view.Open(context.Background(), b, s); err != nil {
					return err
				}
			}
			return nil
		})
	}()
	<-done
	return strings.Join(r.said, "\n")
}

// written is a folder with migrations of two releases.
func written(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, specs := range [][]view.Spec[doc]{
		{spec("depot-parcels", 1, "town"), spec("depot-towns", 1)},
		{spec("depot-parcels", 2, "town", "size"), spec("depot-towns", 1)},
	} {
		if said := check(folder, false, specs...); !strings.Contains(said, "make migrations") {
			t.Fatalf("a view without its migration: %q", said)
		}
		if said := check(folder, true, specs...); said != "" {
			t.Fatal(said)
		}
		if said := check(folder, false, specs...); said != "" {
			t.Fatal(said)
		}
	}
	return folder
}

func TestWrites(t *testing.T) {
	folder := written(t)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	if got, want := strings.Join(files, " "), "0001_views.up.json 0002_depot-parcels_v2.up.json SHA256SUMS"; got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
	text, err := os.ReadFile(filepath.Join(folder, "0002_depot-parcels_v2.up.json"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "depot-parcels_v2"); n != 2 || strings.Contains(string(text), "towns") {
		t.Errorf("the second migration is\n%s", text)
	}
}

func TestFinds(t *testing.T) {
	parcels, towns := spec("depot-parcels", 2, "town", "size"), spec("depot-towns", 1)
	for _, tc := range []struct {
		name   string
		damage func(folder string) error
		specs  []view.Spec[doc]
		says   string
	}{
		{"a new view", nil, []view.Spec[doc]{parcels, towns, spec("depot-routes", 1)}, "no migration makes depot-routes_v1; make migrations writes it"},
		{"a new version", nil, []view.Spec[doc]{parcels, spec("depot-towns", 2)}, "no migration makes depot-towns_v2"},
		{"a new index within a version", nil, []view.Spec[doc]{parcels, spec("depot-towns", 1, "size")}, "Raise its Version"},
		{"a version that fell", nil, []view.Spec[doc]{spec("depot-parcels", 1, "town"), towns}, "versions of views only rise"},
		{"indexes that cannot be", nil, []view.Spec[doc]{parcels, spec("depot-towns", 1, "nothing")}, "open the views"},
		{"no views", nil, nil, "no view was opened"},
		{"a migration that was changed", func(folder string) error {
			return edit(filepath.Join(folder, "0001_views.up.json"), `"town:town"`, `"town:city"`)
		}, []view.Spec[doc]{parcels, towns}, "0001_views.up.json is not what SHA256SUMS says"},
		{"a migration that was removed", func(folder string) error {
			return os.Remove(filepath.Join(folder, "0002_depot-parcels_v2.up.json"))
		}, []view.Spec[doc]{spec("depot-parcels", 1, "town"), towns}, "0002_depot-parcels_v2.up.json is missing"},
		{"a migration that nobody wrote down", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "0003_more.up.json"), []byte("[]"), 0o600)
		}, []view.Spec[doc]{parcels, towns}, "0003_more.up.json is not what SHA256SUMS says"},
		{"a gap", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "0004_more.up.json"), []byte("[]"), 0o600)
		}, []view.Spec[doc]{parcels, towns}, "without gaps"},
		{"a command that cannot be repeated", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "0003_drop.up.json"), []byte(`[{"drop":"depot-parcels_v1"}]`), 0o600)
		}, []view.Spec[doc]{parcels, towns}, "cannot be repeated"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := written(t)
			if tc.damage != nil {
				if err := tc.damage(folder); err != nil {
					t.Fatal(err)
				}
			}
			if said := check(folder, false, tc.specs...); !strings.Contains(said, tc.says) {
				t.Errorf("it says %q, want %q", said, tc.says)
			}
		})
	}
}

// What was written never changes, whatever is to be written.
func TestWritesNothingOverWhatIsThere(t *testing.T) {
	folder := written(t)
	before, err := os.ReadFile(filepath.Join(folder, "0001_views.up.json"))
	if err != nil {
		t.Fatal(err)
	}
	check(folder, true, spec("depot-parcels", 2, "town"), spec("depot-towns", 1, "size"))
	after, err := os.ReadFile(filepath.Join(folder, "0001_views.up.json"))
	if err != nil || string(after) != string(before) {
		t.Errorf("it was changed: %v\n%s", err, after)
	}
}

func edit(path, from, to string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600)
}
