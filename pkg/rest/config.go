package rest

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/rest/principal"
	"kith/pkg/tracing"
)

// Authenticator turns the value of an Authorization header into a person.
// It returns *fault.Error Unauthenticated for a missing, malformed, expired or
// foreign token, Unavailable if it cannot tell; its detail is shown to the caller.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (principal.Principal, error)
}

// Position is how far this process has folded the log.
type Position interface {
	// Wait returns nil once the process has reached seq, or the error of ctx.
	Wait(ctx context.Context, seq uint64) error
	// Position is the place reached by everything that answers queries.
	Position() uint64
}

// Fresh says whether what is known about people and roles is recent enough to
// decide who may do what.
type Fresh interface{ Fresh() bool }

// Config is what a Server is made of. Zero values take the stated defaults.
type Config struct {
	Auth     Authenticator // required when a mounted document wants tokens
	Position Position      // nil: Kith-Seq is checked, but nothing is waited for
	Decided  Position      // what commands wait for, which may not need all that queries do; nil: Position
	Fresh    Fresh         // nil: always fresh
	Log      *slog.Logger  // required
	Metrics  prometheus.Registerer
	Tracer   *tracing.Tracer // nil: no spans
	Secret   []byte          // hides what cursors say; the same in all processes of a deployment. nil: random

	MaxBody       int64         // bytes of a request's body; 256 KiB
	InFlight      int           // commands at the same time; 256
	LargeInFlight int           // of them with more than MaxBody allowed; 2
	Timeout       time.Duration // until a handler's context ends; 30 s
	BodyTimeout   time.Duration // to receive a request, times four where more than MaxBody is allowed; 30 s
	WaitLimit     time.Duration // for the position in Kith-Seq; 2 s
	Heartbeat     time.Duration // between comments of an idle stream; 15 s
	StreamWrite   time.Duration // for a client to take one event of a stream; 10 s
	Drain         time.Duration // for requests to end after a stop; 10 s

	NewID func() string    // id of a request; random
	Now   func() time.Time // time.Now
}

func (c *Config) complete() error {
	if c.Log == nil {
		return errors.New("rest: Config.Log is required")
	}
	for _, n := range []int64{c.MaxBody, int64(c.InFlight), int64(c.LargeInFlight), int64(c.Timeout), int64(c.BodyTimeout),
		int64(c.WaitLimit), int64(c.Heartbeat), int64(c.StreamWrite), int64(c.Drain)} {
		if n < 0 {
			return errors.New("rest: limits must not be negative")
		}
	}
	orDefault(&c.MaxBody, 256<<10)
	orDefault(&c.InFlight, 256)
	orDefault(&c.LargeInFlight, 2)
	orDefault(&c.Timeout, 30*time.Second)
	orDefault(&c.BodyTimeout, 30*time.Second)
	orDefault(&c.WaitLimit, 2*time.Second)
	orDefault(&c.Heartbeat, 15*time.Second)
	orDefault(&c.StreamWrite, 10*time.Second)
	orDefault(&c.Drain, 10*time.Second)
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Secret == nil {
		c.Secret = []byte(rand.Text())
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
