// Command matchbench measures how fast matching ranks people and how much
// memory it takes, at three sizes of an organisation, and compares its search
// with Bleve and PostgreSQL at 100,000 documents. It prints lines
// "BENCH name=… value=… unit=… …" on standard output and what goes on to
// standard error.
//
// What people write is made up from a seed: words by the law of Zipf and
// Mandelbrot, of a vocabulary that grows by Heaps' law, on topics that those
// who answer are at home in.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

func main() {
	var b bench
	chosen := flag.String("size", "all", "measure "+strings.Join(parts(), ", ")+", several of them after commas, or all")
	flag.IntVar(&b.queries, "queries", 2000, "questions that are asked at each size")
	flag.IntVar(&b.along, "along", 0, "measure after so many responses each while an organisation is built; 0: at the end only")
	flag.Uint64Var(&b.seed, "seed", 1, "what is made up depends on it")
	flag.StringVar(&b.profiles, "profile", "", "folder for CPU and heap profiles of the engine")
	flag.Parse()
	b.chosen = strings.Split(*chosen, ",")
	for _, name := range b.chosen {
		if !slices.Contains(append(parts(), "all"), name) {
			fmt.Fprintf(os.Stderr, "there is no %q; use some of %s\n", name, strings.Join(parts(), ", "))
			os.Exit(2)
		}
	}
	if b.queries < 1 {
		fmt.Fprintln(os.Stderr, "-queries is from 1")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// What can be measured on its own, besides the sizes.
const (
	partTyping   = "typing"
	partBleve    = "bleve"
	partPostgres = "postgres"
)

func parts() []string {
	var all []string
	for _, s := range sizes() {
		all = append(all, s.name)
	}
	return append(all, partTyping, partBleve, partPostgres)
}

// bench is one run.
type bench struct {
	chosen   []string
	queries  int
	along    int
	seed     uint64
	profiles string
	rows     []row
}

func (b *bench) wanted(part string) bool {
	return slices.Contains(b.chosen, part) || slices.Contains(b.chosen, "all")
}

// compares says whether the search is compared with another.
func (b *bench) compares() bool { return b.wanted(partBleve) || b.wanted(partPostgres) }

func (b *bench) run(ctx context.Context) error {
	header()
	for _, s := range sizes() {
		if b.wanted(s.name) && ctx.Err() == nil {
			b.measure(s)
		}
	}
	b.growth()
	if (b.wanted(partTyping) || b.compares()) && ctx.Err() == nil {
		if err := b.hundredThousand(ctx); err != nil {
			return err
		}
	}
	b.table()
	return ctx.Err()
}

// profiled writes profiles of what f does, if wanted.
func (b *bench) profiled(name string, f func()) {
	if b.profiles == "" {
		f()
		return
	}
	file, err := os.Create(b.profiles + "/" + name + ".cpu")
	if err == nil {
		defer file.Close()
		if err = pprof.StartCPUProfile(file); err == nil {
			defer pprof.StopCPUProfile()
		}
	}
	if err != nil {
		note("no profile: %v", err)
	}
	f()
}

func (b *bench) heapProfile(name string) {
	if b.profiles == "" {
		return
	}
	file, err := os.Create(b.profiles + "/" + name + ".heap")
	if err == nil {
		defer file.Close()
		err = pprof.WriteHeapProfile(file)
	}
	if err != nil {
		note("no profile: %v", err)
	}
}

// note says on standard error what goes on.
func note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}
