package portal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// elsewhere is a service in another process.
type elsewhere struct {
	*httptest.Server
	answers atomic.Pointer[http.HandlerFunc]
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	e := &elsewhere{}
	e.answer(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Kith-Seq", "17")
		w.Header().Set("Cache-Control", "private")
		w.Header().Set("Set-Cookie", "evil=1")
		_ = json.NewEncoder(w).Encode(map[string]any{"path": r.URL.RequestURI(), "method": r.Method, "header": r.Header, "body": len(body)})
	})
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*e.answers.Load())(w, r) }))
	t.Cleanup(func() { e.CloseClientConnections(); e.Close() })
	return e
}

func (e *elsewhere) answer(f http.HandlerFunc) { e.answers.Store(&f) }

type passedOn struct {
	Path, Method string
	Header       http.Header
	Body         int
}

// proxying is a portal whose services are elsewhere, and a browser of ann's.
func proxying(t *testing.T) (*world, *replica, *elsewhere, *browser) {
	t.Helper()
	w, e := newWorld(t, time.Hour), newElsewhere(t)
	w.cfg.Services = e.URL
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	return w, r, e, b
}

func TestServicesElsewhere(t *testing.T) {
	w, r, e, b := proxying(t)
	t.Run("are asked as the browser asks, with the token in the place of the cookie", func(t *testing.T) {
		a := b.do(http.MethodPost, r.url+"/api/community/requests/a%2Fb?x=1&y=%20", strings.NewReader(`{}`), mine, header("Content-Type", "application/json"),
			header("Idempotency-Key", "k"), header("Kith-Seq", "3"), header("Connection", "Keep-Alive, X-Hop"), header("X-Hop", "1"), header("Te", "trailers"),
			header("Proxy-Authorization", "Basic x"), header("X-Forwarded-For", "192.0.2.1"), header("Forwarded", "for=192.0.2.1"),
			header("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
		var got passedOn
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if got.Path != "/api/community/requests/a%2Fb?x=1&y=%20" || got.Method != http.MethodPost || got.Body != 2 {
			t.Errorf("asked %s %s with %d bytes", got.Method, got.Path, got.Body)
		}
		for name, want := range map[string]string{"Idempotency-Key": "k", "Kith-Seq": "3", "Content-Type": "application/json",
			"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Request-Id": a.header.Get("X-Request-Id"),
			"Cookie": "", "X-Hop": "", "Proxy-Authorization": "", "X-Forwarded-For": "", "Forwarded": "", "X-Kith": ""} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
			}
		}
		if !strings.HasPrefix(got.Header.Get("Authorization"), "Bearer eyJ") {
			t.Errorf("the token is %q", got.Header.Get("Authorization"))
		}
		if a.header.Get("Kith-Seq") != "17" || len(a.header.Values("Cache-Control")) != 1 || a.header.Get("Cache-Control") != "private" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("the answer has %v", a.header)
		}
	})
	t.Run("that nobody knows are not asked", func(t *testing.T) {
		for _, path := range []string{"/api/evil.example/x", "/api/", "/api/portal/x", "/api/../x", "/api/%2e%2e/x", "/api/community%2F..%2Fx", "/api/community/../../metrics", "/api/community/%2e%2e/x", "/api/community/a%2F..%2Fx", "/api/community/..%5Cx"} {
			if a := b.get(r.url + path); a.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
	})
	t.Run("say themselves that a stranger has no token", func(t *testing.T) {
		e.answer(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
				w.WriteHeader(http.StatusTeapot)
			}
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":"unauthenticated","fields":[1]}`)
		})
		if a := w.browser().get(r.url + "/api/community/requests"); a.status != http.StatusUnauthorized || a.body != `{"code":"unauthenticated","fields":[1]}` {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
	t.Run("are counted by service", func(t *testing.T) {
		if text := scrape(t, r); !strings.Contains(text, `route="/api/community/*"`) || strings.Contains(text, "evil") {
			t.Errorf("metrics:\n%s", text)
		}
	})
}

// Every process has its own state: who means that of a service is led there, and who
// comes through a browser and does not say is led away from the portal's.
func TestTheStateOfProcesses(t *testing.T) {
	w, r, e, b := proxying(t)
	stranger := w.browser()
	for path, elsewhere := range map[string]bool{
		"/api/system/state":                                   true,
		"/api/system/state?service=audit":                     true,
		"/api/system/deadletters/a.1/replay?service=matching": true,
		"/api/system/state?service=portal":                    false, // which the person may not see
		"/api/system/state?service=evil.example":              false,
		"/api/system/../state?service=audit":                  false,
	} {
		a := b.get(r.url + path)
		var got passedOn
		_ = json.Unmarshal([]byte(a.body), &got)
		if (got.Path == path) != elsewhere {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	machine := func(query string) answer {
		return stranger.do(http.MethodGet, r.url+"/api/system/state"+query, nil, header("Authorization", "Bearer x"))
	}
	if a := machine("?service=audit"); !strings.Contains(a.body, `"path":"/api/system/state?service=audit"`) {
		t.Errorf("a machine that means the audit got %d %s", a.status, a.body)
	}
	if a := machine(""); a.status != http.StatusUnauthorized {
		t.Errorf("a machine that means this process got %d %s", a.status, a.body)
	}
	e.Close()
	if a := b.get(r.url + "/api/system/state?service=audit"); a.code() != "unavailable" || !strings.Contains(a.body, "audit") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestServicesThatDoNotAnswer(t *testing.T) {
	_, r, e, b := proxying(t)
	t.Run("at all", func(t *testing.T) {
		e.answer(func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = c.(*net.TCPConn).SetLinger(0)
				_ = c.Close()
			}
		})
		a := b.get(r.url + "/api/matching/me")
		if a.status != http.StatusServiceUnavailable || a.code() != "unavailable" || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "matching") || strings.Contains(a.body, "127.0.0.1") {
			t.Errorf("%d %v %s", a.status, a.header, a.body)
		}
	})
	t.Run("to the end", func(t *testing.T) {
		e.answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		resp, err := b.c.Get(r.url + "/api/matching/me")
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if err == nil {
			t.Error("half an answer looks whole")
		}
	})
	t.Run("because nobody is there", func(t *testing.T) {
		e.Close()
		if a := b.get(r.url + "/api/matching/me"); a.code() != "unavailable" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestBodiesAreLimited(t *testing.T) {
	_, r, _, b := proxying(t)
	for name, tc := range map[string]struct {
		body   io.Reader
		status int
	}{
		"32 MiB, which some take":  {bytes.NewReader(make([]byte, 32<<20)), http.StatusOK},
		"more":                     {bytes.NewReader(make([]byte, 40<<20)), http.StatusRequestEntityTooLarge},
		"more, without a length":   {io.MultiReader(bytes.NewReader(make([]byte, 40<<20))), http.StatusRequestEntityTooLarge},
		"little, without a length": {io.MultiReader(strings.NewReader("x")), http.StatusOK},
	} {
		if a := b.do(http.MethodPost, r.url+"/api/membership/imports", tc.body, mine, header("Content-Type", "text/csv")); a.status != tc.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestStreamsElsewhere(t *testing.T) {
	w, r, e, b := proxying(t)
	gone := make(chan struct{}, 10)
	more := make(chan string)
	e.answer(func(rw http.ResponseWriter, q *http.Request) {
		rw.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(rw, "data: after %s\n\n", q.Header.Get("Last-Event-ID"))
		_ = http.NewResponseController(rw).Flush()
		for {
			select {
			case line := <-more:
				fmt.Fprint(rw, line)
				_ = http.NewResponseController(rw).Flush()
			case <-q.Context().Done():
				gone <- struct{}{}
				return
			}
		}
	})
	s := b.stream(r.url+"/api/notification/stream", header("Last-Event-ID", "41"))
	if got := s.line("data:"); got != "data: after 41" {
		t.Errorf("got %q", got)
	}
	more <- "data: at once\n\n" // nothing follows that would push it out
	s.line("data: at once")
	t.Run("end with the session, on both sides", func(t *testing.T) {
		b.do(http.MethodPost, r.url+"/portal/logout", nil, mine)
		s.over(10 * time.Second)
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			t.Error("the service goes on streaming")
		}
	})
	t.Run("end with the process", func(t *testing.T) {
		b.signIn(r, "ann", "/")
		s := b.stream(r.url + "/api/notification/stream")
		s.line("data:")
		r.stop()
		s.over(5 * time.Second) // much earlier than what requests are given to end
	})
	_ = w
}
