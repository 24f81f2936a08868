// Package garbage says how far the heap may grow between collections: far while the
// log is read, and little beyond what is kept afterwards.
package garbage

import (
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

const (
	// catchUpPercent is the collector's target while the log is read: nearly
	// all that is allocated then is either kept for good or gone with its
	// batch, and marking again and again what is kept took a fifth of the time.
	// More than this saves no time, for new memory has its price too, and less
	// costs a tenth.
	catchUpPercent = 400
	// catchUpShare of the memory that the process may have bounds what this costs.
	catchUpShare = 0.5
)

// Relax lets the heap grow further between collections until settle is called, which
// leaves it the room that Percent says, and gives the rest of the memory back. Neither
// does anything where the memory is not known, or where GOGC or GOMEMLIMIT say what
// is wanted.
func Relax() (settle func()) {
	memory := memoryLimit()
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" || memory == 0 {
		return func() {}
	}
	limit := debug.SetMemoryLimit(int64(catchUpShare * float64(memory)))
	debug.SetGCPercent(catchUpPercent)
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(usualPercent)
		debug.FreeOSMemory() // it collects first
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(Percent(live[0].Value.Uint64()))
	}
}

const (
	usualPercent = 100
	leastPercent = 10
	// usualRoom is enough for some thousand rankings between two collections.
	usualRoom = 256 << 20
)

// Percent is how much more than what is kept, in bytes, the heap may hold before it
// is collected: as much again, but not more than 256 MiB, or a tenth where that is more.
// Going over much that is kept is for nothing where little is thrown away.
func Percent(live uint64) int {
	if live <= usualRoom {
		return usualPercent
	}
	return max(int(usualPercent*usualRoom/live), leastPercent)
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
