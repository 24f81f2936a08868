package react

import (
	"context"
	"errors"
	"fmt"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/view"
)

// Permanent marks an error that trying again cannot mend: the event becomes a
// dead letter at once. It returns nil for nil.
//
// Without the mark an error is judged by what it wraps, the first that applies:
//
//   - es.ErrUnavailable, view.ErrBehind, and faults of the codes unavailable,
//     view-behind, access-behind and too-many-requests: nothing would succeed
//     at the moment. The event is tried again without limit. A handler must
//     not use these codes for what is wrong with one event.
//   - es.ErrConflict, es.ErrNewer and errors of contexts: tried again, a limited
//     number of times. What is newer, a newer process takes meanwhile.
//   - es.ErrReused, es.ErrTooLarge and every other fault but internal: a
//     refused command, permanent.
//   - anything else, a panic included: tried again, a limited number of times.
//
// Dead letters and logs show code and detail of a fault; of other errors
// nothing but their kind, because their text may hold personal data. Return a
// *fault.Error where the reason should be read.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

type verdict int

const (
	retry  verdict = iota // may succeed later; tried a limited number of times
	wait                  // nothing can succeed now; tried until it does
	refuse                // never succeeds
)

func judge(err error) verdict {
	if _, ok := errors.AsType[permanent](err); ok {
		return refuse
	}
	code := fault.CodeOf(err)
	switch {
	case errors.Is(err, es.ErrUnavailable), errors.Is(err, view.ErrBehind),
		code == fault.Unavailable, code == fault.ViewBehind, code == fault.AccessBehind, code == fault.TooMany:
		return wait
	case errors.Is(err, es.ErrConflict), errors.Is(err, es.ErrNewer), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return retry
	case errors.Is(err, es.ErrReused), errors.Is(err, es.ErrTooLarge), code != fault.Internal:
		return refuse
	}
	return retry
}

// Codes of dead letters beside those of faults.
const (
	CodeUnreadable = "unreadable" // the event cannot be decoded by this version
	CodePanic      = "panic"
	CodeTimeout    = "timeout"
)

var (
	errUnreadable = permanent{errors.New("react: the event cannot be read")}
	errNewer      = fmt.Errorf("react: the event cannot be read by this version: %w", es.ErrNewer)
)

type panicked struct{ kind string }

func (p panicked) Error() string { return "react: the handler panicked with a " + p.kind }

// reason says what went wrong in words that hold no personal text.
func reason(err error) (code, text string) {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return string(f.Code), f.Detail
	}
	if p, ok := errors.AsType[panicked](err); ok {
		return CodePanic, p.Error()
	}
	if errors.Is(err, errUnreadable) {
		return CodeUnreadable, errUnreadable.Error()
	}
	if errors.Is(err, es.ErrNewer) {
		return CodeUnreadable, errNewer.Error()
	}
	for _, known := range []struct {
		err  error
		code string
	}{
		{es.ErrUnavailable, string(fault.Unavailable)}, {view.ErrBehind, string(fault.ViewBehind)},
		{es.ErrConflict, string(fault.Conflict)}, {es.ErrReused, string(fault.Reused)},
		{es.ErrTooLarge, string(fault.TooLarge)}, {context.DeadlineExceeded, CodeTimeout},
	} {
		if errors.Is(err, known.err) {
			return known.code, known.err.Error()
		}
	}
	root := err
	for next := errors.Unwrap(root); next != nil; next = errors.Unwrap(root) {
		root = next
	}
	return string(fault.Internal), fmt.Sprintf("an error of type %T", root)
}
