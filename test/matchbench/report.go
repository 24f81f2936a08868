package main

import (
	"bufio"
	"fmt"
	"os"
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
}

// most are what rows are expected to be at most.
func most() map[string]float64 {
	return map[string]float64{
		"small_rank_p99": 5, "small_rank_cpu_p99": 5, "large_rank_p99": 25, "large_rank_cpu_p99": 25,
		"large_rank_closed_p99": 25, "large_rank_closed_cpu_p99": 25, "large_heap": 4096, "large_resident": 4096,
		"typing_p99": 20, "typing_cpu_p99": 20,
	}
}

// least are what rows are expected to be at least.
func least() map[string]float64 {
	out := map[string]float64{}
	for _, other := range []string{"bleve_memory", "bleve_disk", "postgres"} {
		out[other+"_p50_times"], out[other+"_p99_times"] = 10, 10
	}
	return out
}

func (b *bench) report(name string, value float64, unit string) {
	fmt.Printf("BENCH name=%s value=%s unit=%s\n", name, figure(value), unit)
	b.rows = append(b.rows, row{name, value, unit})
}

// value of a row that was reported.
func (b *bench) value(name string) (float64, bool) {
	i := slices.IndexFunc(b.rows, func(r row) bool { return r.name == name })
	if i < 0 {
		return 0, false
	}
	return b.rows[i].value, true
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

// header says what the figures were measured on.
func header() {
	load, _, _ := strings.Cut(firstLine("/proc/loadavg", ""), " ")
	fmt.Printf("# cores=%d cpu=%q os=%s/%s go=%s load=%s\n", runtime.NumCPU(), firstLine("/proc/cpuinfo", "model name"),
		runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

// firstLine of a file, or what follows the colon after a key; "" if there is none.
func firstLine(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if key == "" {
			return in.Text()
		}
		if k, v, ok := strings.Cut(in.Text(), ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// memory is how much this process has, in MiB, now (VmRSS) or at most so far (VmHWM);
// 0 where it cannot be told.
func memory(what string) float64 {
	kb, _, _ := strings.Cut(firstLine("/proc/self/status", what), " ")
	n, _ := strconv.ParseFloat(kb, 64)
	return n / 1024
}

// table prints all rows, and whether those with an expectation meet it.
func (b *bench) table() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nNAME\tVALUE\tUNIT\tEXPECTED\t")
	for _, r := range b.rows {
		expected := ""
		if limit, ok := most()[r.name]; ok {
			expected = fmt.Sprintf("≤ %.0f: %s", limit, met(r.value <= limit))
		}
		if limit, ok := least()[r.name]; ok {
			expected = fmt.Sprintf("≥ %.0f: %s", limit, met(r.value >= limit))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", r.name, figure(r.value), r.unit, expected)
	}
	_ = w.Flush()
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "MISSED"
}
