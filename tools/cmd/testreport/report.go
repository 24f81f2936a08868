package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of go test -json (see "go doc test2json").
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// report counts the tests without subtests, and what failed besides them: a
// package that does not build, a panic, a TestMain that exits.
type report struct {
	w              io.Writer
	packages       map[string]*pkg
	builds         map[string][]string // import path → compiler output
	shown          map[string]bool     // builds whose output was shown
	passed, failed int
	skipped        int
	failures       []string
}

type pkg struct {
	parents map[string]bool     // tests that have subtests
	output  map[string][]string // test ("" is the package itself) → lines
	failed  map[string]bool
	passed  int
}

func newReport(w io.Writer) *report {
	return &report{w: w, packages: map[string]*pkg{}, builds: map[string][]string{}, shown: map[string]bool{}}
}

// read consumes the events. Lines that are no JSON are shown as they are.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				r.event(e)
			} else {
				_, _ = r.w.Write(line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) event(e event) {
	if e.Action == "build-output" {
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{parents: map[string]bool{}, output: map[string][]string{}, failed: map[string]bool{}}
		r.packages[e.Package] = p
	}
	if e.Test == "" {
		r.packageEvent(p, e)
		return
	}
	switch e.Action {
	case "run":
		if i := strings.LastIndex(e.Test, "/"); i > 0 {
			p.parents[e.Test[:i]] = true
		}
	case "output":
		p.output[e.Test] = append(p.output[e.Test], e.Output)
	case "pass":
		if !p.parents[e.Test] {
			p.passed++
		}
		delete(p.output, e.Test)
	case "skip":
		r.skipped++
		delete(p.output, e.Test)
	case "fail":
		p.failed[e.Test] = true
	}
}

func (r *report) packageEvent(p *pkg, e event) {
	switch e.Action {
	case "output":
		p.output[""] = append(p.output[""], e.Output)
	case "pass":
		r.passed += p.passed
		fmt.Fprintf(r.w, "ok    %s  %d passed  %.1fs\n", e.Package, p.passed, e.Elapsed)
	case "fail":
		r.passed += p.passed
		failed := p.leaves()
		r.failed += len(failed)
		for _, t := range failed {
			r.failures = append(r.failures, e.Package+" "+t)
		}
		if len(failed) == 0 {
			r.failed++
			r.failures = append(r.failures, e.Package)
		}
		fmt.Fprintf(r.w, "FAIL  %s  %d passed, %d failed  %.1fs\n", e.Package, p.passed, max(1, len(failed)), e.Elapsed)
		if b := e.FailedBuild; b != "" && !r.shown[b] {
			r.shown[b] = true
			r.print(r.builds[b])
		}
		for _, t := range slices.Sorted(maps.Keys(p.output)) {
			if t != "" {
				r.print(p.output[t])
			}
		}
		r.print(p.output[""])
	}
	if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
		delete(r.packages, e.Package)
	}
}

// leaves are the failed tests of which no subtest failed.
func (p *pkg) leaves() []string {
	var names []string
	for t := range p.failed {
		leaf := true
		for u := range p.failed {
			leaf = leaf && !strings.HasPrefix(u, t+"/")
		}
		if leaf {
			names = append(names, t)
		}
	}
	slices.Sort(names)
	return names
}

func (r *report) print(lines []string) {
	for _, l := range lines {
		fmt.Fprintf(r.w, "      %s\n", strings.TrimRight(l, "\n"))
	}
}

// close writes what failed, and the closing line. A package that never ended
// counts as failed.
func (r *report) close() {
	for name := range r.packages {
		r.failed++
		r.failures = append(r.failures, name+" (never ended)")
	}
	if len(r.failures) > 0 {
		fmt.Fprintln(r.w, "\nfailed:")
		for _, f := range r.failures {
			fmt.Fprintln(r.w, "  "+f)
		}
	}
	if r.skipped > 0 {
		fmt.Fprintf(r.w, "%d skipped\n", r.skipped)
	}
	fmt.Fprintf(r.w, "%d passed, %d failed\n", r.passed, r.failed)
}
