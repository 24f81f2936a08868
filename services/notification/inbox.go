package notification

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	events "kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// maxSingle bounds the single read marks that a person has above the position
// up to which everything is read.
const maxSingle = 2000

// inbox is what a person has read: everything up to a position, and single items above it.
type inbox struct {
	upTo   uint64
	single map[uint64]bool
}

func foldInbox(b *inbox, r es.Recorded) {
	if e, ok := r.Data.(events.InboxRead); ok {
		b.upTo, b.single = mark(b.upTo, b.single, e)
	}
}

// mark adds marks to others; what single held stays as it is. What a position
// covers needs no mark of its own.
func mark(upTo uint64, single map[uint64]bool, e events.InboxRead) (uint64, map[uint64]bool) {
	upTo = max(upTo, e.UpTo)
	next := maps.Clone(single)
	if next == nil {
		next = map[uint64]bool{}
	}
	for _, id := range e.Items {
		if n, ok := parseNumber(id); ok {
			next[n] = true
		}
	}
	maps.DeleteFunc(next, func(n uint64, _ bool) bool { return n <= upTo })
	return upTo, next
}

// Read marks items as read; end is the position of the log, beyond which
// nothing can have been read. Returns Invalid for what is no item, and Conflict
// when there would be too many single marks.
func (b inbox) Read(upTo uint64, items []string, end uint64) (es.Event, error) {
	if upTo == 0 && len(items) == 0 {
		return nil, fault.InvalidField("up_to", "give a position, or items")
	}
	if upTo > end {
		return nil, fault.InvalidField("up_to", "lies beyond the last notification; give the seq of one")
	}
	e := events.InboxRead{}
	if upTo > b.upTo {
		e.UpTo = upTo
	}
	covered := max(b.upTo, upTo)
	for i, id := range items {
		n, ok := parseNumber(id)
		if !ok || n > end {
			return nil, fault.InvalidField(fmt.Sprintf("items.%d", i), "is not the id of a notification")
		}
		if n > covered && !b.single[n] && !slices.Contains(e.Items, id) {
			e.Items = append(e.Items, id)
		}
	}
	if e.UpTo == 0 && len(e.Items) == 0 {
		return nil, nil
	}
	if _, single := mark(b.upTo, b.single, e); len(single) > maxSingle {
		return nil, fault.New(fault.Conflict, "You have marked %d single notifications. Mark everything up to a position as read first.", maxSingle)
	}
	return e, nil
}

// parseNumber reads an item's number as item.number writes it.
func parseNumber(id string) (uint64, bool) {
	n, err := strconv.ParseUint(id, 10, 63)
	return n, err == nil && n > 0 && strconv.FormatUint(n, 10) == id
}
