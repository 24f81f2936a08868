package portal

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/labstack/echo/v4"
)

// application is one as it is built, its compressed forms not of the real kind,
// so that a test tells them apart.
func application() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"index.html": file("<!doctype html>"), "index.html.br": file("index in br"), "index.html.gz": file("index in gz"),
		"assets/app-1a2b.js": file("let a"), "assets/app-1a2b.js.br": file("js in br"), "assets/app-1a2b.js.gz": file("js in gz"),
		"assets/font-3c4d.woff2": file("wOF2"), "favicon.svg": file("<svg/>"), "assets/app-5e6f.css": file("a{}"),
	}
}

func serve(t *testing.T, from fstest.MapFS, base string) *echo.Echo {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{base: u, core: coreless(), origin: http.NewCrossOriginProtection()}
	if s.site, err = newSite(from, headers(u, "https://login.example/realm")); err != nil {
		t.Fatal(err)
	}
	if s.fail, err = newFailures(); err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	s.pages(e)
	e.POST("/api/box/things", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	return e
}

func ask(e *echo.Echo, method, path string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func TestFilesOfTheApplication(t *testing.T) {
	e := serve(t, application(), "https://kith.example")
	for _, tc := range []struct {
		path, accept                 string
		status                       int
		body, kind, encoding, caches string
	}{
		{"/", "", 200, "<!doctype html>", "text/html; charset=utf-8", "", "no-cache"},
		{"/", "gzip, deflate, br", 200, "index in br", "text/html; charset=utf-8", "br", "no-cache"},
		{"/", "gzip", 200, "index in gz", "text/html; charset=utf-8", "gzip", "no-cache"},
		{"/", "br;q=0, gzip;q=0.5", 200, "index in gz", "text/html; charset=utf-8", "gzip", "no-cache"},
		{"/", "br; q=0.000, GZIP", 200, "index in gz", "text/html; charset=utf-8", "gzip", "no-cache"},
		{"/", "br;q=x", 200, "<!doctype html>", "text/html; charset=utf-8", "", "no-cache"},
		{"/communities/1?tab=2", "br", 200, "index in br", "text/html; charset=utf-8", "br", "no-cache"},
		{"/assets/app-1a2b.js", "br", 200, "js in br", "text/javascript; charset=utf-8", "br", "public, max-age=31536000, immutable"},
		{"/assets/app-1a2b.js", "", 200, "let a", "text/javascript; charset=utf-8", "", "public, max-age=31536000, immutable"},
		{"/assets/app-5e6f.css", "br", 200, "a{}", "text/css; charset=utf-8", "", "public, max-age=31536000, immutable"},
		{"/assets/font-3c4d.woff2", "br", 200, "wOF2", "font/woff2", "", "public, max-age=31536000, immutable"},
		{"/favicon.svg", "", 200, "<svg/>", "image/svg+xml", "", "no-cache"},
		{"/assets/gone-9999.js", "", 404, "", "", "", ""},
		{"/assets/", "", 404, "", "", "", ""},
		{"/old.css", "", 404, "", "", "", ""},
		{"/index.html.br", "", 404, "", "", "", ""},
		{"/../site.go", "", 404, "", "", "", ""},
		{"/%2e%2e/site.go", "", 404, "", "", "", ""},
		{"/api/box/nothing", "", 404, "", "", "", ""},
		{"/api/box/things", "", 405, "", "", "", ""}, // which takes POST
		{"/portal/nothing", "", 404, "", "", "", ""},
		{"/openapi/nothing", "", 404, "", "", "", ""},
		{"/reference/nothing", "", 404, "", "", "", ""},
		{"/metrics", "", 404, "", "", "", ""},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := ask(e, method, tc.path, map[string]string{"Accept-Encoding": tc.accept})
			h := w.Header()
			if w.Code != tc.status {
				t.Errorf("%s %s: %d, want %d", method, tc.path, w.Code, tc.status)
			}
			if tc.status != http.StatusOK {
				continue
			}
			if h.Get("Content-Type") != tc.kind || h.Get("Content-Encoding") != tc.encoding || h.Get("Cache-Control") != tc.caches || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s %s (%s): %v", method, tc.path, tc.accept, h)
			}
			if want := tc.body; method == http.MethodGet && w.Body.String() != want || method == http.MethodHead && w.Body.Len() > 0 {
				t.Errorf("%s %s: %q, want %q", method, tc.path, w.Body, want)
			}
		}
	}
	if h := ask(e, http.MethodPost, "/api/box/things", nil).Header(); h.Get("Strict-Transport-Security") == "" {
		t.Error("what is no page says nothing of TLS")
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if w := ask(e, method, "/communities", nil); w.Code == http.StatusOK {
			t.Errorf("%s of a page: %d", method, w.Code)
		}
	}
}

func TestAnIndexIsFetchedOnce(t *testing.T) {
	e := serve(t, application(), "https://kith.example")
	plain, br := ask(e, "GET", "/", nil).Header().Get("Etag"), ask(e, "GET", "/", map[string]string{"Accept-Encoding": "br"}).Header().Get("Etag")
	if plain == "" || plain == br {
		t.Errorf("etags are %s and %s", plain, br)
	}
	for _, sent := range []string{plain, `"x", ` + plain, "W/" + plain} {
		if w := ask(e, "GET", "/a/b", map[string]string{"If-None-Match": sent}); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("Etag") != plain {
			t.Errorf("%s: %d", sent, w.Code)
		}
	}
	changed := application()
	changed["index.html"] = &fstest.MapFile{Data: []byte("<!doctype html>2")}
	for _, e := range []*echo.Echo{e, serve(t, changed, "https://kith.example")} {
		if w := ask(e, "GET", "/", map[string]string{"If-None-Match": `"other", ` + br}); w.Code != http.StatusOK {
			t.Errorf("another form or version: %d", w.Code)
		}
	}
}

func TestHeaders(t *testing.T) {
	for base, tls := range map[string]bool{"https://kith.example": true, "http://127.0.0.1:8080": false} {
		e := serve(t, application(), base)
		for _, path := range []string{"/", "/people/1", "/assets/app-1a2b.js", "/favicon.svg"} {
			h := ask(e, "GET", path, nil).Header()
			policy := map[string]string{}
			for _, d := range strings.Split(h.Get("Content-Security-Policy"), "; ") {
				name, value, _ := strings.Cut(d, " ")
				policy[name] = value
			}
			for name, want := range map[string]string{"default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'",
				"base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self' https://login.example", "connect-src": "'self'"} {
				if policy[name] != want {
					t.Errorf("%s at %s: %s is %q, want %q", path, base, name, policy[name], want)
				}
			}
			if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
				t.Errorf("%s: something unsafe is allowed", path)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
				if h.Get(name) != want {
					t.Errorf("%s: %s is %q", path, name, h.Get(name))
				}
			}
			if h.Get("Permissions-Policy") == "" || (h.Get("Strict-Transport-Security") != "") != tls {
				t.Errorf("%s at %s: %v", path, base, h)
			}
		}
	}
}

func TestAnApplicationThatWasNotBuilt(t *testing.T) {
	e := serve(t, fstest.MapFS{"unbuilt.html": &fstest.MapFile{Data: []byte("run make build")}}, "http://127.0.0.1:8080")
	w := ask(e, "GET", "/", nil)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make build") || w.Header().Get("Etag") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if _, err := newSite(fstest.MapFS{}, nil); err == nil {
		t.Error("nothing at all was taken for an application")
	}
}

// What this program has in it is whole, whether the application was built or not.
func TestWhatIsEmbedded(t *testing.T) {
	s, err := newSite(built(), http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range s.files {
		plain, ok := f.forms[""]
		if !ok {
			t.Errorf("%s is there only compressed", name)
		}
		if z, ok := f.forms["gzip"]; ok {
			r, err := gzip.NewReader(bytes.NewReader(z.data))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain.data) {
				t.Errorf("%s: its compressed form is another file (%v)", name, err)
			}
		}
	}
	for _, inline := range []string{"<style", "style=", "onload=", "javascript:", "<script>"} {
		if bytes.Contains(s.home.forms[""].data, []byte(inline)) {
			t.Errorf("the index has %s, which the policy refuses", inline)
		}
	}
	if s.missing {
		t.Log("the application was not built")
	}
}
