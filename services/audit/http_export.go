package audit

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/services/audit/merkle"
)

// ExportLog answers the selected events with what proves them, as a file.
func (s *service) ExportLog(c echo.Context, p api.ExportLogParams) error {
	if _, err := s.auditor(c); err != nil {
		return err
	}
	f, err := filterOf(c)
	if err != nil {
		return err
	}
	seq, err := s.look(c, "export", f)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.core.Follower.Wait(ctx, seq); err != nil {
		return err
	}
	signed, err := s.signNow(ctx)
	if err != nil {
		return err
	}
	if f.to = min(f.to, signed.Size); f.from > f.to {
		return fault.InvalidField("from", fmt.Sprintf("must be at most %d, where the log ends", signed.Size))
	}
	var w io.Writer = c.Response()
	name, kind := "kith-log.ndjson", "application/x-ndjson"
	var z *gzip.Writer
	if rest.Value(p.Gzip) {
		name, kind = name+".gz", "application/gzip"
		z = gzip.NewWriter(w)
		w = z
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
	// From here on an error can only cut the answer off, and an export without
	// its last line does not verify.
	if err := s.export(ctx, w, f, signed); err != nil {
		return fmt.Errorf("audit: export: %w", err)
	}
	if z != nil {
		return z.Close()
	}
	return nil
}

// export writes the selected events, each with its proof unless all are there.
func (s *service) export(ctx context.Context, w io.Writer, f filter, signed merkle.Signed) error {
	head := merkle.Head{
		Format: merkle.ExportFormat, Origin: signed.Origin, Key: s.tree.VerifierKey(), Checkpoint: string(signed.Note),
		From: f.from, To: f.to, Filter: f.conditions(),
	}
	x, err := merkle.NewExporter(w, head)
	if err != nil {
		return err
	}
	whole := head.Whole(signed.Checkpoint)
	next := f.from
	from := s.source(f)
	for r, err := range from.between(ctx, f.from-1, f.to) {
		if err != nil {
			return err
		}
		if from.gapless && r.Seq != next {
			return fmt.Errorf("%w: the event at %d is missing", es.ErrGap, next)
		}
		next = r.Seq + 1
		if !s.match(f, r) {
			continue
		}
		entry := merkle.Entry{Leaf: leafOf(r)}
		if !whole {
			if entry.Proof, err = s.tree.Prove(r.Seq, entry.Leaf.Hash(), signed.Checkpoint); err != nil {
				return err
			}
		}
		if err := x.Write(entry); err != nil {
			return err
		}
	}
	if from.gapless && next != f.to+1 {
		return fmt.Errorf("%w: the event at %d is missing", es.ErrGap, next)
	}
	return x.Close()
}
