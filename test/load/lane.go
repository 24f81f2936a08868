package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kith/services/kith/client"
)

// commands gives the cheapest command of all, a read mark, over HTTP: every
// worker on a connection of its own, by people of its own in turn.
type commands struct {
	lanes []*lane
	run   string
}

// lane is one kept connection. It writes HTTP/1.1 itself, because the client
// of the standard library would need as much of the two cores as the server.
type lane struct {
	address string
	conn    net.Conn // nil: not yet
	used    time.Time
	in      *bufio.Reader
	out     []byte
	people  []reader
	next    int
	seq     uint64 // last position that was answered
}

// reader is somebody who marks one more position as read each time, which is
// always news and always behind the log's end.
type reader struct {
	token string
	upTo  uint64
}

// newCommands makes a lane for each of n workers and deals people out to them.
func newCommands(base string, n int, people []*client.Client) *commands {
	c := &commands{run: strconv.FormatInt(time.Now().UnixNano(), 36)}
	for i := range n {
		l := &lane{address: strings.TrimPrefix(base, "http://")}
		for p := i; p < len(people); p += n {
			l.people = append(l.people, reader{token: people[p].Token})
		}
		c.lanes = append(c.lanes, l)
	}
	return c
}

func (c *commands) close() {
	for _, l := range c.lanes {
		if l.conn != nil {
			_ = l.conn.Close()
		}
	}
}

const (
	laneLimit = 30 * time.Second // for one answer
	laneIdle  = 5 * time.Second  // after which the server may hang up
)

// open dials unless the connection was used lately.
func (l *lane) open(ctx context.Context) error {
	if l.conn == nil || time.Since(l.used) > laneIdle {
		if l.conn != nil {
			_ = l.conn.Close()
		}
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
		if err != nil {
			return err
		}
		l.conn, l.in = conn, bufio.NewReader(conn)
	}
	l.used = time.Now()
	return l.conn.SetDeadline(l.used.Add(laneLimit))
}

// read marks one more position as read.
func (c *commands) read(ctx context.Context, worker int, serial int64) error {
	l := c.lanes[worker]
	if err := l.open(ctx); err != nil {
		return err
	}
	who := &l.people[l.next%len(l.people)]
	l.next++
	who.upTo++
	body := `{"up_to":` + strconv.FormatUint(who.upTo, 10) + `}`
	b := l.out[:0]
	b = append(b, "POST /api/notification/inbox/read HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	b = append(b, who.token...)
	b = append(b, "\r\nIdempotency-Key: "...)
	b = append(b, c.run...)
	b = append(b, '-')
	b = strconv.AppendInt(b, serial, 10)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	l.out = append(b, body...)
	if _, err := l.conn.Write(l.out); err != nil {
		return err
	}
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s: %s", resp.Status, answer)
	}
	seq, err := strconv.ParseUint(resp.Header.Get("Kith-Seq"), 10, 64)
	if err != nil || seq <= l.seq {
		return fmt.Errorf("the mark is at %q, not after %d: it has appended nothing", resp.Header.Get("Kith-Seq"), l.seq)
	}
	l.seq = seq
	return nil
}
