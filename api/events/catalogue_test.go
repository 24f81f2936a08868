package events_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"kith/api/events"
)

// The catalogue is complete: every struct of a context's package that has an
// EventType is in it, once.
func TestAllListsEveryEvent(t *testing.T) {
	listed := map[string]int{}
	for _, e := range events.All() {
		typ := reflect.TypeOf(e.Event)
		if typ.Kind() != reflect.Struct {
			t.Errorf("%v is not a struct value", typ)
		}
		listed[typ.String()]++
	}
	declared := declaredEvents(t)
	for name := range declared {
		if listed[name] != 1 {
			t.Errorf("%s is listed %d times, want once", name, listed[name])
		}
	}
	if len(declared) != len(listed) {
		t.Errorf("%d events are listed, %d declared", len(listed), len(declared))
	}
}

func TestTypesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z]+\.[a-z]+(_[a-z]+)*$`)
	for _, e := range events.All() {
		typ := e.Event.EventType()
		if seen[typ] {
			t.Errorf("type %q is used twice", typ)
		}
		if !form.MatchString(typ) {
			t.Errorf("type %q is not of the form thing.happened", typ)
		}
		seen[typ] = true
	}
}

// The linter keeps I/O out of an aggregate's file only if it knows the file.
func TestLinterKnowsEveryAggregate(t *testing.T) {
	b, err := os.ReadFile("../../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.All() {
		line := `"**/services/` + e.Context + "/" + e.Aggregate + `.go"`
		if !strings.Contains(string(b), line) {
			t.Errorf(".golangci.yml: rule domain does not name %s", line)
		}
	}
}

// Without a rule of its own a service could import the others unnoticed.
func TestLinterKnowsEveryService(t *testing.T) {
	b, err := os.ReadFile("../../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.All() {
		if line := `files: ["**/services/` + e.Context + `/**"]`; !strings.Contains(string(b), line) {
			t.Errorf(".golangci.yml: no rule says what services/%s may not import: add one with %s", e.Context, line)
		}
	}
}

// declaredEvents parses the packages beside this one.
func declaredEvents(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	found := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "EventType" {
				continue
			}
			found[f.Name.Name+"."+fn.Recv.List[0].Type.(*ast.Ident).Name] = true
		}
	}
	return found
}
