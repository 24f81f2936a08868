// Package app puts modules together into one process: it opens the log, folds
// it, serves HTTP, runs reactors, and ends everything together.
package app

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/tracing"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// Core is what a process gives to each of its modules. A module uses nothing
// else of the world.
type Core struct {
	Events   es.Store
	Views    view.Backend
	Follower *view.Follower // the process's position; folders are added by the app
	Access   *access.Access
	Vault    *vault.Vault
	Log      *slog.Logger
	Metrics  prometheus.Registerer
	Tracer   *tracing.Tracer // nil: no spans
	Now      func() time.Time
	Random   io.Reader
	Secret   func(purpose string) []byte // derived from the deployment's master key
	Auth     rest.Authenticator          // who sends a request, by its token
	Issuer   string                      // URL of the issuer of tokens, "" without one
	Beside   jetstream.JetStream         // for what is kept beside the log, never for the log; nil in tests
	Data     string                      // folder for files that live outside the log
}

// Module is one service as a process sees it.
type Module struct {
	Name string
	// Folders are fed with every event, after access, in this order.
	Folders []view.Folder
	// Applied is called with every batch when all folders of the process have
	// folded it: the place for what is pushed to people. It must not keep batch.
	// May be nil.
	Applied func(batch []es.Recorded)
	// Reactors turn events into commands or messages.
	Reactors []react.Reactor
	// Due is what happens because time has passed.
	Due []react.Due
	// Spec is the OpenAPI document, Routes registers the generated handlers
	// for it. Both may be empty.
	Spec   []byte
	Routes func(r Router)
	// Pages adds what no document describes: pages, files, and what stands
	// before the routes of every module. May be nil.
	Pages func(e *echo.Echo)
	// Run works beside the rest from the start until ctx ends. An error ends the
	// process. May be nil.
	Run func(ctx context.Context) error
	// Checkpoint is how far the module has signed the log; ok is false before it
	// has. Nil for all modules but the one that signs.
	Checkpoint func() (c Checkpoint, ok bool)
	// Prepare brings about what must be in the log before the process is
	// ready. It runs when the views have caught up, and is repeated until it
	// succeeds; done once, it must append nothing. May be nil.
	Prepare func(ctx context.Context) error
}

// Checkpoint is how far the log is signed.
type Checkpoint struct {
	Size    uint64    // events covered, from position 1
	Time    time.Time // when it was signed
	Damaged bool      // a check found that the log is not what it was
}

// Router is what generated handlers register themselves with.
type Router interface {
	CONNECT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	DELETE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	HEAD(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	OPTIONS(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	PATCH(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	POST(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	PUT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	TRACE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
}
