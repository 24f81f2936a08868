package sessions

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// entry is what is known of a session without its id.
type entry struct {
	person string
	began  time.Time
}

// index is every session, as Follow has seen the bucket.
type index struct {
	mu       sync.Mutex
	entries  map[string]entry // by key
	position uint64
	moved    chan struct{} // closed, and made anew, when position changes
}

func newIndex() index { return index{entries: map[string]entry{}, moved: make(chan struct{})} }

// Count is how many sessions there are, as Follow has seen them.
func (s *Store) Count() int {
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	return len(s.index.entries)
}

// Follow learns of every session until ctx ends, when it returns nil. It calls
// over for each that ends, with its key, one after the other. It may be called
// again after an error.
func (s *Store) Follow(ctx context.Context, over func(key string)) error {
	c, err := s.js.OrderedConsumer(ctx, Stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubjects: []string{Subjects}, HeadersOnly: true,
	})
	if err != nil {
		return unavailable(err)
	}
	cc, err := c.Consume(func(m jetstream.Msg) { s.saw(m, over) })
	if err != nil {
		return unavailable(err)
	}
	defer cc.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-cc.Closed():
		if ctx.Err() != nil {
			return nil
		}
		return unavailable(errors.New("following the bucket has ended"))
	}
}

func (s *Store) saw(m jetstream.Msg, over func(key string)) {
	meta, err := m.Metadata()
	if err != nil {
		return // no message of a stream
	}
	key := strings.TrimPrefix(m.Subject(), prefix)
	done := ended(m.Headers())
	s.index.mu.Lock()
	if done {
		delete(s.index.entries, key)
	} else {
		person, began := entryOf(m.Headers())
		s.index.entries[key] = entry{person, began}
	}
	s.index.position = max(s.index.position, meta.Sequence.Stream)
	close(s.index.moved)
	s.index.moved = make(chan struct{})
	s.index.mu.Unlock()
	if done {
		over(key)
	}
}

// EndAll ends every session for which gone holds, those begun by other processes
// a moment ago among them, and returns how many. Follow must be running. Returns
// Unavailable if the bucket cannot be reached before ctx ends.
func (s *Store) EndAll(ctx context.Context, gone func(person string, began time.Time) bool) (int, error) {
	if err := s.catchUp(ctx); err != nil {
		return 0, err
	}
	var keys []string
	s.index.mu.Lock()
	for key, e := range s.index.entries {
		if gone(e.person, e.began) {
			keys = append(keys, key)
		}
	}
	s.index.mu.Unlock()
	for n, key := range keys {
		if err := s.End(ctx, key); err != nil {
			return n, err
		}
	}
	return len(keys), nil
}

// mark is the key of what is written to be seen again. It is no hash.
const mark = "mark"

// catchUp waits until the index has what the bucket has now: something written
// last has come back.
func (s *Store) catchUp(ctx context.Context) error {
	last, err := s.end(ctx, mark)
	if err != nil {
		return err
	}
	for {
		s.index.mu.Lock()
		position, moved := s.index.position, s.index.moved
		s.index.mu.Unlock()
		if position >= last {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return unavailable(ctx.Err())
		}
	}
}
