package portal

import (
	"context"
	"sync"
	"time"

	"kith/api/events/membership"
	"kith/pkg/es"
)

// live are the queries and streams of sessions that this process is answering.
type live struct {
	mu    *sync.Mutex
	calls map[*call]struct{}
}

// call is one of them.
type call struct {
	session, person string
	stream          bool
	cut             context.CancelFunc
}

func newLive() live { return live{&sync.Mutex{}, map[*call]struct{}{}} }

// add notes a call until done. Its context ends when the session or the person
// goes, or time is up.
func (l live) add(ctx context.Context, h held, stream bool, until time.Duration) (_ context.Context, done func()) {
	ctx, cut := context.WithTimeout(ctx, until)
	c := &call{h.Key, h.Person, stream, cut}
	l.mu.Lock()
	l.calls[c] = struct{}{}
	l.mu.Unlock()
	return ctx, func() {
		l.mu.Lock()
		delete(l.calls, c)
		l.mu.Unlock()
		cut()
	}
}

// end cuts the calls for which gone holds.
func (l live) end(gone func(*call) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.calls {
		if gone(c) {
			c.cut()
		}
	}
}

func (l live) endSession(key string) { l.end(func(c *call) bool { return c.session == key }) }

// departures are people whose sessions have to end, and when they left.
type departures struct {
	mu   *sync.Mutex
	at   map[string]time.Time
	some chan struct{} // has one entry if there are any
}

func newDepartures() departures {
	return departures{&sync.Mutex{}, map[string]time.Time{}, make(chan struct{}, 1)}
}

func (d departures) add(person string, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at.After(d.at[person]) {
		d.at[person] = at
	}
	select {
	case d.some <- struct{}{}:
	default:
	}
}

func (d departures) take() map[string]time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[string]time.Time, len(d.at))
	for person, at := range d.at {
		out[person] = at
	}
	clear(d.at)
	return out
}

// applied is app.Module.Applied: who is deactivated or erased is cut off at
// once. It is called for all the past too, at a start, so that a session does
// not outlive a departure that no process of the portal saw.
func (s *service) applied(batch []es.Recorded) {
	for _, r := range batch {
		switch r.Data.(type) {
		case membership.PersonDeactivated, membership.PersonErased:
			s.live.end(func(c *call) bool { return c.person == r.Stream.ID })
			s.left.add(r.Stream.ID, r.Time)
		}
	}
}

// departedWithin is what the clocks of two processes may differ by.
const departedWithin = time.Second

// retryFollow is the pause before the bucket is followed again.
const retryFollow = 2 * time.Second

// run follows the bucket, so that what ends in another process ends here, and
// ends the sessions of those who left, until ctx ends. Then streams end.
func (s *service) run(ctx context.Context) error {
	defer s.live.end(func(c *call) bool { return c.stream })
	go s.endDeparted(ctx)
	for ctx.Err() == nil {
		if err := s.store.Follow(ctx, s.live.endSession); err != nil {
			s.core.Log.Warn("the sessions cannot be followed; trying again", "error", err)
			pause(ctx, retryFollow)
		}
	}
	return nil
}

// endDeparted ends the sessions of those who left, until ctx ends.
func (s *service) endDeparted(ctx context.Context) {
	for {
		select {
		case <-s.left.some:
		case <-ctx.Done():
			return
		}
		left := s.left.take()
		_, err := s.store.EndAll(ctx, func(person string, began time.Time) bool {
			at, gone := left[person]
			return gone && began.Before(at.Add(departedWithin))
		})
		if err != nil && ctx.Err() == nil {
			s.core.Log.Warn("sessions of people who left are not ended yet; trying again", "error", err)
			for person, at := range left {
				s.left.add(person, at)
			}
			pause(ctx, retryFollow)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
