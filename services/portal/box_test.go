package portal_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/app"
	"kith/pkg/rest"
)

// box is a service in the process of the portal: it says who asks and what of
// the request has come to it, and streams.
func box(context.Context, app.Core) (app.Module, error) {
	return app.Module{Name: "box", Spec: []byte(boxSpec), Routes: func(r app.Router) {
		r.GET("/echo", echoed)
		r.POST("/echo", echoed)
		r.GET("/stream", func(c echo.Context) error {
			events := make(chan rest.Event, 1)
			events <- rest.Event{ID: 7, Name: "ready", Data: c.Request().Header.Get("Last-Event-ID")}
			return rest.Stream(c, events)
		})
		r.GET("/slow", func(c echo.Context) error {
			<-c.Request().Context().Done()
			return c.Request().Context().Err()
		})
	}}, nil
}

type echoedRequest struct {
	Person        string      `json:"person"`
	Header        http.Header `json:"header"`
	Authorization string      `json:"authorization"`
}

func echoed(c echo.Context) error {
	return c.JSON(http.StatusOK, echoedRequest{rest.Caller(c), c.Request().Header, c.Request().Header.Get("Authorization")})
}

const boxSpec = `
openapi: 3.0.3
info: {title: box, version: 1.0.0}
servers: [{url: /api/box}]
security: [{bearer: []}]
paths:
  /echo:
    get: {operationId: look, responses: {'200': {description: ok}}}
    post: {operationId: put, x-kith-command: false, responses: {'200': {description: ok}}}
  /slow:
    get: {operationId: slow, responses: {'200': {description: ok}}}
  /stream:
    get:
      operationId: stream
      parameters: [{name: Last-Event-ID, in: header, schema: {type: string}}]
      responses: {'200': {description: ok, content: {text/event-stream: {schema: {type: string}}}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
`

// streaming is a stream that a browser has open.
type streaming struct {
	t     *testing.T
	lines chan string // closed when it has ended
}

// stream opens a stream and waits for its first event.
func (b *browser) stream(address string, changes ...change) *streaming {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Host = strings.TrimPrefix(b.w.cfg.URL, "http://")
	r.Header.Set("Accept", "text/event-stream")
	for _, change := range changes {
		change(r)
	}
	c := &http.Client{Jar: b.jar}
	resp, err := c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("the stream answered %s", resp.Status)
	}
	s := &streaming{b.t, make(chan string, 100)}
	b.t.Cleanup(func() { _ = resp.Body.Close() })
	go func() {
		defer close(s.lines)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	return s
}

// waits until a line of the stream begins with prefix, and returns it.
func (s *streaming) line(prefix string) string {
	s.t.Helper()
	for limit := time.After(20 * time.Second); ; {
		select {
		case l, open := <-s.lines:
			if !open {
				s.t.Fatalf("the stream ended before a line with %q", prefix)
			}
			if strings.HasPrefix(l, prefix) {
				return l
			}
		case <-limit:
			s.t.Fatalf("no line with %q", prefix)
		}
	}
}

// ended reports whether the stream has ended and everything of it was taken.
func (s *streaming) ended() bool {
	for {
		select {
		case _, open := <-s.lines:
			if !open {
				return true
			}
		default:
			return false
		}
	}
}

// over waits until the stream has ended.
func (s *streaming) over(within time.Duration) {
	s.t.Helper()
	for limit := time.After(within); ; {
		select {
		case _, open := <-s.lines:
			if !open {
				return
			}
		case <-limit:
			s.t.Fatalf("the stream goes on after %s", within)
		}
	}
}
