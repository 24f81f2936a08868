package main

import (
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profiled runs f, with a CPU profile in the folder asked for if it is wanted.
func (b *bench) profiled(name string, wanted bool, f func() error) error {
	if b.profiles == "" || !wanted {
		return f()
	}
	if err := os.MkdirAll(b.profiles, 0o755); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(b.profiles, name+b.suffix+".pprof"))
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
