// Package proc runs Kith's programs as processes of their own, as a stranger
// would, and ends them kindly or not.
package proc

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a running program that serves HTTP.
type Process struct {
	URL string

	name string
	cmd  *exec.Cmd
	log  *tail
	done chan error
}

// Start runs "binary serve --dev" with data in dir on a free port, and waits
// until it is ready. extra are further flags.
func Start(ctx context.Context, binary, dir string, extra ...string) (*Process, error) {
	return Launch(ctx, binary, append([]string{"serve", "--dev", "--data", filepath.Join(dir, "data")}, extra...)...)
}

// Launch runs one of Kith's programs with args on a free port, and waits until
// it is ready.
func Launch(ctx context.Context, binary string, args ...string) (*Process, error) {
	p, err := Begin(ctx, binary, args...)
	if err != nil {
		return nil, err
	}
	return p, p.Ready(ctx)
}

// Begin is Launch for a program that cannot be ready yet: it waits until that
// says where it listens.
func Begin(ctx context.Context, binary string, args ...string) (*Process, error) {
	args = append(args, "--addr", "127.0.0.1:0", "--log", "warn")
	p := &Process{name: filepath.Base(binary), cmd: exec.CommandContext(ctx, binary, args...), log: &tail{}, done: make(chan error, 1)}
	// What tests are told by such variables is no setting of the program.
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "KITH_") })
	out, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout = os.Stdout
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	address := make(chan string, 1)
	go func() {
		in := bufio.NewScanner(out)
		for in.Scan() {
			p.log.add(in.Text())
			if said, url, ok := strings.Cut(in.Text(), " is at http"); ok && strings.Contains(said, "Kith") {
				address <- "http" + strings.TrimSpace(url)
			}
		}
		p.done <- p.cmd.Wait()
	}()
	select {
	case p.URL = <-address:
	case err := <-p.done:
		return nil, fmt.Errorf("%s ended at once: %w\n%s", p.name, err, p.log)
	case <-time.After(time.Minute):
		p.Kill()
		return nil, fmt.Errorf("%s did not say where it listens within a minute\n%s", p.name, p.log)
	}
	return p, nil
}

// Ready waits until the process is ready, and kills one that is not within two
// minutes.
func (p *Process) Ready(ctx context.Context) error {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
	}
	p.Kill()
	return fmt.Errorf("%s was not ready within two minutes\n%s", p.name, p.log)
}

// Kill ends the process with SIGKILL and waits for its end.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	if err := <-p.done; err == nil {
		p.log.add(p.name + " ended well although it was killed")
	}
}

// Stop ends the process with SIGTERM, and returns an error unless it ends
// well within 20 seconds.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s did not end well: %w\n%s", p.name, err, p.log)
		}
		return nil
	case <-time.After(20 * time.Second):
		p.Kill()
		return fmt.Errorf("%s did not end within 20 seconds of SIGTERM\n%s", p.name, p.log)
	}
}

// RSS is the resident memory of the process in bytes, 0 if it is not known.
func (p *Process) RSS() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(data), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// Log is the end of what the process has written.
func (p *Process) Log() string { return p.log.String() }

// tail keeps the last lines.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, line); len(t.lines) > 50 {
		t.lines = t.lines[1:]
	}
}

// String is the lines kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
