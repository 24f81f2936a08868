package rest

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// SetETag marks the answer with the version of what it shows.
func SetETag(c echo.Context, version uint64) {
	c.Response().Header().Set("ETag", `"`+strconv.FormatUint(version, 10)+`"`)
}

// IfMatch is the version that the caller has read and wants to change. The
// caller of IfMatch compares it and answers fault.Stale.
//
// Returns PreconditionReq without If-Match, and Invalid unless it is one ETag
// as SetETag makes it: `*` and weak tags would defeat its purpose.
func IfMatch(c echo.Context) (uint64, error) {
	sent := c.Request().Header[headerIfMatch]
	if len(sent) == 0 || sent[0] == "" {
		return 0, fault.New(fault.PreconditionReq, "Send If-Match with the ETag of the version that you have read.")
	}
	v := sent[0]
	if len(sent) == 1 && len(v) > 2 && v[0] == '"' && v[len(v)-1] == '"' {
		if n, ok := parsePosition(v[1 : len(v)-1]); ok {
			return n, nil
		}
	}
	return 0, fault.InvalidField(headerIfMatch, "must be the ETag of the version that you have read, with its quotes")
}
