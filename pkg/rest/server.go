package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// Server answers HTTP for the documents mounted on it. Mount, Health and
// routes on Echo come before Serve.
type Server struct {
	// Echo takes routes that no document describes: the API reference, files.
	// They have the limits of the connection, problem details, log and metrics,
	// but neither authentication nor validation.
	Echo *echo.Echo

	cfg       Config
	handler   http.Handler
	cursors   cursors
	metrics   *metrics
	schemas   []openapi3.SchemaValidationOption
	mounted   map[string]bool // "GET /path"
	commands  chan struct{}
	large     chan struct{}
	refused   chan struct{} // requests without a known person that wait all the same
	draining  chan struct{} // closed when streams shall end
	drainOnce sync.Once
}

// New returns a Server without routes. It returns an error if cfg is not
// usable or its registry already has metrics of a Server.
func New(cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	x, err := newCursors(cfg.Secret)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, err
	}
	s := &Server{
		Echo:     echo.New(),
		cfg:      cfg,
		cursors:  x,
		metrics:  m,
		schemas:  schemaOptions(),
		mounted:  map[string]bool{},
		commands: make(chan struct{}, cfg.InFlight),
		large:    make(chan struct{}, cfg.LargeInFlight),
		refused:  make(chan struct{}, maxRefused),
		draining: make(chan struct{}),
	}
	s.Echo.HideBanner, s.Echo.HidePort = true, true
	s.Echo.JSONSerializer = serializer{}
	s.Echo.HTTPErrorHandler = func(err error, c echo.Context) { s.answer(c, err) }
	s.Echo.Use(s.edge)
	if s.handler, err = compressed(s.Echo); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers on l, which it closes, until ctx ends. Then streams end at
// once, other requests have Config.Drain to end, and what is left is cut.
// It returns nil after a stop by ctx.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	hs := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       s.cfg.BodyTimeout, // extended for large bodies
		WriteTimeout:      s.cfg.BodyTimeout + s.cfg.WaitLimit + s.cfg.Timeout + writeSlack,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("rest: serve: %w", err)
	case <-ctx.Done():
	}
	s.StartDrain()
	limit, done := context.WithTimeout(base, s.cfg.Drain)
	defer done()
	err := hs.Shutdown(limit)
	cut()
	if errors.Is(err, context.DeadlineExceeded) {
		s.cfg.Log.Warn("requests were cut after the time to drain", "drain", s.cfg.Drain)
		return hs.Close()
	}
	return err
}

// StartDrain makes /readyz answer 503 and ends live streams, so that their
// clients go elsewhere. Serve calls it; calling it earlier and again is fine.
func (s *Server) StartDrain() { s.drainOnce.Do(func() { close(s.draining) }) }

// maxRefused bounds the requests that wait for a position although the process
// knows no person for them yet.
const maxRefused = 64

// writeSlack is what a client has to take an answer once it is made.
const writeSlack = 30 * time.Second
