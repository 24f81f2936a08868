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
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	people []string // tokens
	next   int
	seq    uint64 // last position that was answered: marking up to it is always news
}

// dial opens a lane for each of n workers, with people by the dozen or fewer.
func dial(ctx context.Context, base string, n int, people []*client.Client) (*commands, error) {
	c := &commands{run: strconv.FormatInt(time.Now().UnixNano(), 36)}
	for i := range n {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			c.close()
			return nil, err
		}
		l := &lane{conn: conn, in: bufio.NewReader(conn), seq: 1}
		for p := i; p < len(people); p += n {
			l.people = append(l.people, people[p].Token)
		}
		c.lanes = append(c.lanes, l)
	}
	return c, nil
}

func (c *commands) close() {
	for _, l := range c.lanes {
		_ = l.conn.Close()
	}
}

const laneLimit = 30 * time.Second

// read marks everything so far as read.
func (c *commands) read(_ context.Context, worker int, serial int64) error {
	l := c.lanes[worker]
	token := l.people[l.next%len(l.people)]
	l.next++
	body := `{"up_to":` + strconv.FormatUint(l.seq, 10) + `}`
	b := l.out[:0]
	b = append(b, "POST /api/notification/inbox/read HTTP/1.1\r\nHost: kith\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	b = append(b, token...)
	b = append(b, "\r\nIdempotency-Key: "...)
	b = append(b, c.run...)
	b = append(b, '-')
	b = strconv.AppendInt(b, serial, 10)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	l.out = append(b, body...)
	if err := l.conn.SetDeadline(time.Now().Add(laneLimit)); err != nil {
		return err
	}
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
		return fmt.Errorf("the mark after %d is at %q: it has appended nothing", l.seq, resp.Header.Get("Kith-Seq"))
	}
	l.seq = seq
	return nil
}
