package garbage

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestTheCollectorIsLeftToTheOperator(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv("GOGC", "")
		t.Setenv("GOMEMLIMIT", "")
		t.Setenv(name, "100")
		before, limit := debug.SetGCPercent(77), debug.SetMemoryLimit(-1)
		Relax()()
		if got := debug.SetMemoryLimit(-1); got != limit {
			t.Errorf("%s: the limit is %d, was %d", name, got, limit)
		}
		if got := debug.SetGCPercent(before); got != 77 {
			t.Errorf("%s: the target is %d, was 77", name, got)
		}
	}
}

// What is kept may grow by as much again, by the room or by a tenth.
func TestPercent(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		b    bounds
		live uint64
		want int
	}{
		{bounds{256 * mib, 100}, 0, 100},
		{bounds{256 * mib, 100}, 80 * mib, 100},
		{bounds{256 * mib, 100}, 256 * mib, 100},
		{bounds{256 * mib, 100}, 1024 * mib, 25},
		{bounds{256 * mib, 100}, 3500 * mib, 10},
		{bounds{512 * mib, 400}, 80 * mib, 400},
		{bounds{512 * mib, 400}, 256 * mib, 200},
		{bounds{512 * mib, 400}, 3500 * mib, 14},
		{bounds{512 * mib, 400}, 1 << 40, 10},
	} {
		if got := c.b.percent(c.live); got != c.want {
			t.Errorf("%+v with %d MiB: %d, want %d", c.b, c.live/mib, got, c.want)
		}
	}
}

// The target follows what is kept, and what is not kept is given back.
func TestTheTargetFollowsWhatIsKept(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	if memoryLimit() < 4<<30 {
		t.Skip("the machine has little memory, or does not say how much")
	}
	// The percentage comes after the collection, by a finalizer.
	target := func(about int) {
		t.Helper()
		got := 0
		for range 1000 {
			runtime.GC()
			got = debug.SetGCPercent(1000)
			debug.SetGCPercent(got)
			if got >= about-5 && got <= about {
				return
			}
			runtime.Gosched()
		}
		t.Fatalf("the target is %d, want %d", got, about)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	settle := Relax()
	if got := debug.SetMemoryLimit(-1); got >= int64(memoryLimit()) {
		t.Errorf("the process may take %d of %d bytes", got, memoryLimit())
	}
	target(400)
	kept := make([][]byte, 320)
	for i := range 3 * len(kept) {
		kept[i%len(kept)] = make([]byte, 1<<20)
	}
	target(min(400, int(100*memoryLimit()/4/(320<<20))))
	settle()
	target(80)
	free := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(free)
	if got := free[0].Value.Uint64() >> 20; got > 32 {
		t.Errorf("%d MiB are free and not given back", got)
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
