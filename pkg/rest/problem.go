package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kith/pkg/es"
	"kith/pkg/fault"
)

// Problem is the answer to every failed request (RFC 9457), with media type
// application/problem+json.
type Problem struct {
	Type   string        `json:"type"` // "/problems/<code>"
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail,omitempty"` // what happened and the way out
	Code   fault.Code    `json:"code"`
	Fields []fault.Field `json:"fields,omitempty"`
}

// ProblemOf is the one place where errors become problems. Whatever it does
// not know is internal, and nothing of it is shown.
func ProblemOf(err error) Problem {
	f := faultOf(err)
	p := Problem{
		Type: "/problems/" + string(f.Code), Title: titleOf(f.Code), Status: f.Code.Status(),
		Detail: f.Detail, Code: f.Code, Fields: f.Fields,
	}
	if f.Code.Status() == http.StatusInternalServerError {
		p.Type, p.Code, p.Title = "/problems/internal", fault.Internal, titleOf(fault.Internal)
		p.Detail, p.Fields = "Something went wrong on our side. Repeating the request with the same Idempotency-Key is safe.", nil
	}
	return p
}

func faultOf(err error) *fault.Error {
	var (
		known   *fault.Error
		tooLong *http.MaxBytesError
		framed  *echo.HTTPError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, es.ErrConflict):
		return fault.New(fault.Conflict, "Others changed this at the same time. Read it again and repeat the command.")
	case errors.Is(err, es.ErrReused):
		return fault.New(fault.Reused, "This Idempotency-Key was used before for another request. Use a new key for a new request.")
	case errors.Is(err, es.ErrTooLarge):
		return fault.New(fault.TooLarge, "What you sent is too large to be kept. Shorten it.")
	case errors.As(err, &tooLong):
		return fault.New(fault.TooLarge, "The body may have at most %d bytes.", tooLong.Limit)
	case errors.Is(err, es.ErrUnavailable):
		return fault.New(fault.Unavailable, "The log cannot be reached. Repeat the request with the same Idempotency-Key: it is done at most once.")
	case errors.Is(err, es.ErrNewer):
		return fault.New(fault.Unavailable, "A newer version of the service has written what this depends on, and this one cannot read it. Repeat the request with the same Idempotency-Key: another process may answer.")
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "The request took too long. Repeat it with the same Idempotency-Key: it is done at most once.")
	case errors.Is(err, context.Canceled):
		return fault.New(fault.Unavailable, "The request was cut off. Repeat it with the same Idempotency-Key: it is done at most once.")
	case errors.As(err, &framed):
		return faultOfStatus(framed.Code)
	}
	return fault.New(fault.Internal, "")
}

// faultOfStatus is for errors that echo and generated code make themselves.
// Their messages are not passed on: they may quote the input.
func faultOfStatus(status int) *fault.Error {
	switch status {
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "There is nothing at this address.")
	case http.StatusMethodNotAllowed:
		return fault.New(fault.MethodNotAllowed, "This address does not take this method. The header Allow says which it takes.")
	case http.StatusUnauthorized:
		return fault.New(fault.Unauthenticated, "A valid token is needed.")
	case http.StatusForbidden:
		return fault.New(fault.Forbidden, "You may not do this.")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "The request is too large.")
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.Unsupported, "This content type is not taken here.")
	case http.StatusTooManyRequests:
		return fault.New(fault.TooMany, "There are too many requests at the moment.")
	case http.StatusServiceUnavailable:
		return fault.New(fault.Unavailable, "The service cannot answer at the moment.")
	}
	if status >= 400 && status < 500 {
		return fault.New(fault.Invalid, "The request is not well formed.")
	}
	return fault.New(fault.Internal, "")
}

func titleOf(c fault.Code) string {
	switch c {
	case fault.Invalid:
		return "The input is not right"
	case fault.Unauthenticated:
		return "Sign-in is needed"
	case fault.Forbidden:
		return "Not allowed"
	case fault.NotFound:
		return "Not found"
	case fault.MethodNotAllowed:
		return "Method not allowed"
	case fault.Conflict:
		return "The present state does not allow it"
	case fault.Stale:
		return "Changed since you read it"
	case fault.PreconditionReq:
		return "If-Match is missing"
	case fault.Reused:
		return "Idempotency-Key used before"
	case fault.TooLarge:
		return "Too large"
	case fault.Unsupported:
		return "Content type not supported"
	case fault.TooMany:
		return "Too many requests"
	case fault.ViewBehind:
		return "Not caught up yet"
	case fault.AccessBehind:
		return "Permissions cannot be judged"
	case fault.Unavailable:
		return "Not available at the moment"
	case fault.Internal:
		return "Internal error"
	}
	return http.StatusText(c.Status())
}

// retryAfter is in seconds; 0: repeating at once is no help.
func retryAfter(c fault.Code) int {
	switch c {
	case fault.AccessBehind:
		return 5
	case fault.TooMany, fault.ViewBehind, fault.Unavailable:
		return 1
	}
	return 0
}

// answer writes err as a problem unless an answer is under way, logs what the
// operator must know of it, and returns the status.
func (s *Server) answer(c echo.Context, err error) int {
	p := ProblemOf(err)
	if errors.Is(err, errGone) || c.Request().Context().Err() != nil && (c.Response().Committed || errors.Is(err, context.Canceled)) {
		p.Status = statusClosed
	}
	if p.Status >= http.StatusInternalServerError && !shed(p.Code) && !quiet(c.Path()) {
		level := slog.LevelError
		if p.Code == fault.Unavailable {
			level = slog.LevelWarn // it passes, and whoever asked is told to come again
		}
		s.cfg.Log.Log(c.Request().Context(), level, "request failed", "id", c.Response().Header().Get(headerID), "route", c.Path(), "code", p.Code, "cause", err)
	}
	if c.Response().Committed {
		return c.Response().Status
	}
	if p.Status == statusClosed {
		return p.Status // nobody is there to read it
	}
	h := c.Response().Header()
	for _, k := range []string{"Etag", "Content-Disposition", "Content-Length", "Content-Encoding", headerSeq} {
		h.Del(k)
	}
	if n := retryAfter(p.Code); n > 0 {
		h.Set("Retry-After", strconv.Itoa(n))
	}
	if p.Code == fault.Unauthenticated {
		h.Set("WWW-Authenticate", challenge(c.Request().Header.Get("Authorization") != "", p.Detail))
	}
	h.Set("Content-Type", "application/problem+json")
	data, jsonErr := json.Marshal(p)
	if jsonErr != nil {
		data = []byte(`{"type":"/problems/internal","title":"Internal error","status":500,"code":"internal"}`)
	}
	c.Response().WriteHeader(p.Status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(append(data, '\n')) // a client that has gone cannot be told
	}
	return p.Status
}

// statusClosed stands in log and metrics for a client that went away.
const statusClosed = 499

// errGone: the client does not take what is sent to it any more.
var errGone = errors.New("rest: the client has gone")

// shed says whether c is the normal working of a limit, not a failure to look into.
func shed(c fault.Code) bool {
	return c == fault.ViewBehind || c == fault.AccessBehind || c == fault.TooMany
}

// challenge is a WWW-Authenticate value (RFC 6750): no error code where no
// token was sent.
func challenge(sent bool, detail string) string {
	if !sent {
		return `Bearer realm="kith"`
	}
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, detail)
	return `Bearer realm="kith", error="invalid_token", error_description="` + clean + `"`
}
