package main

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// spent is what something took: on the clock, and of a processor, which is the
// same where nobody else wants it.
type spent struct{ wall, cpu time.Duration }

// stopwatch measures one goroutine, which MUST be locked to its thread, or all of
// this process.
type stopwatch struct {
	start time.Time
	of    int32
	cpu   time.Duration
}

func begin() stopwatch { return beginOf(unix.CLOCK_THREAD_CPUTIME_ID) }

// beginAll counts what other goroutines do for this one, and the collector.
func beginAll() stopwatch { return beginOf(unix.CLOCK_PROCESS_CPUTIME_ID) }

func beginOf(clock int32) stopwatch { return stopwatch{time.Now(), clock, processor(clock)} }

func (s stopwatch) spent() spent { return spent{time.Since(s.start), processor(s.of) - s.cpu} }

// processor is how much of one a clock has counted; 0 where the system does not
// say it.
func processor(clock int32) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(clock, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// clock does something with each of all, one after the other.
func clock[T any](all []T, do func(*T)) []spent {
	out := make([]spent, len(all))
	for i := range all {
		watch := beginAll()
		do(&all[i])
		out[i] = watch.spent()
	}
	return out
}

// times reports p50 and p99, on the clock and of a processor.
func (b *bench) times(name string, all []spent) {
	wall, cpu := make([]time.Duration, len(all)), make([]time.Duration, len(all))
	for i, one := range all {
		wall[i], cpu[i] = one.wall, one.cpu
	}
	for _, q := range []struct {
		name string
		of   float64
	}{{"_p50", 0.5}, {"_p99", 0.99}} {
		b.report(name+q.name, quantile(wall, q.of).Seconds()*1000, "ms")
		if used := quantile(cpu, q.of); used > 0 {
			b.report(name+"_cpu"+q.name, used.Seconds()*1000, "ms")
		}
	}
}

// quantile q, 0 to 1, of all, which it sorts, by nearest rank.
func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	i := int(q*float64(len(all)) + 0.999999)
	return all[min(max(i, 1), len(all))-1]
}
