package deployment

import (
	"io"
	"net"
	"net/url"
	"sync"
)

// Cut is a way to a server that can be cut and mended.
type Cut struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	open  bool
	conns map[net.Conn]bool
}

// newCut leads to a server's address.
func newCut(to string) (*Cut, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Cut{listener: l, to: to, open: true, conns: map[net.Conn]bool{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.lead(conn)
		}
	}()
	return c, nil
}

// through is uri with this way's address in place of the server's.
func (c *Cut) through(uri *url.URL) string {
	by := *uri
	q := by.Query()
	q.Set("directConnection", "true") // or the driver would go to where the server says it is
	by.Host, by.RawQuery = c.listener.Addr().String(), q.Encode()
	if by.Path == "" {
		by.Path = "/"
	}
	return by.String()
}

func (c *Cut) lead(from net.Conn) {
	defer from.Close()
	if !c.keep(from) {
		return
	}
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer to.Close()
	if !c.keep(to) {
		return
	}
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() { _, _ = io.Copy(pair[0], pair[1]); done <- struct{}{} }()
	}
	<-done
}

// keep notes a connection that a cut ends; false: it is cut.
func (c *Cut) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open {
		c.conns[conn] = true
	}
	return c.open
}

// Set cuts every connection and refuses others, or mends it.
func (c *Cut) Set(open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = open
	for conn := range c.conns {
		_ = conn.Close()
	}
	clear(c.conns)
}

func (c *Cut) close() {
	_ = c.listener.Close()
	c.Set(false)
}
