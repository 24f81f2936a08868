package rest

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kith/pkg/es"
	"kith/pkg/fault"
)

// MetaOf is what the event of this command carries. The command's id depends
// on person, operation, path and Idempotency-Key, so that a retry is the same
// command; the hash of method, address and body tells a retry from a key used
// again for something else. Access, Reason and OccurredAt are the service's to
// set.
//
// Returns Unauthenticated where the operation has no token: an event needs an
// actor.
func MetaOf(c echo.Context) (es.Meta, error) {
	k := callOf(c)
	if k == nil || !k.op.command {
		return es.Meta{}, errors.New("rest: MetaOf outside of a command")
	}
	if k.principal.Person == "" {
		return es.Meta{}, fault.New(fault.Unauthenticated, "A valid token is needed.")
	}
	u := c.Request().URL
	command := es.ID("cmd", k.principal.Person, k.op.id, u.Path, k.key)
	return es.Meta{
		Command:     command,
		Request:     es.ID(k.op.route.Method, u.Path, u.RawQuery, string(k.body)),
		Actor:       k.principal.Person,
		Traceparent: k.traceparent,
	}, nil
}

// Done answers a command that reached position seq, with body as JSON, or
// without content if body is nil.
func Done(c echo.Context, seq uint64, status int, body any) error {
	// Nothing was to be done to something that is not there: there is nothing
	// to wait for, and the log begins at 1.
	setSeq(c, max(seq, 1))
	if body == nil {
		return c.NoContent(status)
	}
	return c.JSON(status, body)
}

// Created is Done for a command that made something with an id. It takes what
// the command came to: err is returned as it is.
func Created(c echo.Context, id string, seq uint64, err error) error {
	if err != nil {
		return err
	}
	return Done(c, seq, http.StatusCreated, created{id, seq})
}

// created is the schema Created of every contract.
type created struct {
	ID  string `json:"id"`
	Seq uint64 `json:"seq"`
}

func setSeq(c echo.Context, seq uint64) {
	c.Response().Header().Set(headerSeq, strconv.FormatUint(seq, 10))
}

// parsePosition reads 1 to 19 decimal digits, all of which fit.
func parsePosition(s string) (uint64, bool) {
	if len(s) == 0 || len(s) > 19 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}
