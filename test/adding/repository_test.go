package adding

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	root     = "../.." // of the repository that is copied
	testdata = "testdata"
	service  = "services/library"
)

// repository is a copy, to which the service is added.
type repository struct {
	t       *testing.T
	dir     string
	env     []string
	pending map[string]bool // files that have not been written or edited yet
	known   map[string]bool // all of them
}

// clone copies the working tree without what .gitignore leaves out. Tools that
// are built already are lent to it.
func clone(t *testing.T) *repository {
	t.Helper()
	r := &repository{t: t, dir: filepath.Join(t.TempDir(), "kith"), env: environment(t), pending: map[string]bool{}, known: map[string]bool{}}
	left := ignored(t)
	r.must(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case slices.Contains(left, name) || d.Name() == "node_modules":
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(r.dir, name), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(r.dir, name), data, info.Mode().Perm())
	}))
	r.lendTools()
	r.must(filepath.WalkDir(testdata, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			r.known[filepath.ToSlash(strings.TrimPrefix(path, testdata+string(filepath.Separator)))] = true
		}
		return err
	}))
	for name := range edits {
		r.known[name] = true
	}
	for name := range r.known {
		r.pending[name] = true
	}
	return r
}

// ignored are the paths at the root that .gitignore names, and .git.
func ignored(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := []string{".git"}
	for in := bufio.NewScanner(f); in.Scan(); {
		if name, ok := strings.CutPrefix(in.Text(), "/"); ok {
			names = append(names, filepath.FromSlash(strings.TrimSuffix(name, "/")))
		}
	}
	return names
}

// lendTools spares the copy building the programs whose version is in their name.
func (r *repository) lendTools() {
	tools, err := filepath.Abs(filepath.Join(root, ".tools"))
	r.must(err)
	built, err := filepath.Glob(filepath.Join(tools, "*@*"))
	r.must(err)
	r.must(os.MkdirAll(filepath.Join(r.dir, ".tools"), 0o755))
	for _, tool := range built {
		if info, err := os.Stat(tool); err == nil && info.Mode().IsRegular() {
			r.must(os.Symlink(tool, filepath.Join(r.dir, ".tools", filepath.Base(tool))))
		}
	}
}

// environment is that of this process without what make and the tests of this
// repository were told. Programs do not depend on where the copy is, so that
// what did not change is not compiled again.
func environment(t *testing.T) []string {
	t.Helper()
	told := []string{"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS", "MODULES", "TESTFLAGS", "GOWORK", "GOFLAGS"}
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "KITH_") || slices.Contains(told, name)
	})
	flags, err := exec.Command("go", "env", "GOFLAGS").Output()
	if err != nil {
		t.Fatalf("go env GOFLAGS: %v", err)
	}
	return append(env, "GOFLAGS="+strings.TrimSpace(string(flags))+" -trimpath", "MAKEFLAGS="+makeFlags, following+"=yes")
}

func (r *repository) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// add writes or edits the file that the document calls name, unless that was
// done before. It reports whether the test knows the file.
func (r *repository) add(name string) bool {
	r.t.Helper()
	if !r.known[name] {
		return false
	}
	if !r.pending[name] {
		return true
	}
	delete(r.pending, name)
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if changes, ok := edits[name]; ok {
		r.t.Logf("edit %s", name)
		text, err := os.ReadFile(path)
		r.must(err)
		changed, err := apply(string(text), changes)
		if err != nil {
			r.t.Fatalf("%s: %v", name, err)
		}
		r.must(os.WriteFile(path, []byte(changed), 0o644))
		return true
	}
	r.t.Logf("write %s", name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		r.t.Fatalf("%s is there already (%v)", name, err)
	}
	text, err := os.ReadFile(filepath.Join(testdata, filepath.FromSlash(name)))
	r.must(err)
	r.must(os.MkdirAll(filepath.Dir(path), 0o755))
	r.must(os.WriteFile(path, text, 0o644))
	return true
}

// run gives lines to bash, as somebody would who copies them, says how long that
// took, and returns what they print.
func (r *repository) run(lines ...string) string {
	r.t.Helper()
	script := strings.Join(lines, "\n")
	cmd := exec.CommandContext(r.t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = r.dir, r.env
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s\nended with %v:\n%s", script, err, out)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.t.Logf("%s\n(%.1f s, %.1f s of a processor)", script, time.Since(began).Seconds(), used.Seconds())
	return string(out)
}
