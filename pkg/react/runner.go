package react

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/es"
	"kith/pkg/tracing"
)

// Position is how far the process has folded the log; a view.Follower.
type Position interface {
	// Wait returns when the process has folded the log up to seq, or an error
	// when ctx ends.
	Wait(ctx context.Context, seq uint64) error
}

// Config is what a runner needs. Fields with a default may be left out.
type Config struct {
	JS       jetstream.JetStream
	Stream   string // the log; default EVENTS
	Codec    *es.Codec
	Log      *slog.Logger
	Now      func() time.Time
	Position Position              // a handler starts when the process has folded its event
	Progress *Progress             // folded by the same follower
	Registry prometheus.Registerer // nil: no metrics are shown
	Tracer   *tracing.Tracer       // nil: no spans

	// AckWait is how long the log waits for a sign of life from the process
	// that handles an event before it gives the event to another; default
	// 10 s. A third of it passes between two signs. A process that is killed in
	// the middle of an event holds up what follows for so long.
	AckWait time.Duration
	// Limit is how long one try of a handler may take; default 1 min.
	Limit time.Duration
	// RetryMin is the pause after the first failure of an event, doubled with
	// each further one up to RetryMax; defaults 200 ms and 1 min.
	RetryMin, RetryMax time.Duration
	// Attempts is how often a process tries an event that fails but may
	// succeed later, before it becomes a dead letter; default 8.
	Attempts int
	// Watch is the time between two looks at lag and dead letters; default 10 s.
	Watch time.Duration
}

// Runner runs reactors. It is safe for concurrent use.
type Runner struct {
	Config
	metrics metrics

	mu    sync.Mutex
	slots map[string]chan struct{} // by reactor: one place for each event in flight
}

// NewRunner makes a runner. It returns an error if something required is
// missing or a metric cannot be registered.
func NewRunner(c Config) (*Runner, error) {
	if c.JS == nil || c.Codec == nil || c.Log == nil || c.Now == nil || c.Position == nil || c.Progress == nil {
		return nil, errors.New("react: JS, Codec, Log, Now, Position and Progress are required")
	}
	if c.Stream == "" {
		c.Stream = "EVENTS"
	}
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&c.AckWait, 10 * time.Second}, {&c.Limit, time.Minute},
		{&c.RetryMin, 200 * time.Millisecond}, {&c.RetryMax, time.Minute}, {&c.Watch, 10 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.fallback
		}
	}
	if c.Attempts <= 0 {
		c.Attempts = 8
	}
	m, err := newMetrics(c.Registry)
	if err != nil {
		return nil, fmt.Errorf("react: metrics: %w", err)
	}
	return &Runner{Config: c, metrics: m, slots: map[string]chan struct{}{}}, nil
}

// Run runs reactors until ctx ends, and returns nil then, when every handler
// has returned. Events whose handlers were interrupted are given back to the
// log at once. It returns an error if a reactor is ill-defined or the log or
// the stream of dead letters has not been provisioned; while NATS cannot be
// reached it keeps trying.
func (r *Runner) Run(ctx context.Context, reactors ...Reactor) error {
	if err := Check(reactors...); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for _, re := range reactors {
		w := newWorker(r, re)
		all.Go(func() {
			if err := w.run(ctx); err != nil {
				stop(failed{err})
			}
		})
	}
	all.Go(func() {
		if err := r.watch(ctx, reactors); err != nil {
			stop(failed{err})
		}
	})
	all.Wait()
	if f, ok := errors.AsType[failed](context.Cause(ctx)); ok {
		return f.error
	}
	return nil
}

// Check returns what is wrong with the definition of reactors that are to run
// together.
func Check(reactors ...Reactor) error {
	names := map[string]bool{}
	for _, re := range reactors {
		if err := re.valid(); err != nil {
			return err
		}
		if names[re.Name] {
			return fmt.Errorf("react: there are two reactors called %s", re.Name)
		}
		names[re.Name] = true
	}
	return nil
}

// failed tells the failure of one reactor from the end of the caller's context.
type failed struct{ error }

// watch keeps the gauges true while nothing is delivered.
func (r *Runner) watch(ctx context.Context, reactors []Reactor) error {
	for {
		dead, err := r.JS.Stream(ctx, deadStream)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
			return fmt.Errorf("react: the stream %s of dead letters has not been provisioned: %w", deadStream, err)
		case err == nil:
			r.metrics.dead.Set(float64(dead.CachedInfo().State.Msgs))
		}
		for _, re := range reactors {
			if c, err := r.JS.Consumer(ctx, r.Stream, re.Name); err == nil {
				info := c.CachedInfo()
				r.metrics.lag.WithLabelValues(re.Name).Set(float64(info.NumPending) + float64(info.NumAckPending))
			}
		}
		if pause(ctx, r.Watch) != nil {
			return nil
		}
	}
}

// place bounds what is in flight of a reactor in this process, replayed dead
// letters included.
func (r *Runner) place(re Reactor) chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.slots[re.Name] == nil {
		r.slots[re.Name] = make(chan struct{}, re.inFlight())
	}
	return r.slots[re.Name]
}

// handle tries once to bring about the effect of rec, as soon as the process
// has folded it. dead says that rec is that of a dead letter.
func (r *Runner) handle(ctx context.Context, re Reactor, rec es.Recorded, dead bool) error {
	if u, ok := rec.Data.(es.Unreadable); ok {
		if u.Newer() {
			return errNewer
		}
		return errUnreadable
	}
	if err := r.Position.Wait(ctx, rec.Seq); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limit)
	defer cancel()
	ctx, span := r.Tracer.React(ctx, re.Name, &rec, dead)
	err := safely(r.Log, func() error { return re.Handle(ctx, rec) })
	failure := ""
	if err != nil {
		failure, _ = reason(err)
	}
	span.End(failure)
	return err
}

// delay is the pause after the n-th failure, from 1.
func (r *Runner) delay(n int) time.Duration {
	d := r.RetryMin
	for range n - 1 {
		if d *= 2; d >= r.RetryMax {
			break
		}
	}
	return min(d, r.RetryMax)
}

// safely turns a panic of fn into an error. What it panicked with may hold
// personal text; where it did so does not.
func safely(log *slog.Logger, fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked{fmt.Sprintf("%T", v)}
			log.Error("a handler panicked", "kind", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	return fn()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
