package es

import (
	"context"
	"iter"
)

// Store is the log. Implementations MUST pass estest.Conformance.
type Store interface {
	// Append stores e as the next event of s after position after (0: the
	// stream MUST be empty) and returns its position. It returns only when the
	// event is on disk.
	//
	// Repeating an append succeeds with the stored position. If that event is
	// not the next one after position after, or not equal to e, the position
	// comes with ErrRepeated. Returns ErrConflict if only other commands' events
	// came since, ErrTooLarge, or ErrUnavailable if it is not known whether the
	// event was stored.
	Append(ctx context.Context, s Stream, after uint64, m Meta, e Event) (uint64, error)

	// Load yields the events of s after position after, in order, up to the
	// present. Its cost grows with the aggregate, not with the log.
	Load(ctx context.Context, s Stream, after uint64) iter.Seq2[Recorded, error]

	// Follow yields every event after position after, in order, and waits for
	// new ones until ctx ends. It survives reconnects and never skips or
	// repeats: positions are contiguous. An error ends the sequence, and the
	// end of ctx is one. Returns ErrGap if a position is missing or after lies
	// beyond the end of the log.
	Follow(ctx context.Context, after uint64) iter.Seq2[Recorded, error]

	// LastOf is the position of the newest event of s, 0 if there is none.
	LastOf(ctx context.Context, s Stream) (uint64, error)

	// Last is the position of the newest event of the log, 0 if it is empty.
	Last(ctx context.Context) (uint64, error)
}

// Ranger is a Store that can also read a stretch of the log without following
// it. Every store of this module does; it is apart because only who examines
// the log needs it.
type Ranger interface {
	// Range yields what the log has after position after, up to position to, in
	// order, and ends there or at the log's end. It waits for no event that is not
	// there yet, only for a replica that has to catch up with its leader. A
	// position that the log does not give is passed over without an error, so
	// that damage can be looked at: who needs every position MUST compare.
	Range(ctx context.Context, after, to uint64) iter.Seq2[Recorded, error]

	// RangeOf is Range of some streams alone: those of an aggregate where of has no
	// ID, those of a context where it has no Aggregate either. Its cost grows with
	// what it finds. On a log of several replicas it can miss the newest events.
	RangeOf(ctx context.Context, of Stream, after, to uint64) iter.Seq2[Recorded, error]
}
