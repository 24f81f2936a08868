package host

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Ready is the command that asks a running process whether it is ready, for the
// health check of a container that holds nothing but the program.
type Ready struct {
	Addr string `default:"127.0.0.1:8080" help:"Where the process listens, host:port."`
}

const (
	readyLimit  = 5 * time.Second
	readyAnswer = 1 << 16 // bytes
)

// Run implements the command: it returns nil if the process is ready, else what
// it says, or why it cannot be asked.
func (r Ready) Run(ctx context.Context) error {
	at, port, err := net.SplitHostPort(r.Addr)
	if err != nil {
		return fmt.Errorf("addr: %q is not host:port", r.Addr)
	}
	if ip := net.ParseIP(at); at == "" || ip != nil && ip.IsUnspecified() {
		at = "localhost" // a process that listens everywhere listens there
	}
	ctx, stop := context.WithTimeout(ctx, readyLimit)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(at, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the process cannot be asked: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	var problem struct{ Detail string }
	_ = json.NewDecoder(io.LimitReader(resp.Body, readyAnswer)).Decode(&problem) // the status says enough
	return fmt.Errorf("%s: %s", resp.Status, problem.Detail)
}
