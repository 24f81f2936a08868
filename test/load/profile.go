package main

import (
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profiled runs f under a CPU profile in the folder that was asked for; without
// one it does nothing.
func (b *bench) profiled(name string, f func() error) error {
	if b.profiles == "" {
		return nil
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

// watched runs f, under a CPU profile if one was asked for.
func (b *bench) watched(name string, f func() error) error {
	if b.profiles == "" {
		return f()
	}
	return b.profiled(name, f)
}
