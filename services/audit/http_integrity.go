package audit

import (
	"encoding/base64"
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/auditapi"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/services/audit/merkle"
)

// ListCheckpoints answers the signed heads of the log, newest first.
func (s *service) ListCheckpoints(c echo.Context, _ api.ListCheckpointsParams) error {
	if _, err := s.look(c, "checkpoints", filter{}); err != nil {
		return err
	}
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	before := ^uint64(0)
	if _, err := page.Cursor(&before); err != nil {
		return err
	}
	sizes, err := s.tree.Sizes()
	if err != nil {
		return err
	}
	var items []api.Checkpoint
	next := ""
	for i := len(sizes) - 1; i >= 0; i-- {
		if sizes[i] >= before {
			continue
		}
		signed, err := s.tree.Checkpoint(sizes[i])
		if err != nil {
			continue // a verification reports it
		}
		if len(items) == page.Limit {
			if next, err = page.Next(items[page.Limit-1].Size); err != nil {
				return err
			}
			break
		}
		items = append(items, checkpointOf(signed))
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

func checkpointOf(s merkle.Signed) api.Checkpoint {
	return api.Checkpoint{Size: s.Size, Root: base64.StdEncoding.EncodeToString(s.Root[:]), Time: s.Time, Note: string(s.Note)}
}

// GetVerification answers what is known of the log's integrity, without looking
// anew.
func (s *service) GetVerification(c echo.Context, _ api.GetVerificationParams) error {
	if _, err := s.look(c, "verify", filter{}); err != nil {
		return err
	}
	out := api.Integrity{
		VerifierKey: s.tree.VerifierKey(), TreeSize: s.tree.Size(), Unsigned: s.unsigned(),
		Damaged: s.damaged.Load(), Last: s.last.Load(),
	}
	if newest, ok := s.tree.Newest(); ok {
		cp := checkpointOf(newest)
		out.Checkpoint = &cp
	}
	return c.JSON(http.StatusOK, out)
}

// VerifyLog reads the whole log and compares it with what was hashed and
// signed. It streams how far it is, the result last.
func (s *service) VerifyLog(c echo.Context, _ api.VerifyLogParams) error {
	if _, err := s.auditor(c); err != nil {
		return err
	}
	if !s.verifying.TryLock() {
		return fault.New(fault.Conflict, "A verification is running already. Its result will be at this address with GET.")
	}
	defer s.verifying.Unlock()
	if _, err := s.look(c, "verify", filter{}); err != nil {
		return err
	}
	lines := rest.NewLines(c, 0)
	result, err := Verify(c.Request().Context(), s.core.Events, s.tree, s.core.Now, func(done, total uint64) {
		lines.Write(map[string]uint64{"done": done, "total": total}) // who does not listen still gets the result by GET
	})
	if err != nil {
		s.core.Log.Error("audit: the log could not be verified", "error", err)
		lines.Write(rest.ProblemOf(err))
		return nil
	}
	s.last.Store(&result)
	s.damaged.Store(!result.Ok)
	if !result.Ok {
		s.core.Log.Error("audit: THE LOG IS DAMAGED", "from", result.Problem.Seq, "to", result.Problem.To, "found", result.Problem.What)
	}
	lines.Write(result)
	return nil
}
