// Package es is event sourcing on one log: events, the streams they belong
// to, the store that keeps them, and the repository that turns a command into
// one event.
package es

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Event is a fact in the past tense. It is a struct value (never a pointer)
// whose JSON is the published language between services.
type Event interface {
	// EventType names the fact as "<aggregate>.<past>", "membership.joined".
	EventType() string
}

// Versioned is implemented by events whose schema has changed since version 1.
type Versioned interface{ SchemaVersion() int }

// Additive is implemented by versioned events whose newest schema only adds
// optional fields to that of version ReadableSince, 1 to SchemaVersion. Readers
// of that version read it too and pass over what was added; the event itself
// says so, for they cannot know. Others cannot be read by older processes.
type Additive interface{ ReadableSince() int }

// Stream names one aggregate. Its subject in the log is evt.<context>.<aggregate>.<id>.
type Stream struct{ Context, Aggregate, ID string }

// Subject is the one literal subject of the aggregate.
func (s Stream) Subject() string {
	return "evt." + s.Context + "." + s.Aggregate + "." + s.ID
}

// String is the subject.
func (s Stream) String() string { return s.Subject() }

// Valid returns an error unless every part is non-empty and made of
// [A-Za-z0-9_-] only, at most 64 bytes, so that a part can never be a wildcard.
func (s Stream) Valid() error {
	for _, p := range []string{s.Context, s.Aggregate, s.ID} {
		if p == "" || len(p) > 64 || strings.ContainsFunc(p, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
		}) {
			return fmt.Errorf("es: bad stream %q", s.Subject())
		}
	}
	return nil
}

// Pattern is the subjects of s, or of all streams whose first parts are those that s
// has; the others are empty then. It returns an error where s has no context.
func (s Stream) Pattern() (string, error) {
	whole, pattern := s, s.Subject()
	switch {
	case s.Aggregate == "" && s.ID == "":
		whole.Aggregate, whole.ID, pattern = "any", "any", "evt."+s.Context+".>"
	case s.ID == "":
		whole.ID, pattern = "any", pattern+"*"
	}
	return pattern, whole.Valid()
}

// In says whether s is among the streams of, as Pattern has it.
func (s Stream) In(of Stream) bool {
	return s.Context == of.Context && (of.Aggregate == "" || s.Aggregate == of.Aggregate) && (of.ID == "" || s.ID == of.ID)
}

// ParseStream is the inverse of Subject.
func ParseStream(subject string) (Stream, error) {
	rest, ok := strings.CutPrefix(subject, "evt.")
	context, rest, more := strings.Cut(rest, ".")
	aggregate, id, last := strings.Cut(rest, ".")
	if !ok || !more || !last {
		return Stream{}, fmt.Errorf("es: %q is no subject of an aggregate", subject)
	}
	s := Stream{context, aggregate, id}
	return s, s.Valid()
}

// Meta is what is known about an event besides its data.
type Meta struct {
	Command     string    // id of the command; required: the key of idempotency
	Request     string    // hash of what the command asked for, so that a reused id is noticed
	Cause       string    // id of the event that caused the command, for reactors
	CauseSeq    uint64    // its position; with it a reactor finds its place again
	Correlation string    // id of the first command of the story; empty: this one, and so it is read
	Actor       string    // person id, or "reactor:<name>"
	Reason      string    // a code, never free text
	Access      uint64    // position at which permission was judged
	OccurredAt  time.Time // original time of imported history
	Imported    bool      // history: reactors ignore it
	Traceparent string    // W3C trace context
}

// Recorded is an event with its place in the log.
type Recorded struct {
	Seq    uint64 // position in the log, from 1: the one global order
	ID     string // EventID(stream, command)
	Stream Stream
	Type   string
	Schema int       // version in which it was stored
	Time   time.Time // when it was appended, UTC
	Meta   Meta
	Data   Event  // decoded and upcast, personal fields still sealed; Unreadable if that failed
	Stored Stored // the bytes as the log keeps them
}

// Occurred is the original time where there is one, else the time of append.
func (r Recorded) Occurred() time.Time {
	if !r.Meta.OccurredAt.IsZero() {
		return r.Meta.OccurredAt
	}
	return r.Time
}

// Stored is an event as it lies in the log.
type Stored struct {
	Header map[string][]string
	Data   []byte
}

// Unreadable stands for an event that this process cannot decode: malformed,
// or, by Newer, of a type or version it does not know. Views pass over it and are
// folded anew by a process that can read it; nothing is decided on an aggregate
// that has it; reactors leave what is newer to another process for a while, and
// dead-letter it then.
type Unreadable struct{ Err error }

// Newer reports whether a newer version of the product can read the event.
func (u Unreadable) Newer() bool { return errors.Is(u.Err, ErrNewer) }

// EventType is empty; Recorded.Type says what was stored.
func (Unreadable) EventType() string { return "" }

// Errors of stores and repositories.
var (
	// ErrConflict: somebody else appended to the aggregate since it was loaded.
	ErrConflict = errors.New("es: the aggregate has changed meanwhile")
	// ErrRepeated: this very command is stored already, but not as the event
	// that was to be appended in its place: others lie between, or it has other
	// content. It is an ErrConflict: who folds must load what is stored.
	ErrRepeated = fmt.Errorf("%w: by this command itself", ErrConflict)
	// ErrUnavailable: the log cannot be reached; whether the event was
	// appended is not known. Retrying the same command is safe.
	ErrUnavailable = errors.New("es: the log cannot be reached")
	// ErrGap: the log does not continue where it must. Something is lost, or
	// this is another log; nobody may go on as if it were whole.
	ErrGap = errors.New("es: the log is not contiguous")
	// ErrTooLarge: the event exceeds MaxEvent.
	ErrTooLarge = errors.New("es: the event is too large")
	// ErrNewer: an event is of a type or schema version that this process does
	// not know. A newer one does.
	ErrNewer = errors.New("es: a newer version has written this")
	// ErrReused: the command id was used before for something else.
	ErrReused = errors.New("es: the command id was used before with other content")
)

// MaxEvent is the largest data of one event, in bytes.
const MaxEvent = 256 << 10

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ID hashes parts into 26 characters safe in subjects (SHA-256 over
// length-prefixed parts, cut to 128 bits, Crockford's alphabet).
func ID(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return idEncoding.EncodeToString(h.Sum(nil)[:16])
}

// EventID identifies the event that command caused in s. The stream is part of
// it: the same command may have an event in another.
func EventID(s Stream, command string) string { return ID(s.Subject(), command) }
