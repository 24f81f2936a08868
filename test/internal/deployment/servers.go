package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Servers are NATS servers with a log as processes of their own, on loopback:
// one, or a cluster.
type Servers struct {
	URL      string   // of all of them, with commas between
	Monitors []string // of the state of each

	nodes []*node
}

// node is one server.
type node struct {
	*exec.Cmd
	said  bytes.Buffer // to be read when it has ended
	ended chan struct{}
}

// ServerOptions are what may differ between servers. The zero value is one
// server that flushes before it acknowledges and lets anybody in.
type ServerOptions struct {
	Nodes int    // 0: 1
	Users string // file with the users and what they may do; empty: anybody may do anything
	Sync  string // sync_interval; empty: always
}

// serversLimit is how long servers may take until they can keep a log.
const serversLimit = 30 * time.Second

// StartServers runs servers of the program nats-server in bin with their files
// in dir, and waits until each can keep a log. The caller stops them.
func StartServers(ctx context.Context, bin, dir string, o ServerOptions) (_ *Servers, err error) {
	s := &Servers{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	routes, err := freeAddresses(max(1, o.Nodes))
	if err != nil {
		return s, err
	}
	for i := range routes {
		own := filepath.Join(dir, fmt.Sprintf("nats%d", i))
		if err := os.MkdirAll(own, 0o700); err != nil {
			return s, err
		}
		text, err := o.config(own, i, routes)
		if err != nil {
			return s, err
		}
		if err := os.WriteFile(filepath.Join(own, "nats.conf"), []byte(text), 0o600); err != nil {
			return s, err
		}
		n := &node{Cmd: exec.CommandContext(ctx, filepath.Join(bin, "nats-server"), "-c", filepath.Join(own, "nats.conf")), ended: make(chan struct{})}
		n.Stderr = &n.said
		if err := n.Start(); err != nil {
			return s, fmt.Errorf("start a NATS server: %w", err)
		}
		s.nodes = append(s.nodes, n)
		go func() {
			_ = n.Wait() // it is ended by a signal
			close(n.ended)
		}()
	}
	deadline := time.Now().Add(serversLimit)
	for i, n := range s.nodes {
		if err := s.await(ctx, filepath.Join(dir, fmt.Sprintf("nats%d", i)), n, deadline); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (o ServerOptions) config(dir string, node int, routes []string) (string, error) {
	sync := o.Sync
	if sync == "" {
		sync = "always"
	}
	text := fmt.Sprintf("server_name: n%d\nlisten: 127.0.0.1:-1\nhttp: 127.0.0.1:-1\nports_file_dir: %q\njetstream { store_dir: %q, sync_interval: %s }\n",
		node, dir, filepath.Join(dir, "log"), sync)
	if len(routes) > 1 {
		text += fmt.Sprintf("cluster { name: kith, listen: %q, routes: [%s] }\n", routes[node], `"nats://`+strings.Join(routes, `", "nats://`)+`"`)
	}
	if o.Users != "" {
		users, err := filepath.Rel(dir, o.Users) // the server takes it for one
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("include %q\n", users)
	}
	return text, nil
}

// await waits until a server says where it listens, and that its log can be
// used; in a cluster, that it knows the leader.
func (s *Servers) await(ctx context.Context, dir string, n *node, deadline time.Time) error {
	file := filepath.Join(dir, fmt.Sprintf("nats-server_%d.ports", n.Process.Pid))
	var said struct{ NATS, Monitoring []string }
	for ; time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		select {
		case <-n.ended:
			return fmt.Errorf("a NATS server in %s has ended: %s", dir, n.said.String())
		default:
		}
		if data, err := os.ReadFile(file); err != nil || json.Unmarshal(data, &said) != nil || len(said.NATS) == 0 || len(said.Monitoring) == 0 {
			continue
		}
		if healthy(ctx, said.Monitoring[0]) {
			if s.URL != "" {
				s.URL += ","
			}
			s.URL, s.Monitors = s.URL+said.NATS[0], append(s.Monitors, said.Monitoring[0])
			return nil
		}
	}
	return fmt.Errorf("a NATS server in %s cannot keep a log within %s", dir, serversLimit)
}

func healthy(ctx context.Context, monitor string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, monitor+"/healthz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// freeAddresses are n that nobody listens at. Servers of a cluster must know
// each other's before they start.
func freeAddresses(n int) (all []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all, nil
}

// Stop ends the servers.
func (s *Servers) Stop() error {
	var errs []error
	for _, n := range s.nodes {
		errs = append(errs, n.Process.Signal(os.Interrupt))
	}
	for _, n := range s.nodes {
		<-n.ended
	}
	s.nodes = nil
	return errors.Join(errs...)
}
