package react

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// consumer returns the reactor's durable consumer: as it is, changed to what
// the reactor says now, or made anew.
func (w *worker) consumer(ctx context.Context) (jetstream.Consumer, error) {
	c, err := w.JS.Consumer(ctx, w.Stream, w.re.Name)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
		return w.create(ctx)
	case err != nil:
		return nil, err
	}
	info := c.CachedInfo()
	if info.Config.AckPolicy != jetstream.AckExplicitPolicy {
		return nil, fmt.Errorf("%w: the consumer %s does not ask for explicit acknowledgements", errSetUp, w.re.Name)
	}
	w.open.reached(info.AckFloor.Stream)
	if start := info.Config.OptStartSeq; start > 0 {
		w.open.reached(start - 1) // the floor reads 0 for a moment when the consumer is new
	}
	want := info.Config
	w.shape(&want)
	if same(info.Config, want) {
		return c, nil
	}
	w.log.Info("the reactor's consumer is brought up to date", "subjects", w.re.Subjects, "in_flight", w.re.inFlight())
	return w.JS.UpdateConsumer(ctx, w.Stream, want)
}

// create makes the consumer. That it is missing does not mean that the reactor
// has never run: where it left effects in the log, or this process has seen it
// work, it goes on there and not where a new one would begin.
func (w *worker) create(ctx context.Context) (jetstream.Consumer, error) {
	log, err := w.JS.Stream(ctx, w.Stream)
	if err != nil {
		return nil, err
	}
	last := log.CachedInfo().State.LastSeq
	if err := w.Position.Wait(ctx, last); err != nil {
		return nil, err
	}
	start, lost := w.open.resume(w.Progress.Of(w.re.Name))
	switch {
	case lost:
	case w.re.From == Start:
		start = 1
	default:
		start = last + 1
	}
	cfg := jetstream.ConsumerConfig{
		Durable: w.re.Name, AckPolicy: jetstream.AckExplicitPolicy,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: start,
	}
	w.shape(&cfg)
	c, err := w.JS.CreateConsumer(ctx, w.Stream, cfg)
	if errors.Is(err, jetstream.ErrConsumerExists) {
		return nil, errRace
	}
	if err != nil {
		return nil, err
	}
	w.open.reached(start - 1)
	if lost {
		w.metrics.recreated.WithLabelValues(w.re.Name).Inc()
		w.log.Error("the reactor's consumer was lost and has been made again after its last effect", "from", start, "end", last)
	} else {
		w.log.Info("the reactor begins", "from", start, "end", last)
	}
	return c, nil
}

// shape sets what a reactor decides and what may change during its life.
func (w *worker) shape(c *jetstream.ConsumerConfig) {
	c.FilterSubject, c.FilterSubjects = "", nil
	if len(w.re.Subjects) == 1 {
		c.FilterSubject = w.re.Subjects[0]
	} else {
		c.FilterSubjects = slices.Clone(w.re.Subjects)
	}
	c.AckWait = w.AckWait
	c.MaxAckPending = w.re.inFlight()
	c.MaxDeliver = -1 // the runner gives up, not the log: it leaves a letter
	c.BackOff = nil
}

func same(a, b jetstream.ConsumerConfig) bool {
	return a.FilterSubject == b.FilterSubject && slices.Equal(a.FilterSubjects, b.FilterSubjects) &&
		a.AckWait == b.AckWait && a.MaxAckPending == b.MaxAckPending && a.MaxDeliver == b.MaxDeliver && len(a.BackOff) == 0
}

var (
	errSetUp = errors.New("react: the reactor cannot be set up")
	errRace  = errors.New("react: another process has just made the consumer")
)

// hopeless tells a mistake in definition or provisioning from a log that
// cannot be reached at the moment.
func hopeless(err error) bool {
	if errors.Is(err, errSetUp) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, jetstream.ErrStreamNotFound) ||
		errors.Is(err, jetstream.ErrOverlappingFilterSubjects) || errors.Is(err, jetstream.ErrEmptyFilter) {
		return true
	}
	if errors.Is(err, jetstream.ErrConsumerDoesNotExist) {
		return false // deleted between two requests
	}
	if e, ok := errors.AsType[jetstream.JetStreamError](err); ok && e.APIError() != nil {
		return e.APIError().Code == 400
	}
	return false
}
