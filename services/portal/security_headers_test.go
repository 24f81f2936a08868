package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever is answered, a browser is told to take it for nothing else, to run
// nothing that came in it, and to let no other page have it.
func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	stranger := w.browser()
	page := header("Accept", "text/html")
	for _, c := range []struct {
		class  string
		answer answer
		status int // 0: the application may be built or not
	}{
		{"a document", b.get(r.url + "/"), 0},
		{"a page of the application", b.get(r.url + "/people/1"), 0},
		{"the icon", b.get(r.url + "/favicon.svg"), 0},
		{"the style of the page for failures", b.get(r.url + "/portal/style.css"), http.StatusOK},
		{"the session", b.get(r.url + "/portal/session"), http.StatusOK},
		{"an answer of a service", b.get(r.url + "/api/box/things"), 0},
		{"a problem", stranger.get(r.url + "/portal/session"), http.StatusUnauthorized},
		{"a command from elsewhere", b.do(http.MethodPost, r.url+"/portal/logout", nil), http.StatusForbidden},
		{"nothing there", b.get(r.url + "/api/nobody/x"), http.StatusNotFound},
		{"a file that is gone", b.get(r.url + "/assets/gone-1.js"), http.StatusNotFound},
		{"a redirect to the issuer", stranger.get(r.url + "/portal/login"), http.StatusSeeOther},
		{"a page that says what failed", stranger.get(r.url+"/portal/callback?state=x", page), http.StatusUnprocessableEntity},
		{"a failure for a machine", stranger.get(r.url + "/portal/callback?state=x"), http.StatusUnprocessableEntity},
	} {
		t.Run(c.class, func(t *testing.T) {
			h := c.answer.header
			if c.status != 0 && c.answer.status != c.status {
				t.Errorf("status %d, want %d: %s", c.answer.status, c.status, c.answer.body)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("X-Content-Type-Options is %q", h.Get("X-Content-Type-Options"))
			}
			csp := h.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'self'") && !strings.Contains(csp, "default-src 'none'") ||
				!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("Content-Security-Policy is %q", csp)
			}
			if p := h.Get("Referrer-Policy"); p != "same-origin" && p != "no-referrer" {
				t.Errorf("Referrer-Policy is %q", p)
			}
			if h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("Cross-Origin-Resource-Policy is %q", h.Get("Cross-Origin-Resource-Policy"))
			}
			for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
				if h.Get(name) != "" {
					t.Errorf("%s: %q tells or allows too much", name, h.Get(name))
				}
			}
			if strings.HasPrefix(h.Get("Content-Type"), "application/json") && !strings.Contains(h.Get("Cache-Control"), "no-store") && c.answer.status == http.StatusOK {
				t.Errorf("Cache-Control of what is somebody's own is %q", h.Get("Cache-Control"))
			}
		})
	}
}
