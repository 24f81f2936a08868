package rest

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Lines is an answer that grows while the work goes on: JSON values, one a
// line (application/x-ndjson). Its status is out before the work is done, so
// what goes wrong is said in the last line. It is not safe for concurrent use.
type Lines struct{ to *echo.Response }

// NewLines begins the answer of an operation; seq is the position that a
// command has reached so far, 0 for a query.
func NewLines(c echo.Context, seq uint64) Lines {
	if seq > 0 {
		setSeq(c, seq)
	}
	c.Response().Header().Set(echo.HeaderContentType, "application/x-ndjson")
	c.Response().WriteHeader(http.StatusOK)
	return Lines{c.Response()}
}

// Write sends one line at once. That nobody is there any more to read it is no
// error: the request's context ends then.
func (l Lines) Write(v any) {
	if l.put(v) {
		l.to.Flush()
	}
}

// Put adds a line that may go out as late as with the next Write: for many
// that are known at the same moment.
func (l Lines) Put(v any) { l.put(v) }

func (l Lines) put(v any) bool { return json.NewEncoder(l.to).Encode(v) == nil }
