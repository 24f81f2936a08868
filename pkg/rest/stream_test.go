package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

// listen opens the stream of a as ada and returns its lines.
func listen(ctx context.Context, t *testing.T, base string, header map[string]string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", base+at("/events"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer ada")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" || resp.Header.Get("Kith-Seq") != "7" {
		t.Fatal(resp.StatusCode, resp.Header)
	}
	return bufio.NewScanner(resp.Body)
}

// until reads lines up to one that starts with prefix, and returns all.
func until(t *testing.T, s *bufio.Scanner, prefix string) string {
	t.Helper()
	var all strings.Builder
	for s.Scan() {
		all.WriteString(s.Text() + "\n")
		if strings.HasPrefix(s.Text(), prefix) {
			return all.String()
		}
	}
	t.Fatalf("no %q in %q: %v", prefix, all.String(), s.Err())
	return ""
}

func live(t *testing.T, a *api) string {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestStreamResumesAfterTheLastEvent(t *testing.T) {
	a := start(t, handlers{"events": func(c echo.Context) error {
		from, err := rest.LastEventID(c)
		if err != nil {
			return err
		}
		events := make(chan rest.Event, 3)
		for seq := from + 1; seq <= 3; seq++ {
			events <- rest.Event{ID: seq, Name: "inbox", Data: map[string]string{"text": fmt.Sprintf("line\n%d", seq)}}
		}
		close(events)
		return rest.Stream(c, events)
	}}, nil)
	base := live(t, a)
	if got, want := until(t, listen(t.Context(), t, base, map[string]string{"Last-Event-ID": "1"}), "id: 3"),
		"retry: 1000\n\nid: 2\nevent: inbox\ndata: {\"text\":\"line\\n2\"}\n\nid: 3\n"; got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	for _, bad := range []string{"x", "-1", "12345678901234567890"} {
		problem(t, a.do("GET", "/events", "", map[string]string{"Last-Event-ID": bad}), fault.Invalid, 422)
	}
}

// silent is a stream on which nothing happens; ended receives what Stream returned.
func silent(ended chan<- error) handlers {
	return handlers{"events": func(c echo.Context) error {
		err := rest.Stream(c, make(chan rest.Event))
		ended <- err
		return err
	}}
}

func TestSilentStreamBeats(t *testing.T) {
	ended := make(chan error, 1)
	a := start(t, silent(ended), func(c *rest.Config) { c.Heartbeat = time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	s := listen(ctx, t, live(t, a), nil)
	until(t, s, ":")
	until(t, s, ":")
	cancel()
	<-ended // the handler returns when its client has gone
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(a.log.String(), `"route":"/api/test/events"`) {
		if time.Now().After(deadline) {
			t.Fatal("the stream's end was not logged")
		}
		time.Sleep(time.Millisecond)
	}
	if strings.Contains(a.log.String(), "request failed") {
		t.Fatal(a.log.String())
	}
}

func TestStreamEndsWithTheToken(t *testing.T) {
	ended := make(chan error, 1)
	a := start(t, silent(ended), func(c *rest.Config) { c.Auth = tokens{time.Now().Add(20 * time.Millisecond)} })
	s := listen(t.Context(), t, live(t, a), nil)
	for s.Scan() {
	}
	if err := errors.Join(<-ended, s.Err()); err != nil {
		t.Fatal(err)
	}
}

func TestStreamEndsWhenTheServerDrains(t *testing.T) {
	ended := make(chan error, 1)
	a := start(t, silent(ended), nil)
	s := listen(t.Context(), t, live(t, a), nil)
	until(t, s, "retry")
	a.StartDrain()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestSlowClientIsCut(t *testing.T) {
	ended := make(chan error, 1)
	a := start(t, handlers{"events": func(c echo.Context) error {
		events := make(chan rest.Event)
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case events <- rest.Event{Data: strings.Repeat("x", 1<<20)}:
				case <-stop:
					return
				}
			}
		}()
		err := rest.Stream(c, events)
		close(stop)
		ended <- err
		return err
	}}, func(c *rest.Config) { c.StreamWrite = 20 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(live(t, a), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /api/test/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ada\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// Nothing is read: the send must end by itself.
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("no error")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("a client that reads nothing holds its stream")
	}
}
