package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
	"kith/pkg/rest/principal"
	"kith/pkg/tracing"
)

// call is what is known of a request by the time its handler runs.
type call struct {
	srv       *Server
	op        *operation
	principal principal.Principal
	key       string // Idempotency-Key
	body      []byte

	traceparent string // the caller's, "" unless it is one
	span        tracing.Span
}

// judge puts everything that an operation wants of a request before its
// handler, cheap and general refusals first.
func (s *Server) judge(op *operation, h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		k := &call{srv: s, op: op}
		c.SetRequest(c.Request().WithContext(k.trace(withCall(c.Request().Context(), k), c)))
		s.metrics.inFlight[op.kind].Inc()
		defer s.metrics.inFlight[op.kind].Dec()

		if op.secured {
			if err := s.authenticate(c, k); err != nil {
				return err
			}
		}
		leave, err := s.enter(op)
		if err != nil {
			return err
		}
		defer leave()
		if err := k.read(c); err != nil {
			return err
		}
		s.deadlines(c, op)
		if err := k.validate(c); err != nil {
			return err
		}
		if err := k.await(c); err != nil {
			return err
		}
		if !op.command && s.cfg.Position != nil {
			// At the moment of the answer: what the handler read may be newer
			// than the moment it began.
			c.Response().Before(func() {
				if c.Response().Status < http.StatusBadRequest {
					setSeq(c, s.cfg.Position.Position())
				}
			})
		}
		if op.timeout > 0 {
			ctx, cancel := context.WithTimeout(c.Request().Context(), op.timeout)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
		}
		return h(c)
	}
}

// trace puts the request into its trace.
func (k *call) trace(ctx context.Context, c echo.Context) context.Context {
	tracer := k.srv.cfg.Tracer
	if k.op.stream {
		tracer = nil // its span would last for hours
	}
	if sent := c.Request().Header.Get(headerTraceparent); tracing.Parse(sent).IsValid() {
		k.traceparent = sent
	}
	ctx, k.span = tracer.Request(ctx, methodLabel(c.Request().Method), c.Path(), k.op.id, k.traceparent)
	return ctx
}

// PrincipalOf is the person behind the request; the zero Principal where the
// operation wants no token.
func PrincipalOf(c echo.Context) principal.Principal {
	if k := callOf(c); k != nil {
		return k.principal
	}
	return principal.Principal{}
}

// Caller is the id of the person behind the request, "" where the operation
// wants no token.
func Caller(c echo.Context) string { return PrincipalOf(c).Person }

// Body is the whole body as it was received. It MUST NOT be changed.
func Body(c echo.Context) []byte {
	if k := callOf(c); k != nil {
		return k.body
	}
	return nil
}

func (s *Server) authenticate(c echo.Context, k *call) error {
	// First: who has lost access is not known while access lags, and a new
	// person would look like a stranger.
	if s.cfg.Fresh != nil && !s.cfg.Fresh.Fresh() {
		return fault.New(fault.AccessBehind, "Permissions are being brought up to date. Repeat the request in a few seconds.")
	}
	sent := c.Request().Header["Authorization"]
	if len(sent) > 1 {
		return fault.New(fault.Unauthenticated, "Send one Authorization header, not several.")
	}
	value := ""
	if len(sent) == 1 {
		value = sent[0]
	}
	p, err := s.cfg.Auth.Authenticate(c.Request().Context(), value)
	if err != nil && s.caughtUp(c, k) {
		p, err = s.cfg.Auth.Authenticate(c.Request().Context(), value)
	}
	if err != nil {
		return err
	}
	if p.Person == "" {
		return errors.New("rest: the authenticator named nobody")
	}
	k.principal = p
	return nil
}

// caughtUp reports whether the process has gone on to the position in Kith-Seq
// since the caller was refused: a person or token may be newer than what the
// process knew. Strangers can make few requests at a time wait for it.
func (s *Server) caughtUp(c echo.Context, k *call) bool {
	seq, ok := parsePosition(c.Request().Header.Get(headerSeq))
	if p := k.position(); !ok || p == nil || p.Position() >= seq {
		return false
	}
	select {
	case s.refused <- struct{}{}:
		defer func() { <-s.refused }()
		return k.await(c) == nil
	default:
		return false
	}
}

// enter takes a place among the requests in flight, or refuses at once: a
// queue would only make everybody wait for what the log cannot take.
func (s *Server) enter(op *operation) (leave func(), err error) {
	places := s.commands
	switch {
	case op.large:
		places = s.large
	case !op.command:
		return func() {}, nil
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		return nil, fault.New(fault.TooMany, "There are too many commands at the moment. Repeat it in a second with the same Idempotency-Key.")
	}
}

// deadlines fits the connection's time to write to the operation, once the
// request is read (net/http lifts the one for reading itself). A recorder in a
// test has none.
func (s *Server) deadlines(c echo.Context, op *operation) {
	if op.timeout == s.cfg.Timeout && !op.large {
		return
	}
	var until time.Time
	if op.timeout > 0 {
		until = time.Now().Add(op.timeout + s.cfg.WaitLimit + writeSlack)
	}
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(until)
}

// position is how far what the request is answered from has been folded.
func (k *call) position() Position {
	if k.op.command && k.srv.cfg.Decided != nil {
		return k.srv.cfg.Decided
	}
	return k.srv.cfg.Position
}

// await lets the request wait until this process has folded the position that
// the caller has seen elsewhere.
func (k *call) await(c echo.Context) error {
	sent := c.Request().Header.Get(headerSeq)
	if sent == "" {
		return nil
	}
	seq, ok := parsePosition(sent)
	if !ok {
		return fault.InvalidField(headerSeq, "must be a position that an answer gave, at most 19 digits")
	}
	p := k.position()
	if p == nil || p.Position() >= seq {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), k.srv.cfg.WaitLimit)
	defer cancel()
	err := p.Wait(ctx, seq)
	switch {
	case err == nil:
		return nil
	case c.Request().Context().Err() != nil:
		return c.Request().Context().Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.ViewBehind, "This service has not reached the position in Kith-Seq yet. Repeat the request in a second.")
	}
	return err
}
