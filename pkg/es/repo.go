package es

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Sealer seals the plain personal fields of e, which will have the id eventID.
type Sealer interface {
	Seal(ctx context.Context, eventID string, e Event) (Event, error)
}

// Repo executes commands on aggregates of one kind, whose state is S.
// It is safe for concurrent use.
type Repo[S any] struct {
	Context, Aggregate string // of its streams
	Store              Store
	Seal               Sealer // nil: events have no personal fields
	// Fold applies one event; s is the zero S before the first. It is pure, and
	// sees neither r.Time nor r.Stored: what a decision needs is in the event.
	Fold       func(s *S, r Recorded)
	CacheBytes int // bound of the folded states kept; 0: 32 MiB

	mu      sync.Mutex
	entries *simplelru.LRU[string, *entry[S]]
	bytes   int
}

// entry is the folded state of one aggregate. Its token serialises commands on
// that aggregate in this process, which spares them most conflicts.
type entry[S any] struct {
	token    chan struct{}
	state    S
	seq      uint64
	size     int // bytes of the events folded, as accounted in Repo.bytes
	commands map[string]done
}

type done struct {
	seq     uint64
	request string
}

const (
	defaultCacheBytes = 32 << 20
	entryOverhead     = 512 // bytes, for an aggregate without events
	maxAttempts       = 16
)

// Stream is the stream of aggregate id.
func (r *Repo[S]) Stream(id string) Stream { return Stream{r.Context, r.Aggregate, id} }

// Execute makes the decision of one command into at most one event, and
// returns its position.
//
// It calls decide on the state as this process knows it, appends, and loads
// what is new and decides again if the log has gone on or decide refuses. decide
// MUST NOT keep or change the state, and only its last call counts.
// A nil event changes nothing and returns the aggregate's position.
//
// A command id that this aggregate has seen returns the position of then, at
// any later time; with another m.Request it returns ErrReused. Returns
// ErrConflict if others kept writing, ErrUnavailable, or the error of decide.
func (r *Repo[S]) Execute(ctx context.Context, id string, m Meta, decide func(S) (Event, error)) (uint64, error) {
	e := r.entry(id)
	if err := e.lock(ctx); err != nil {
		return 0, err
	}
	defer e.unlock()
	// What is not known is taken to be empty: most of that is about to be
	// created, and the log contradicts where it is not so.
	fresh := false
	for attempt := range maxAttempts {
		if d, ok := e.commands[m.Command]; ok {
			if d.request != m.Request {
				return 0, ErrReused
			}
			return d.seq, nil
		}
		event, err := decide(e.state)
		if err != nil || event == nil {
			// A refusal may stem from a stale state; only a current one counts.
			if !fresh {
				was := e.seq
				last, lastErr := r.Store.LastOf(ctx, r.Stream(id))
				if lastErr != nil {
					return 0, lastErr
				}
				fresh = true
				if last != was {
					if err := r.tail(ctx, id, e); err != nil {
						return 0, err
					}
					continue
				}
			}
			return e.seq, err
		}
		seq, err := r.append(ctx, id, e, m, event)
		switch {
		case err == nil:
			return seq, nil
		case !errors.Is(err, ErrConflict):
			return 0, err
		}
		if err := pause(ctx, attempt); err != nil {
			return 0, err
		}
		if err := r.tail(ctx, id, e); err != nil {
			return 0, err
		}
		fresh = true
	}
	return 0, fmt.Errorf("%w: gave up after %d attempts", ErrConflict, maxAttempts)
}

// Load returns the current state and its position; zero values if there is no
// such aggregate. The state MUST NOT be changed.
func (r *Repo[S]) Load(ctx context.Context, id string) (S, uint64, error) {
	var zero S
	e := r.entry(id)
	if err := e.lock(ctx); err != nil {
		return zero, 0, err
	}
	defer e.unlock()
	last, err := r.Store.LastOf(ctx, r.Stream(id))
	if err != nil {
		return zero, 0, err
	}
	if last != e.seq {
		if err := r.tail(ctx, id, e); err != nil {
			return zero, 0, err
		}
	}
	return e.state, e.seq, nil
}

func (r *Repo[S]) append(ctx context.Context, id string, e *entry[S], m Meta, event Event) (uint64, error) {
	s := r.Stream(id)
	eventID := EventID(s, m.Command)
	if r.Seal != nil {
		sealed, err := r.Seal.Seal(ctx, eventID, event)
		if err != nil {
			return 0, fmt.Errorf("seal %s: %w", event.EventType(), err)
		}
		event = sealed
	}
	before := e.seq
	seq, err := r.Store.Append(ctx, s, before, m, event)
	if err != nil {
		return 0, err
	}
	r.fold(id, e, Recorded{Seq: seq, ID: eventID, Stream: s, Type: event.EventType(), Meta: m, Data: event}, 0)
	return seq, nil
}

func (r *Repo[S]) tail(ctx context.Context, id string, e *entry[S]) error {
	for rec, err := range r.Store.Load(ctx, r.Stream(id), e.seq) {
		if err != nil {
			return err
		}
		if u, ok := rec.Data.(Unreadable); ok {
			return fmt.Errorf("es: %s at %d cannot be read, so nothing can be decided on it: %w", rec.Stream, rec.Seq, u.Err)
		}
		r.fold(id, e, rec, len(rec.Stored.Data))
	}
	return nil
}

func (r *Repo[S]) fold(id string, e *entry[S], rec Recorded, size int) {
	rec.Time, rec.Stored = time.Time{}, Stored{} // unknown for the event just appended
	r.Fold(&e.state, rec)
	e.seq = rec.Seq
	e.commands[rec.Meta.Command] = done{rec.Seq, rec.Meta.Request}
	r.account(id, e, size+entryOverhead/4)
}

// entry returns the cached entry of id, or a new one.
func (r *Repo[S]) entry(id string) *entry[S] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.entries == nil {
		// The bound is in bytes, so the LRU's own count is out of reach.
		r.entries, _ = simplelru.NewLRU[string, *entry[S]](1<<30, nil)
	}
	if e, ok := r.entries.Get(id); ok {
		return e
	}
	e := &entry[S]{token: make(chan struct{}, 1), commands: map[string]done{}, size: entryOverhead}
	r.entries.Add(id, e)
	r.bytes += e.size
	return e
}

func (r *Repo[S]) account(id string, e *entry[S], n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cached, ok := r.entries.Peek(id); !ok || cached != e {
		return // evicted while in use
	}
	e.size += n
	r.bytes += n
	limit := r.CacheBytes
	if limit == 0 {
		limit = defaultCacheBytes
	}
	for r.bytes > limit && r.entries.Len() > 1 {
		_, old, _ := r.entries.RemoveOldest()
		r.bytes -= old.size
	}
}

func (e *entry[S]) lock(ctx context.Context) error {
	select {
	case e.token <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *entry[S]) unlock() { <-e.token }

// pause spreads contending writers: 1 ms doubled per attempt up to 64 ms, with
// full jitter. Its randomness decides nothing but the waiting.
func pause(ctx context.Context, attempt int) error {
	limit := time.Millisecond << min(attempt, 6)
	select {
	case <-time.After(rand.N(limit)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
