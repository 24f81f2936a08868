package rest

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kith/pkg/fault"
)

// Paths of Health.
const (
	pathLive    = "/healthz"
	pathReady   = "/readyz"
	pathMetrics = "/metrics"
)

// Health adds /healthz (200 while the process answers at all), /readyz (200
// while ready returns nil and nothing drains, else 503; the reason is shown if
// it is a *fault.Error) and /metrics of g. None of them wants a token.
func (s *Server) Health(ready func(context.Context) error, g prometheus.Gatherer) {
	ok := func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) }
	s.Echo.GET(pathLive, ok)
	s.Echo.GET(pathReady, func(c echo.Context) error {
		select {
		case <-s.draining:
			return fault.New(fault.Unavailable, "The server is stopping.")
		default:
		}
		if err := ready(c.Request().Context()); err != nil {
			f := fault.New(fault.Unavailable, "The server is not ready yet.")
			if fault.CodeOf(err) != fault.Internal {
				f.Detail = ProblemOf(err).Detail
			}
			f.Err = err
			return f
		}
		return ok(c)
	})
	s.Echo.GET(pathMetrics, echo.WrapHandler(promhttp.HandlerFor(g, promhttp.HandlerOpts{})))
}
