package audit

import (
	events "kith/api/events/audit"
	"kith/pkg/es"
)

// announced is the state of the one checkpoint aggregate. Sizes only grow, so
// that its last event is all of it.
type announced struct{ size uint64 }

func (a *announced) fold(r es.Recorded) {
	if e, ok := r.Data.(events.CheckpointSigned); ok {
		a.size = max(a.size, e.Size)
	}
}

// announce tells of a signed checkpoint, unless it or a later one was told of.
func (a announced) announce(e events.CheckpointSigned) es.Event {
	if e.Size <= a.size {
		return nil
	}
	return e
}

// checkpoints is the stream of the aggregate.
func checkpoints() es.Stream {
	return es.Stream{Context: events.Context, Aggregate: events.Checkpoint, ID: "log"}
}

// worthSigning reports whether an event is a reason for a new checkpoint.
// Checkpoints and what auditors look at are not: else each checkpoint would
// call for the next, and a quiet log would never be quiet.
func worthSigning(s es.Stream) bool {
	return s.Context != events.Context || s.Aggregate == events.Consent
}
