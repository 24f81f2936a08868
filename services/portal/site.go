package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// The web application as "make web" leaves it in web/dist/app. Without it there
// is web/dist/unbuilt.html alone, which says so.
//
//go:embed all:web/dist
var dist embed.FS

const (
	indexFile   = "index.html"
	unbuiltFile = "unbuilt.html"
	assets      = "assets/" // files with a hash of their content in the name
)

// built is the application, or the page that it is missing.
func built() fs.FS {
	folder := "web/dist"
	if _, err := fs.Stat(dist, folder+"/app/"+indexFile); err == nil {
		folder += "/app"
	}
	sub, err := fs.Sub(dist, folder)
	if err != nil { // the name is well formed
		return dist
	}
	return sub
}

// site serves the application. Everything is in memory and was compressed when
// it was built.
type site struct {
	files   map[string]*file
	home    *file
	missing bool // the application was not built
	headers http.Header
}

// file is one, in the forms that it can be sent in.
type file struct {
	kind    string // media type
	forever bool
	forms   map[string]form // by content encoding; "" as it is
}

type form struct {
	data []byte
	etag string
}

// encodings that files are built in, the smallest first, with their endings.
var encodings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// newSite reads every file. It returns an error if there is no index.
func newSite(from fs.FS, headers http.Header) (*site, error) {
	s := &site{files: map[string]*file{}, headers: headers}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		s.add(name, data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("portal: read the web application: %w", err)
	}
	if s.home = s.files[indexFile]; s.home == nil {
		s.home, s.missing = s.files[unbuiltFile], true
	}
	if s.home == nil || s.home.forms[""].data == nil {
		return nil, fmt.Errorf("portal: the web application has no %s", indexFile)
	}
	return s, nil
}

// add keeps a file, under its own name if it is a compressed form of another.
func (s *site) add(name string, data []byte) {
	encoding := ""
	for _, e := range encodings {
		if plain, ok := strings.CutSuffix(name, e.ending); ok {
			name, encoding = plain, e.name
		}
	}
	f := s.files[name]
	if f == nil {
		f = &file{kind: kindOf(name), forever: strings.HasPrefix(name, assets), forms: map[string]form{}}
		s.files[name] = f
	}
	sum := sha256.Sum256(append([]byte(encoding+"\n"), data...))
	f.forms[encoding] = form{data, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

// kindOf is the media type of a file. What the machine thinks of endings is of
// no account.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); strings.HasPrefix(t, "image/") {
		return t
	}
	return "application/octet-stream"
}

// routes adds the files. The index answers for all addresses of the application.
func (s *site) routes(e *echo.Echo) {
	for name, f := range s.files {
		if name == indexFile || name == unbuiltFile {
			continue
		}
		serve := func(c echo.Context) error { return s.send(c, f, http.StatusOK) }
		e.GET("/"+name, serve)
		e.HEAD("/"+name, serve)
	}
	e.GET("/", s.index)
	e.HEAD("/", s.index)
}

// notPages are the first parts of paths that are not the application's.
var notPages = map[string]bool{"api": true, "portal": true, "assets": true, "openapi": true, "reference": true, "dev": true, "metrics": true, "healthz": true, "readyz": true}

// page reports whether the application has a page at a path, as far as can be
// told here: a name with a dot would be a file, which is missing.
func (s *site) page(at string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	return !notPages[first] && !strings.Contains(path.Base(at), ".")
}

func (s *site) index(c echo.Context) error {
	if s.missing {
		return s.send(c, s.home, http.StatusServiceUnavailable)
	}
	return s.send(c, s.home, http.StatusOK)
}

// send answers with the smallest form that the browser takes.
func (s *site) send(c echo.Context, f *file, status int) error {
	h := c.Response().Header()
	for k, v := range s.headers {
		h[k] = v
	}
	encoding := f.encoding(c.Request().Header.Get(echo.HeaderAcceptEncoding))
	what := f.forms[encoding]
	h.Set("Cache-Control", "no-cache") // ask every time whether it has changed
	if f.forever {
		h.Set("Cache-Control", "public, max-age="+yearSeconds+", immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	if status == http.StatusOK {
		h.Set("Etag", what.etag)
		if matches(c.Request().Header.Get("If-None-Match"), what.etag) {
			return c.NoContent(http.StatusNotModified)
		}
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(what.data)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, _ = bytes.NewReader(what.data).WriteTo(c.Response()) // a client that has gone cannot be told
	return nil
}

// encoding is the one that accept, an Accept-Encoding header, lets f be sent in.
func (f *file) encoding(accept string) string {
	for _, e := range encodings {
		if f.forms[e.name].data != nil && accepts(accept, e.name) {
			return e.name
		}
	}
	return ""
}

// accepts reports whether an Accept-Encoding header names a coding, and not to
// refuse it (RFC 9110, 12.5.3).
func accepts(header, coding string) bool {
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			weight, given := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			return !given || err == nil && q > 0
		}
	}
	return false
}

// matches reports whether an If-None-Match header names etag.
func matches(header, etag string) bool {
	for _, part := range strings.Split(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}
