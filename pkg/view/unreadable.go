package view

import (
	"log/slog"
	"sync/atomic"

	"kith/pkg/es"
)

// unreadable counts the events that are passed over because this process cannot
// read them, and says of each kind once that there are some.
type unreadable struct {
	log            *slog.Logger
	newer, damaged atomic.Uint64

	said map[unread]bool // used by the reader of the log alone
}

// unread is what unreadable events have in common.
type unread struct {
	event  string
	schema int
	newer  bool
}

// maxSaid bounds the kinds that are told apart: a damaged type can be anything.
const maxSaid = 64

// see looks at an event that was read. What is wrong with its data is not said:
// it may hold personal text.
func (u *unreadable) see(r es.Recorded) {
	bad, ok := r.Data.(es.Unreadable)
	if !ok {
		return
	}
	k := unread{r.Type, r.Schema, bad.Newer()}
	first := !u.said[k] && len(u.said) < maxSaid
	if first {
		u.said[k] = true
	}
	switch {
	case !k.newer:
		u.damaged.Add(1)
		if first {
			u.log.Error("an event is damaged; views pass over it", "seq", r.Seq, "type", r.Type, "schema", r.Schema)
		}
	default:
		u.newer.Add(1)
		if first {
			u.log.Warn("a newer version writes events that this one cannot read; views pass over them until this process is upgraded", "type", r.Type, "schema", r.Schema, "first", r.Seq)
		}
	}
}
