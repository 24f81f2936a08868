package react

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Clock is the time as a process sees it.
type Clock interface {
	Now() time.Time
	// After delivers once, when d has passed.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the current time in UTC.
func (SystemClock) Now() time.Time { return time.Now().UTC() }

// After is time.After.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Due does what has become due: typically it asks a view of due times and
// gives a command for each, with an id derived from what is due, so that a
// tick repeated, or run by two processes, does nothing twice.
type Due struct {
	Name  string
	Every time.Duration // between the end of one tick and the next; positive
	Tick  func(ctx context.Context, now time.Time) error
}

// Run ticks at once and then again and again until ctx ends, and returns nil
// then. A tick that fails or panics is logged, and the next one tries again.
func (d Due) Run(ctx context.Context, clock Clock, log *slog.Logger) error {
	if d.Every <= 0 || d.Tick == nil {
		return errors.New("react: " + d.Name + " has no interval or no tick")
	}
	for ctx.Err() == nil {
		err := safely(log, func() error { return d.Tick(ctx, clock.Now()) })
		if err != nil && ctx.Err() == nil {
			code, text := reason(err)
			log.Error("what is due was not done; trying again at the next tick", "due", d.Name, "code", code, "error", text)
		}
		select {
		case <-clock.After(d.Every):
		case <-ctx.Done():
		}
	}
	return nil
}
