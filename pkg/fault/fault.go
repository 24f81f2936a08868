// Package fault names what can go wrong for a caller, once, with the way out.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code is what a program can tell errors apart by. It is part of the HTTP
// contract: the last part of a problem's type URI.
type Code string

const (
	Invalid          Code = "invalid"            // the input breaks a rule; Fields say which
	Unauthenticated  Code = "unauthenticated"    // no valid token
	Forbidden        Code = "forbidden"          // the person may not do this
	NotFound         Code = "not-found"          // no such thing, or none that the person may see
	MethodNotAllowed Code = "method-not-allowed" // the address is right, the method is not
	Conflict         Code = "conflict"           // the state does not allow it
	Stale            Code = "stale"              // If-Match names an older version
	PreconditionReq  Code = "if-match-missing"   // the route wants If-Match
	Reused           Code = "idempotency-key-reused"
	TooLarge         Code = "too-large"
	Unsupported      Code = "unsupported-media-type"
	TooMany          Code = "too-many-requests"
	ViewBehind       Code = "view-behind" // the view has not reached Kith-Seq yet
	AccessBehind     Code = "access-behind"
	Unavailable      Code = "unavailable"
	Internal         Code = "internal"
)

var statuses = map[Code]int{
	Invalid: http.StatusUnprocessableEntity, Unauthenticated: http.StatusUnauthorized,
	Forbidden: http.StatusForbidden, MethodNotAllowed: http.StatusMethodNotAllowed, NotFound: http.StatusNotFound, Conflict: http.StatusConflict,
	Stale: http.StatusPreconditionFailed, PreconditionReq: http.StatusPreconditionRequired,
	Reused: http.StatusUnprocessableEntity, TooLarge: http.StatusRequestEntityTooLarge,
	Unsupported: http.StatusUnsupportedMediaType, TooMany: http.StatusTooManyRequests,
	ViewBehind: http.StatusServiceUnavailable, AccessBehind: http.StatusServiceUnavailable,
	Unavailable: http.StatusServiceUnavailable, Internal: http.StatusInternalServerError,
}

// Status is the HTTP status of c; 500 for codes it does not know.
func (c Code) Status() int {
	if s, ok := statuses[c]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Field is one part of the input and what is wrong with it.
type Field struct {
	Field  string `json:"field"`          // as the caller named it: "title", "line 7: email"
	Reason string `json:"reason"`         // what is wrong and what would be right
	Line   int    `json:"line,omitempty"` // of a file, from 1
}

// Error is an error that a caller can act on.
type Error struct {
	Code   Code
	Detail string // what happened and what to do next, one or two sentences
	Fields []Field
	Err    error // cause, for the log only; never shown
}

// New is an Error whose detail is formatted. The format may hold no personal text.
func New(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}

// InvalidField is Invalid for a single field.
func InvalidField(field, reason string) *Error {
	return &Error{Code: Invalid, Detail: field + ": " + reason, Fields: []Field{{Field: field, Reason: reason}}}
}

// WrongLine says what keeps text from standing in a list, on a terminal and
// within a mail without looking like anything else there; "" if nothing does.
func WrongLine(text string) (reason string) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return "must not hold control characters or line breaks"
	}
	return ""
}

// Error returns the detail with its cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Detail + ": " + e.Err.Error()
	}
	return e.Detail
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first *Error in err's chain, Internal if
// there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
