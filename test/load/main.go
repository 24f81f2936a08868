// Command load measures Kith and prints what it finds as lines
// "BENCH name=… value=… unit=… limit=… ratio=…". A limit is what the machine
// allows for the same work without Kith, measured beside it; the ratio is
// value / limit. Everything that acknowledges does so from disk (sync always).
//
// The appends and the way of a request to its helper are measured on one
// all-in-one in this process; the time to start on the binary. Rows that end in
// _tcp are the same on a NATS server that is reached over TCP, in _tcp3 on a
// cluster of three: a request passes through every service as a process of its
// own, appends through one service while the others rest, and all services in
// this process fold. fold_mongo is folding into MongoDB, as a ratio to folding in
// memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	var b bench
	only := flag.String("only", "", "measure some of "+strings.Join(parts(), ",")+"; empty: all")
	flag.StringVar(&b.binary, "kith", "bin/kith", "the all-in-one; the services are beside it, and a NATS server is built there")
	flag.BoolVar(&b.quick, "quick", false, "small sizes, to see whether everything runs; the figures mean little")
	flag.StringVar(&b.suffix, "suffix", "", "appended to the names of the rows")
	flag.StringVar(&b.profiles, "profile", "", "folder for CPU profiles of what is measured in this process")
	flag.Parse()
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	for _, name := range b.only {
		if !slices.Contains(parts(), name) {
			fmt.Fprintf(os.Stderr, "there is no %q; use some of %s\n", name, strings.Join(parts(), ", "))
			os.Exit(2)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(b.run(ctx))
}

// What can be measured on its own.
const (
	partEndToEnd = "end_to_end"
	partMemory   = "memory"
	partAppend   = "append"
	partFlush    = "flush5ms"
	partFold     = "fold_memory"
	partMongo    = "fold_mongo"
	partReady100 = "ready_100k"
	partReady1M  = "ready_1m"
)

func parts() []string {
	all := []string{partMemory, partEndToEnd, partAppend, partFlush, partFold}
	for _, n := range networks() {
		all = append(all, partEndToEnd+n.suffix, partAppend+n.suffix, partFold+n.suffix)
	}
	return append(all, partMongo, partReady100, partReady1M)
}

// bench is one run.
type bench struct {
	binary   string
	quick    bool
	only     []string
	suffix   string
	profiles string

	dir  string // removed at the end
	rows []row
}

// runLimit bounds a whole run, however badly it goes.
const runLimit = 30 * time.Minute

func (b *bench) run(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	var err error
	if b.dir, err = os.MkdirTemp("", "kith-load-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if b.suffix == "" {
		b.header()
	}
	failed := 0
	for _, p := range b.measurements() {
		names := slices.DeleteFunc(p.names, func(name string) bool { return !b.wanted(name) })
		if len(names) == 0 {
			continue
		}
		if err := p.run(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", strings.Join(names, ", "), err)
			failed++
		}
		if ctx.Err() != nil {
			break
		}
	}
	if b.suffix == "" {
		b.table()
	}
	if failed > 0 {
		return 1
	}
	return 0
}

// measurement yields the rows of some parts, and runs if any of them is wanted.
type measurement struct {
	names []string
	run   func(context.Context) error
}

func (b *bench) measurements() []measurement {
	all := []measurement{
		{[]string{partMemory, partEndToEnd, partAppend}, b.onServer},
		{[]string{partFlush}, b.slowDisk},
		{[]string{partFold}, b.fold},
	}
	for _, n := range networks() {
		all = append(all,
			measurement{[]string{partEndToEnd + n.suffix, partAppend + n.suffix}, b.over(n, b.onNetwork)},
			measurement{[]string{partFold + n.suffix}, b.over(n, b.foldNetwork)})
	}
	return append(all,
		measurement{[]string{partMongo}, b.foldMongo},
		measurement{[]string{partReady100}, func(ctx context.Context) error { return b.start(ctx, "ready_100k", b.size(100_000, 5_000)) }},
		measurement{[]string{partReady1M}, func(ctx context.Context) error { return b.start(ctx, "ready_1m", b.size(1_000_000, 20_000)) }})
}

// over measures on a network; the names of the rows say so.
func (b *bench) over(n network, measure func(context.Context, network) error) func(context.Context) error {
	return func(ctx context.Context) error {
		was := b.suffix
		defer func() { b.suffix = was }()
		b.suffix = n.suffix + was
		return measure(ctx, n)
	}
}

func (b *bench) wanted(part string) bool {
	return len(b.only) == 0 || slices.Contains(b.only, part)
}

// size is n, or small in a quick run.
func (b *bench) size(n, small int) int {
	if b.quick {
		return small
	}
	return n
}

// note says on standard error what goes on.
func note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

// quiet is a logger for parts that would repeat what their errors say.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
