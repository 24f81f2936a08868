package rest_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"kith/pkg/rest"
)

// BenchmarkCommand is one small command through everything but the network
// and the log: what the chain costs on top of the handler's own work.
func BenchmarkCommand(b *testing.B) {
	a := start(b, handlers{"raiseThing": func(c echo.Context) error {
		if _, err := rest.MetaOf(c); err != nil {
			return err
		}
		return rest.Done(c, 42, http.StatusCreated, nil)
	}}, func(c *rest.Config) { c.Log = slog.New(slog.NewJSONHandler(discard{}, nil)) })
	body := `{"title":"How do you run a retrospective with 40 people?","kind":"experience","count":3,"tags":["retro","groups"],"due":"2026-01-31T09:30:00Z"}`
	header := http.Header{"Authorization": {"Bearer ada"}, "Idempotency-Key": {"1"}, "Content-Type": {"application/json"}, "Kith-Seq": {"7"}}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", at("/things"), strings.NewReader(body))
		r.Header = header
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// BenchmarkBare is the same without the chain: what the benchmark itself costs.
func BenchmarkBare(b *testing.B) {
	e := echo.New()
	e.POST("/things", func(c echo.Context) error { return c.NoContent(http.StatusCreated) })
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/things", strings.NewReader("{}"))
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
