package garbage

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
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
	settle := Relax()
	if got := debug.SetGCPercent(catchUpPercent); got != catchUpPercent {
		t.Errorf("the target is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got >= int64(memoryLimit()) {
		t.Errorf("the heap may grow to %d of %d bytes", got, memoryLimit())
	}
	settle()
	if got := debug.SetGCPercent(77); got != usualPercent {
		t.Errorf("the target afterwards is %d with next to nothing kept", got)
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
		Relax()()
		if got := debug.SetMemoryLimit(-1); got != before {
			t.Errorf("%s: the limit is %d, was %d", name, got, before)
		}
	}
}

// What is kept may grow by as much again, by 256 MiB or by a tenth.
func TestPercent(t *testing.T) {
	const mib = 1 << 20
	for live, want := range map[uint64]int{0: 100, 80 * mib: 100, 256 * mib: 100, 512 * mib: 50, 1024 * mib: 25, 3500 * mib: 10, 1 << 40: 10} {
		if got := Percent(live); got != want {
			t.Errorf("%d MiB: %d, want %d", live/mib, got, want)
		}
	}
}

// Where much is kept the process is not much larger than that, although the heap was
// three times as large before.
func TestWhatIsNotKeptIsGivenBack(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	if memoryLimit() == 0 {
		t.Skip("the machine does not say how much memory it has")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	settle := Relax()
	kept := make([][]byte, 320)
	for i := range 3 * len(kept) {
		kept[i%len(kept)] = make([]byte, 1<<20)
	}
	settle()
	used := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(used)
	if got := (used[0].Value.Uint64() + used[1].Value.Uint64()) >> 20; got > 360 {
		t.Errorf("the heap has %d MiB for 320", got)
	}
	if got, want := debug.SetGCPercent(100), 80; got > want || got < want-5 {
		t.Errorf("the target is %d, want %d", got, want)
	}
	runtime.KeepAlive(kept)
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
