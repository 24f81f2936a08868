package rest_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestAnswersAreCompressedForWhoTakesIt(t *testing.T) {
	long, short := strings.Repeat("a word that comes again, ", 200), "few"
	for name, tc := range map[string]struct {
		kind, text, takes string
		compressed        bool
	}{
		"long":            {"application/json", long, "gzip, deflate, br, zstd", true},
		"a long problem":  {"application/problem+json", long, "gzip", true},
		"short":           {"application/json", short, "gzip", false},
		"not taken":       {"application/json", long, "", false},
		"refused":         {"application/json", long, "gzip;q=0", false},
		"lines":           {"application/x-ndjson", long, "gzip", false},
		"events":          {"text/event-stream", long, "gzip", false},
		"compressed once": {"application/zip", long, "gzip", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, handlers{"open": func(c echo.Context) error {
				c.Response().Header().Set("ETag", `"7"`)
				return c.Blob(200, tc.kind, []byte(tc.text))
			}}, nil)
			w := a.do("GET", "/open", "", map[string]string{"Accept-Encoding": tc.takes})
			h := w.Header()
			if got := h.Get("Content-Encoding") == "gzip"; got != tc.compressed || h.Get("ETag") != `"7"` || h.Get("Vary") != "Accept-Encoding" {
				t.Fatalf("compressed is %v, want %v; %v", got, tc.compressed, h)
			}
			var body io.Reader = w.Body
			if tc.compressed {
				if w.Body.Len() > len(tc.text)/10 {
					t.Errorf("%d bytes became %d", len(tc.text), w.Body.Len())
				}
				var err error
				if body, err = gzip.NewReader(w.Body); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := io.ReadAll(body); err != nil || string(got) != tc.text {
				t.Fatalf("%q, %v", got, err)
			}
		})
	}
}
