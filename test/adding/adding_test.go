// Package adding follows docs/adding-a-service.md to the letter: in a copy of
// the repository it writes the files that the document names, edits those that
// it says must be edited, and runs its commands, in the order of the document.
package adding

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kith/test/internal/proc"
)

const document = "docs/adding-a-service.md"

// makeFlags narrow make test, lint and alone to the new module. What adding a
// service can break in others is tried by the document's other commands and by
// rest; the whole of them is for the make test that runs this test.
const makeFlags = `MODULES=./services/library`

// following is a variable that says to commands that this test runs them.
const following = "ADDING_A_SERVICE"

// instead has the commands that are not run as they stand, and why.
var instead = map[string]struct {
	why string
	do  func(*repository)
}{
	"make run": {"it ends when it is told to, and listens where something else may: its program is started on a free port", (*repository).serve},
}

// rest is run at the end: what the document leaves to make test, lint and alone,
// as far as the new service can break it.
var rest = []string{
	"(cd test/deploy && go test . -run 'TestCompose|TestSecrets|TestFiles|TestPrometheus')",
	"(cd services/kith && GOWORK=off go build -o /dev/null ./... && go vet ./...)",
	"(cd test && GOWORK=off go build -o /dev/null ./... && go vet ./e2e)",
	`unformatted=$(gofmt -l api/events pkg/access pkg/natsauth services/kith services/library test/e2e); [ -z "$unformatted" ] || { echo "$unformatted"; exit 1; }`,
}

func TestAddingAService(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv(following) != "" {
		t.Fatalf("a command of %s runs this test, and so on without end: narrow it, as %s does", document, makeFlags)
	}
	said, err := steps(string(text))
	if err != nil {
		t.Fatal(err)
	}
	r := clone(t)
	excepted := map[string]bool{}
	section := ""
	for _, s := range said {
		if s.section != section {
			section = s.section
			t.Log(section)
		}
		for _, name := range s.files {
			if !r.add(name) && s.table && !r.add(service+"/"+name) {
				t.Errorf("%s: the table names %s, which this test neither writes nor edits", s.section, name)
			}
		}
		r.follow(s, excepted)
	}
	for name := range instead {
		if !excepted[name] {
			t.Errorf("%q is not in the document any more: take it out of instead", name)
		}
	}
	for name := range r.pending {
		t.Errorf("the document does not name %s, without which the service is not complete", name)
	}
	for _, line := range rest {
		r.run(line)
	}
}

// follow runs the commands of one block: those between exceptions together, as
// they may depend on each other.
func (r *repository) follow(s step, excepted map[string]bool) {
	r.t.Helper()
	var script []string
	flush := func() {
		if len(script) > 0 {
			r.expect(script, r.run(script...))
		}
		script = nil
	}
	for _, line := range s.commands {
		command, _, _ := strings.Cut(line, " # ")
		command = strings.TrimSpace(command)
		if e, ok := instead[command]; ok {
			flush()
			r.t.Logf("instead of %s (%s)", command, e.why)
			excepted[command] = true
			e.do(r)
			continue
		}
		script = append(script, line)
	}
	flush()
}

// views is the line that rebuild prints of the new view.
var views = regexp.MustCompile(`(?m)^library-practices .* equal$`)

// expect looks at what commands print where their end alone says too little.
func (r *repository) expect(script []string, out string) {
	r.t.Helper()
	if slices.ContainsFunc(script, func(line string) bool { return strings.HasPrefix(line, "bin/kith rebuild --all") }) && !views.MatchString(out) {
		r.t.Errorf("the new view is not among those that are equal:\n%s", out)
	}
}

// serve builds and runs the all-in-one until the test ends, and walks through
// the library in it. The commands that follow speak with it.
func (r *repository) serve() {
	r.t.Helper()
	// All of them have been built for test/e2e.
	r.run("make build COMMANDS=./services/kith/cmd/kith")
	// The test's own context ends before its clean-up, which ends the process kindly.
	p, err := proc.Start(context.WithoutCancel(r.t.Context()), filepath.Join(r.dir, "bin", "kith"), r.t.TempDir())
	r.must(err)
	r.t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			r.t.Error(err)
		}
	})
	r.env = append(r.env, "KITH_SERVER="+p.URL)
	r.walk(p.URL)
}
