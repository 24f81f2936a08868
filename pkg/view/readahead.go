package view

import (
	"context"
	"sync"

	"kith/pkg/es"
)

const (
	maxAheadEvents = 8192
	maxAheadBytes  = 32 << 20 // of stored data; one event may exceed it by its own size
)

// readAhead is what has been read and not yet folded, between one reader and
// one folder of batches. While a batch is folded, as much again may be read.
type readAhead struct {
	filled chan struct{} // capacity 1: there is something to take
	taken  chan struct{} // capacity 1: there is room again

	mu     sync.Mutex
	events []es.Recorded
	bytes  int

	batch []es.Recorded // of the last take, whose caller it belongs to
}

func newReadAhead() *readAhead {
	return &readAhead{filled: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// put adds r, and waits for room first. It returns the context's error.
func (a *readAhead) put(ctx context.Context, r es.Recorded) error {
	for !a.add(r) {
		select {
		case <-a.taken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	signal(a.filled)
	return nil
}

func (a *readAhead) add(r es.Recorded) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) >= maxAheadEvents || a.bytes >= maxAheadBytes {
		return false
	}
	a.events = append(a.events, r)
	a.bytes += len(r.Stored.Data)
	return true
}

// take returns everything that has been read, until the next take. What it
// returned before is used again for what will be read.
func (a *readAhead) take() []es.Recorded {
	clear(a.batch) // or what it holds would stay until it is overwritten
	a.mu.Lock()
	a.batch, a.events = a.events, a.batch[:0]
	a.bytes = 0
	a.mu.Unlock()
	signal(a.taken)
	return a.batch
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
