package rest_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

// bare is a server without documents and authenticator.
func bare(t *testing.T) *rest.Server {
	t.Helper()
	srv, err := rest.New(rest.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return srv
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := rest.New(rest.Config{}); err == nil {
		t.Error("no log: no error")
	}
	if _, err := rest.New(rest.Config{Log: slog.New(slog.DiscardHandler), InFlight: -1}); err == nil {
		t.Error("negative limit: no error")
	}
}

func TestHealth(t *testing.T) {
	a := start(t, nil, nil)
	var ready error
	a.Health(func(context.Context) error { return ready }, a.registry)
	anonymous := map[string]string{"Authorization": "-"}
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := a.do("GET", path, "", anonymous); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"status":"ok"}` {
			t.Fatal(path, w.Code, w.Body)
		}
	}
	t.Run("not ready keeps internals to itself", func(t *testing.T) {
		ready = errors.New("secret detail")
		w := a.do("GET", "/readyz", "", anonymous)
		problem(t, w, fault.Unavailable, 503)
		if strings.Contains(w.Body.String(), "secret") || w.Header().Get("Retry-After") == "" {
			t.Fatal(w.Body, w.Header())
		}
	})
	t.Run("not ready says what it may say", func(t *testing.T) {
		ready = fault.New(fault.ViewBehind, "The views are being rebuilt.")
		if p := problem(t, a.do("GET", "/readyz", "", anonymous), fault.Unavailable, 503); p.Detail != "The views are being rebuilt." {
			t.Fatal(p)
		}
	})
	t.Run("alive but not ready while draining", func(t *testing.T) {
		ready = nil
		a.StartDrain()
		problem(t, a.do("GET", "/readyz", "", anonymous), fault.Unavailable, 503)
		if w := a.do("GET", "/healthz", "", anonymous); w.Code != 200 {
			t.Fatal(w.Code)
		}
	})
	t.Run("metrics count by route template and class", func(t *testing.T) {
		a.do("GET", "/things/a", "", nil)
		a.do("GET", "/things/b", "", nil)
		a.do("GET", "/things/NO", "", nil)
		w := a.do("GET", "/metrics", "", anonymous)
		for _, want := range []string{
			`kith_http_requests_total{method="GET",route="/api/test/things/:id",status="2xx"} 2`,
			`kith_http_requests_total{method="GET",route="/api/test/things/:id",status="4xx"} 1`,
			`kith_http_request_duration_seconds_count{method="GET",route="/api/test/things/:id",status="2xx"} 2`,
			`kith_http_in_flight{kind="query"} 0`,
		} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("no %s", want)
			}
		}
	})
	if n, err := testutil.GatherAndLint(a.registry); err != nil || len(n) > 0 {
		t.Error(n, err)
	}
}

func serve(t *testing.T, a *api) (base string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- a.Serve(ctx, l) }()
	t.Cleanup(cancel)
	return "http://" + l.Addr().String(), func() error {
		cancel()
		select {
		case err := <-served:
			return err
		case <-time.After(30 * time.Second):
			return errors.New("still serving")
		}
	}
}

func TestStopLetsRequestsEnd(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	a := start(t, handlers{"open": func(c echo.Context) error {
		close(entered)
		<-release
		return c.String(200, "done")
	}}, nil)
	base, stop := serve(t, a)
	answered := make(chan string, 1)
	go func() {
		resp, err := http.Get(base + at("/open"))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answered <- string(body)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(release)
	if got := <-answered; got != "done" {
		t.Fatal(got)
	}
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
}

func TestStopCutsWhatDoesNotEnd(t *testing.T) {
	entered := make(chan struct{})
	a := start(t, handlers{"open": func(c echo.Context) error {
		close(entered)
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}}, func(c *rest.Config) { c.Drain = time.Millisecond })
	base, stop := serve(t, a)
	go func() {
		if resp, err := http.Get(base + at("/open")); err == nil {
			resp.Body.Close()
		}
	}()
	<-entered
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestBodyThatDoesNotArriveIsGivenUp(t *testing.T) {
	a := start(t, nil, func(c *rest.Config) { c.BodyTimeout = 20 * time.Millisecond })
	base, _ := serve(t, a)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := "POST /api/test/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ada\r\nIdempotency-Key: 1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "422") || !strings.Contains(string(answer), "not received in time") {
		t.Fatalf("%s %v", answer, err)
	}
}

func TestStreamOutlivesTheTimeToReadARequest(t *testing.T) {
	ended := make(chan error, 1)
	a := start(t, silent(ended), func(c *rest.Config) {
		c.BodyTimeout, c.Heartbeat = 20*time.Millisecond, 2*time.Millisecond
	})
	base, _ := serve(t, a)
	s := listen(t.Context(), t, base, nil)
	for range 50 {
		until(t, s, ":")
	}
}
