package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is one figure.
type row struct {
	name  string
	value float64
	unit  string
	limit float64 // what the machine allows; 0: there is no such figure
	ratio float64 // to the limit or, where there is none, to what a comment says; 0: there is none
}

// expectation of a row: of its ratio from below, or of its value from above.
type expectation struct {
	ratioFrom float64
	valueTo   float64
}

func expectations() map[string]expectation {
	return map[string]expectation{
		"append_execute_64": {ratioFrom: 0.8},
		"append_http_64":    {ratioFrom: 0.5},
		"fold_memory":       {ratioFrom: 0.4},
		"end_to_end_p99":    {valueTo: 50},
		"ready_1m":          {valueTo: 15},
	}
}

// onOneMachine is the row that is measured over the network as name: no less is
// expected there.
func onOneMachine(name string) string {
	for _, n := range networks() {
		if inner, ok := strings.CutSuffix(name, n.suffix); ok {
			return inner
		}
	}
	return name
}

// report prints a row and keeps it for the table.
func (b *bench) report(r row) {
	r.name += b.suffix
	fmt.Println(r)
	b.rows = append(b.rows, r)
}

// String is the row as a line for programs.
func (r row) String() string {
	s := fmt.Sprintf("BENCH name=%s value=%s unit=%s", r.name, figure(r.value), r.unit)
	if r.limit > 0 {
		s += " limit=" + figure(r.limit)
	}
	if r.ratio > 0 {
		s += fmt.Sprintf(" ratio=%.3f", r.ratio)
	}
	return s
}

// figure shows four digits or, above them, whole numbers.
func figure(v float64) string {
	switch {
	case v >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
}

// parseRow reads what String has written; ok is false for other lines.
func parseRow(line string) (r row, ok bool) {
	rest, ok := strings.CutPrefix(line, "BENCH ")
	if !ok {
		return r, false
	}
	for pair := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(pair, "=")
		n, err := strconv.ParseFloat(v, 64)
		switch k {
		case "name":
			r.name = v
			continue
		case "unit":
			r.unit = v
			continue
		case "value":
			r.value = n
		case "limit":
			r.limit = n
		case "ratio":
			r.ratio = n
		}
		if err != nil {
			return r, false
		}
	}
	return r, r.name != ""
}

// header says what the figures were measured on.
func (b *bench) header() {
	fmt.Printf("# cores=%d cpu=%q os=%s/%s go=%s fs=%s load=%s\n", runtime.NumCPU(), cpu(), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), filesystem(b.dir), load())
}

func cpu() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if k, v, ok := strings.Cut(in.Text(), ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// load is how busy the machine was in the last minute, before the run.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(data), " ")
	return one
}

func filesystem(dir string) string {
	out, err := exec.Command("stat", "-f", "-c", "%T", filepath.Clean(dir)).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// table prints all rows, and for those with an expectation whether it is met.
func (b *bench) table() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nNAME\tVALUE\tUNIT\tLIMIT\tRATIO\tEXPECTED\t")
	expected := expectations()
	for _, r := range b.rows {
		limit, ratio := "", ""
		if r.limit > 0 {
			limit = figure(r.limit)
		}
		if r.ratio >= 0.1 {
			ratio = fmt.Sprintf("%.2f", r.ratio)
		} else if r.ratio > 0 {
			ratio = fmt.Sprintf("%.4f", r.ratio)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t\n", r.name, figure(r.value), r.unit, limit, ratio, expected[onOneMachine(r.name)].judge(r))
	}
	_ = w.Flush()
}

func (e expectation) judge(r row) string {
	met := func(ok bool) string {
		if ok {
			return "met"
		}
		return "MISSED"
	}
	switch {
	case e.ratioFrom > 0:
		return fmt.Sprintf("ratio ≥ %.1f: %s", e.ratioFrom, met(r.ratio >= e.ratioFrom))
	case e.valueTo > 0:
		return fmt.Sprintf("≤ %.0f %s: %s", e.valueTo, r.unit, met(r.value <= e.valueTo))
	}
	return ""
}

// median of values, which it sorts.
func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile q, 0 to 1, of values, which it sorts: the smallest of them that at
// least the share q does not exceed (nearest rank). 0 if there are none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	i := int(q*float64(len(values)) + 0.999999)
	return values[min(max(i, 1), len(values))-1]
}
