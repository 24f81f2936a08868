package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"

	"kith/pkg/tracing"
)

// Names of headers, in canonical form.
const (
	headerID          = "X-Request-Id"
	headerSeq         = "Kith-Seq"
	headerKey         = "Idempotency-Key"
	headerIfMatch     = "If-Match"
	headerContentType = "Content-Type"
	headerLastEvent   = "Last-Event-Id"
	headerTraceparent = "Traceparent"
)

// edge surrounds every request, known route or not: request id, security
// headers, recovery, problem details, log and metrics.
func (s *Server) edge(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.cfg.Now()
		h := c.Response().Header()
		id := c.Request().Header.Get(headerID)
		if !plainID(id) {
			id = s.cfg.NewID()
		}
		h.Set(headerID, id)
		// Defaults for an API; a handler that serves pages sets its own.
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")

		err := recovered(next, c)
		k := callOf(c)
		if errors.Is(err, http.ErrAbortHandler) {
			k.end(statusClosed)
			panic(http.ErrAbortHandler) // net/http's own way to cut a connection
		}
		status := c.Response().Status
		if err != nil {
			status = s.answer(c, err)
		}
		route := c.Path()
		if errors.Is(err, echo.ErrNotFound) || route == "" {
			route = "none" // addresses that callers make up must not become labels
		}
		took := s.cfg.Now().Sub(start)
		s.metrics.observe(c.Request().Method, route, status, took, k)
		k.end(status)
		level := slog.LevelInfo
		if quiet(route) {
			level = slog.LevelDebug
		}
		// The route stands for the address: no query, no ids, no personal text.
		attrs := []slog.Attr{
			slog.String("id", id), slog.String("method", methodLabel(c.Request().Method)), slog.String("route", route),
			slog.Int("status", status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took),
		}
		if trace := tracing.ID(c.Request().Context()); trace != "" {
			attrs = append(attrs, slog.String("trace_id", trace))
		}
		s.cfg.Log.LogAttrs(c.Request().Context(), level, "request", attrs...)
		return nil
	}
}

// recovered calls next and turns a panic into an error with its stack. What it
// panicked with may hold personal text, unless the runtime made it.
func recovered(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case http.ErrAbortHandler:
			err = http.ErrAbortHandler
		default:
			what := fmt.Sprintf("%T", r)
			if e, ok := r.(runtime.Error); ok {
				what = e.Error()
			}
			err = fmt.Errorf("rest: panic: %s\n%s", what, debug.Stack())
		}
	}()
	return next(c)
}

// plainID says whether a request id from outside may enter the log.
func plainID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

func quiet(route string) bool {
	return route == pathLive || route == pathReady || route == pathMetrics
}

type callKey struct{}

// callOf is what the chain found out about the request; nil outside of it.
func callOf(c echo.Context) *call {
	k, _ := c.Request().Context().Value(callKey{}).(*call)
	return k
}

// end ends the span of the request, if it is one of an operation.
func (k *call) end(status int) {
	if k != nil {
		k.span.Answered(status)
	}
}

func withCall(ctx context.Context, k *call) context.Context {
	return context.WithValue(ctx, callKey{}, k)
}
