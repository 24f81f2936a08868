package react

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// open is what this process knows about events that a reactor has begun and
// not settled. Redelivered to another process, an event is settled there
// unnoticed; such entries are harmless and bounded.
type open struct {
	mu     sync.Mutex
	events *simplelru.LRU[uint64, *tries]
	known  bool   // the consumer has been seen
	seen   uint64 // every event up to here was delivered, or is none of the reactor's
}

// tries counts what happened to one event in this process.
type tries struct {
	failed int // counted towards the limit
	waited int // not counted
	busy   bool
}

func newOpen(inFlight int) *open {
	// A size below one is the only error.
	events, _ := simplelru.NewLRU[uint64, *tries](4*inFlight+64, nil)
	return &open{events: events}
}

// begin returns the tries of seq so far; ok is false while it is being handled.
func (o *open) begin(seq uint64) (t *tries, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known, o.seen = true, max(o.seen, seq)
	t, found := o.events.Get(seq)
	if !found {
		t = &tries{}
		o.events.Add(seq, t)
	}
	if t.busy {
		return nil, false
	}
	t.busy = true
	return t, true
}

// end closes what begin opened; a settled event is forgotten.
func (o *open) end(seq uint64, t *tries, settled bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t.busy = false
	if settled {
		o.events.Remove(seq)
	}
}

// reached notes that the consumer exists and has passed seq.
func (o *open) reached(seq uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known, o.seen = true, max(o.seen, seq)
}

// resume says where a consumer that was lost must start; ok is false if there
// was none before. Events that this process has not settled come again, even
// if later ones have left their effects.
func (o *open) resume(progress uint64) (start uint64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	start = max(progress, o.seen) + 1
	for _, seq := range o.events.Keys() {
		start = min(start, seq)
	}
	return start, o.known || progress > 0
}
