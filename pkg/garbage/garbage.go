// Package garbage says how far the heap may grow between collections: by as much again
// where little is kept, as Go has it, and by little where much is.
package garbage

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync/atomic"
)

const (
	// relaxedMost is the collector's target in percent while the log is read: nearly all
	// that is allocated then is either kept for good or gone with its batch, and marking
	// again and again what is kept took a fifth of the time. More than this saves no
	// time, for new memory has its price too, and less costs a tenth.
	relaxedMost = 400
	// relaxedShare of the memory that the process may have bounds what this costs: what
	// is kept lies among what is not, so that not all of it can be given back.
	relaxedShare = 0.25

	usualMost = 100 // as Go has it
	// usualRoom is enough for some thousand rankings between two collections, in bytes.
	usualRoom = 256 << 20
	// least is the target in percent however much is kept.
	least = 10

	// softShare of the memory is what all of the process is to take at most.
	softShare = 0.9
)

// Relax lets the heap grow by up to a quarter of the memory between collections until
// settle is called, then by up to 256 MiB, and at any time by a tenth of what is kept, but
// not beyond nine tenths of the memory as long as that can be helped. It does nothing
// where the memory is not known, or where GOGC or GOMEMLIMIT say what is wanted.
func Relax() (settle func()) {
	memory := float64(memoryLimit())
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" || memory == 0 {
		return func() {}
	}
	debug.SetMemoryLimit(int64(softShare * memory))
	k := &keeper{}
	k.keep(bounds{uint64(relaxedShare * memory), relaxedMost})
	k.watch()
	return func() {
		k.keep(bounds{usualRoom, usualMost})
		debug.FreeOSMemory() // it collects first
	}
}

// bounds are how far the heap may grow: by room in bytes, and most in percent.
type bounds struct {
	room uint64
	most int
}

// percent is the target of the collector where so many bytes are kept.
func (b bounds) percent(live uint64) int {
	return max(int(min(100*b.room/max(live, 1), uint64(b.most))), least)
}

// keeper sets the target anew after each collection.
type keeper struct{ bounds atomic.Pointer[bounds] }

func (k *keeper) keep(b bounds) {
	k.bounds.Store(&b)
	k.adjust()
}

func (k *keeper) adjust() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(k.bounds.Load().percent(live[0].Value.Uint64()))
}

// sentinel is found to be garbage by the next collection.
type sentinel struct{ k *keeper }

// watch adjusts the target after the next collection, and then goes on.
func (k *keeper) watch() {
	runtime.SetFinalizer(&sentinel{k}, func(s *sentinel) {
		s.k.adjust()
		s.k.watch()
	})
}

// memoryLimit is what the machine, or the process's control group, has in
// bytes; 0 if that cannot be found out.
func memoryLimit() uint64 {
	limit := uint64(math.MaxUint64)
	if data, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseUint(string(bytes.TrimSpace(data)), 10, 64); err == nil {
			limit = n
		}
	}
	if data, err := os.ReadFile("/proc/meminfo"); err == nil {
		limit = min(limit, memTotal(data))
	}
	if limit == math.MaxUint64 {
		return 0
	}
	return limit
}

// memTotal reads the first line of /proc/meminfo: "MemTotal:  24587104 kB".
func memTotal(meminfo []byte) uint64 {
	fields := bytes.Fields(meminfo)
	if len(fields) < 2 || string(fields[0]) != "MemTotal:" {
		return math.MaxUint64
	}
	n, err := strconv.ParseUint(string(fields[1]), 10, 53)
	if err != nil {
		return math.MaxUint64
	}
	return n << 10
}
