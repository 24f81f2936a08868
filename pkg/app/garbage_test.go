package app

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTheCollectorIsRelaxedForAWhile(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	if memoryLimit() == 0 {
		t.Skip("the machine does not say how much memory it has")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	before := debug.SetMemoryLimit(-1)
	restore := relaxCollector()
	if got := debug.SetGCPercent(catchUpPercent); got != catchUpPercent {
		t.Errorf("the target is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got >= int64(memoryLimit()) {
		t.Errorf("the heap may grow to %d of %d bytes", got, memoryLimit())
	}
	restore()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("the target afterwards is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("the limit afterwards is %d, was %d", got, before)
	}
}

func TestTheCollectorIsLeftToTheOperator(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv("GOGC", "")
		t.Setenv("GOMEMLIMIT", "")
		t.Setenv(name, "100")
		before := debug.SetMemoryLimit(-1)
		relaxCollector()()
		if got := debug.SetMemoryLimit(-1); got != before {
			t.Errorf("%s: the limit is %d, was %d", name, got, before)
		}
	}
}

func TestMemTotal(t *testing.T) {
	for text, want := range map[string]uint64{
		"MemTotal:       24587104 kB\nMemFree: 1 kB": 24587104 << 10,
		"":               math.MaxUint64,
		"MemFree: 12 kB": math.MaxUint64,
		"MemTotal: x kB": math.MaxUint64,
	} {
		if got := memTotal([]byte(text)); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
