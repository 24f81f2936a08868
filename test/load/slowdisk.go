package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// slowDisk measures appends again with flushes that take five milliseconds
// longer: this program runs itself under strace, which delays every fsync.
func (b *bench) slowDisk(ctx context.Context) error {
	strace, err := findStrace(ctx)
	if err != nil {
		note("appends with a slow disk are skipped: %v", err)
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"-f", "--seccomp-bpf", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync",
		"-e", "inject=fsync,fdatasync:delay_exit=5000", self, "-only", partAppend, "-suffix", "_" + partFlush}
	if b.quick {
		args = append(args, "-quick")
	}
	cmd := exec.CommandContext(ctx, strace, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	note("appends with flushes that take 5 ms longer")
	if err := cmd.Start(); err != nil {
		return err
	}
	for in := bufio.NewScanner(out); in.Scan(); {
		if r, ok := parseRow(in.Text()); ok {
			b.report(r)
		}
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("under strace: %w", err)
	}
	return nil
}

// findStrace looks for strace, and installs it where that needs no question.
func findStrace(ctx context.Context) (string, error) {
	if path, err := exec.LookPath("strace"); err == nil {
		return path, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Getuid() != 0 {
		return "", errors.New("there is no strace, which delays the flushes; install it")
	}
	note("installing strace")
	if out, err := exec.CommandContext(ctx, apt, "install", "-y", "--no-install-recommends", "strace").CombinedOutput(); err != nil {
		return "", fmt.Errorf("there is no strace and it cannot be installed: %w: %.300s", err, out)
	}
	return exec.LookPath("strace")
}
