package audit

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	events "kith/api/events/audit"
	"kith/pkg/access"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/services/audit/merkle"
)

// auditor returns the caller if they may read the log.
func (s *service) auditor(c echo.Context) (string, error) {
	person := rest.Caller(c)
	return person, s.core.Access.May(person, access.ReadLog, "")
}

// look records that an auditor looks at something, with what f selects.
func (s *service) look(c echo.Context, what string, f filter) (seq uint64, err error) {
	person, err := s.auditor(c)
	if err != nil {
		return 0, err
	}
	return s.record(c.Request().Context(), person, events.LogRead{What: what, Filter: f.String()})
}

// signNow signs for somebody who waits for it.
func (s *service) signNow(ctx context.Context) (merkle.Signed, error) {
	signed, err := s.sign(ctx)
	if errors.Is(err, merkle.ErrContradiction) {
		return signed, damaged(err)
	}
	return signed, err
}

// damaged tells an auditor what only a verification can explain.
func damaged(err error) error {
	return &fault.Error{Code: fault.Conflict, Detail: "The log is not the one that was hashed and signed. Verify it to see where.", Err: err}
}
