// Command journey walks the whole journey against the all-in-one, as a process
// of its own, and says what it saw: with -data on the questions of a real
// forum, otherwise in the demo's organisation. Then it verifies the log,
// exports it, rebuilds every view, kills the process while it writes, and
// checks that nothing acknowledged is lost.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"kith/services/kith/client"
	"kith/test/internal/proc"
)

func main() {
	j := journey{pool: client.Pool(64)}
	flag.StringVar(&j.binary, "kith", "bin/kith", "the all-in-one")
	flag.StringVar(&j.data, "data", "", "folder with <name>.train.jsonl.gz and <name>.dev.jsonl.gz")
	flag.StringVar(&j.set, "set", "android", "name of the set in the folder")
	flag.IntVar(&j.questions, "questions", 50, "questions to ask anew")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(j.run(ctx))
}

// journey is one run.
type journey struct {
	binary, data, set string
	questions         int

	dir    string
	kith   *proc.Process
	pool   *http.Client
	rows   []row
	passed int
	failed int
}

type row struct {
	what, result string
	took         time.Duration
	ok           bool
}

func (j *journey) run(ctx context.Context) int {
	var err error
	if j.dir, err = os.MkdirTemp("", "kith-journey-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(j.dir) }()
	j.walk(ctx)
	if j.kith != nil {
		j.kith.Kill()
	}
	j.print()
	if j.failed > 0 {
		return 1
	}
	return 0
}

// walk does one step after the other; a step that others stand on ends it.
func (j *journey) walk(ctx context.Context) {
	if !j.step("start the all-in-one", func() (string, error) { return j.start(ctx) }) {
		return
	}
	ok := false
	if j.data != "" {
		ok = j.walkForum(ctx)
	} else {
		ok = j.walkDemo(ctx)
	}
	if !ok {
		return
	}
	j.step("verify the log", func() (string, error) { return j.verify(ctx) })
	j.step("export the log and verify the export offline", func() (string, error) { return j.export(ctx) })
	j.step("rebuild every view and compare", func() (string, error) { return j.rebuild(ctx) })
	j.step("SIGKILL while writing, restart, look for what was acknowledged", func() (string, error) { return j.crash(ctx) })
	j.step("verify the log again", func() (string, error) { return j.verify(ctx) })
	j.step("rebuild every view again and compare", func() (string, error) { return j.rebuild(ctx) })
	j.step("stop kindly", func() (string, error) {
		err := j.kith.Stop()
		j.kith = nil
		return "ended by itself", err
	})
}

func (j *journey) start(ctx context.Context) (string, error) {
	begin := time.Now()
	var err error
	j.kith, err = proc.Start(ctx, j.binary, j.dir)
	return "ready after " + time.Since(begin).Round(time.Millisecond).String(), err
}

// step runs f and notes what came of it.
func (j *journey) step(what string, f func() (string, error)) bool {
	fmt.Fprintf(os.Stderr, "… %s\n", what)
	begin := time.Now()
	result, err := f()
	r := row{what, result, time.Since(begin), err == nil}
	if err != nil {
		r.result = err.Error()
		j.failed++
	} else {
		j.passed++
	}
	j.rows = append(j.rows, r)
	return r.ok
}

func (j *journey) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nSTEP\tSECONDS\t\tRESULT")
	for _, r := range j.rows {
		verdict := "ok"
		if !r.ok {
			verdict = "FAILED"
		}
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\n", r.what, r.took.Seconds(), verdict, r.result)
	}
	_ = w.Flush()
	fmt.Printf("\n%d passed, %d failed\n", j.passed, j.failed)
}

// proposals waits for the router's proposal and returns the helpers, best first.
func (j *journey) proposals(ctx context.Context, c *client.Client, request string) ([]string, error) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		var out struct {
			Round int `json:"round"`
			Items []struct {
				Person string `json:"person"`
			} `json:"items"`
		}
		if err := c.Get(ctx, "/api/matching/requests/"+request+"/proposals", &out); err != nil {
			return nil, err
		}
		if out.Round == 0 {
			continue
		}
		var helpers []string
		for _, it := range out.Items {
			helpers = append(helpers, it.Person)
		}
		return helpers, nil
	}
	return nil, fmt.Errorf("nobody was proposed for request %s within 10 s", request)
}
