package natsd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"

	"github.com/nats-io/nats.go"
)

// Door is a Unix socket through which other programs of the same user reach a
// server that does not listen. Who may open it is decided by its file's
// permissions, 0600; they can do everything, as with the store's own files.
type Door struct {
	listener net.Listener
}

// OpenDoor makes the socket at path; what an earlier process has left there is
// removed. It returns an error if the path is too long for a socket, about 100
// bytes, or not writable. Close it before the server is shut down.
func (s *Server) OpenDoor(path string) (*Door, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("natsd: remove an old socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("natsd: listen: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("natsd: protect the socket: %w", err), l.Close())
	}
	go func() {
		for {
			outer, err := l.Accept()
			if err != nil {
				return
			}
			go s.join(outer)
		}
	}()
	return &Door{l}, nil
}

// join passes on what outer and the server say until one of them ends.
func (s *Server) join(outer net.Conn) {
	defer outer.Close()
	inner, err := s.ns.InProcessConn()
	if err != nil {
		return
	}
	defer inner.Close()
	ended := make(chan struct{}, 2)
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // either end may go at any time
		ended <- struct{}{}
	}
	go pass(inner, outer)
	go pass(outer, inner)
	<-ended
}

// Close removes the socket and lets nobody else in. Who is inside stays until
// the server ends.
func (d *Door) Close() error { return d.listener.Close() }

// Through connects to the server behind the door at path.
func Through(path string, opts ...nats.Option) (*nats.Conn, error) {
	nc, err := nats.Connect("nats://door", append(opts, nats.SetCustomDialer(door(path)))...)
	if err != nil {
		return nil, fmt.Errorf("natsd: connect through %s: %w", path, err)
	}
	return nc, nil
}

// door dials a socket, whatever address is asked for.
type door string

// Dial implements nats.CustomDialer.
func (d door) Dial(string, string) (net.Conn, error) {
	var dialer net.Dialer
	return dialer.DialContext(context.Background(), "unix", string(d))
}
