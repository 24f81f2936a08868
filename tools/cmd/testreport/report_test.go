package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a module of the given files and moves there.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module m\n\ngo 1.26.0\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
}

func TestReport(t *testing.T) {
	const head = "package a\nimport \"testing\"\n"
	for _, c := range []struct {
		rule, source, closing, shows string
		code                         int
	}{
		{
			"subtests count, their parents do not",
			head + "func TestA(t *testing.T) { t.Run(\"x\", func(*testing.T) {}); t.Run(\"y\", func(*testing.T) {}) }\nfunc TestB(*testing.T) {}",
			"3 passed, 0 failed", "ok    m/a  3 passed", 0,
		},
		{
			"a failing subtest counts once and shows its output",
			head + "func TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) { t.Error(\"so sad\") }); t.Run(\"y\", func(*testing.T) {}) }",
			"1 passed, 1 failed", "so sad", 1,
		},
		{
			"a parent that fails by itself counts",
			head + "func TestA(t *testing.T) { t.Run(\"x\", func(*testing.T) {}); t.Error(\"late\") }",
			"1 passed, 1 failed", "m/a TestA", 1,
		},
		{
			"a package that does not build counts as failed",
			head + "func TestA(t *testing.T) { undefined() }",
			"0 passed, 1 failed", "undefined: undefined", 1,
		},
		{
			"a panic counts as failed",
			head + "func TestA(*testing.T) {}\nfunc TestB(*testing.T) { panic(\"boom\") }",
			"1 passed, 1 failed", "boom", 1,
		},
		{
			"a TestMain that exits counts as failed",
			"package a\nimport (\"testing\"; \"os\")\nfunc TestMain(*testing.M) { os.Exit(3) }",
			"0 passed, 1 failed", "m/a", 1,
		},
		{
			"skipped tests are neither",
			head + "func TestA(t *testing.T) { t.Skip() }\nfunc TestB(*testing.T) {}",
			"1 passed, 0 failed", "1 skipped", 0,
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			write(t, map[string]string{"a/a_test.go": c.source})
			check(t, []string{"./..."}, c.code, c.closing, c.shows)
		})
	}
	t.Run("another command's events count with those of go test, and its lines are shown", func(t *testing.T) {
		write(t, map[string]string{"a/a_test.go": head + "func TestA(*testing.T) {}", "events": `{"Action":"pass","Package":"web","Test":"b"}
SKIP  something
{"Action":"output","Package":"web","Test":"c","Output":"so sad\n"}
{"Action":"fail","Package":"web","Test":"c"}
{"Action":"fail","Package":"web","Elapsed":1}
`})
		check(t, []string{"./...", "--", "cat", "events"}, 1, "2 passed, 1 failed", "so sad")
		check(t, []string{"--", "cat", "events"}, 1, "1 passed, 1 failed", "SKIP  something")
	})
	t.Run("a command that ends badly counts as failed, though no event said so", func(t *testing.T) {
		write(t, map[string]string{"a/a_test.go": head + "func TestA(*testing.T) {}"})
		check(t, []string{"./...", "--", "false"}, 1, "1 passed, 1 failed", "")
		check(t, []string{"--", "no-such-command"}, 1, "0 passed, 1 failed", "")
	})
	t.Run("what go test refuses counts as failed", func(t *testing.T) {
		write(t, map[string]string{})
		check(t, []string{"-nonsense"}, 1, "0 passed, 1 failed", "")
	})
}

func check(t *testing.T, args []string, code int, closing, shows string) {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(args, &out, &errs)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; got != code || last != closing {
		t.Errorf("exit %d, closing line %q; want %d, %q\n%s%s", got, last, code, closing, &out, &errs)
	}
	if !strings.Contains(out.String(), shows) {
		t.Errorf("output lacks %q:\n%s", shows, &out)
	}
}
