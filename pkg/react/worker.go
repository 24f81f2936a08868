package react

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
)

// worker runs one reactor.
type worker struct {
	*Runner
	re    Reactor
	log   *slog.Logger
	open  *open
	place chan struct{}

	mu   sync.Mutex
	held []jetstream.Msg // begun and interrupted; given back at the end
}

const (
	settleLimit = 5 * time.Second // for acknowledging or writing a dead letter
	// pullEvery is how often the log is asked again while it has nothing. It
	// bounds how long an event stays unnoticed if it arrives in the moment in
	// which its consumer is made.
	pullEvery  = 4 * time.Second
	drainLimit = time.Second // for collecting what was delivered but not begun
)

func newWorker(r *Runner, re Reactor) *worker {
	return &worker{Runner: r, re: re, log: r.Log.With("reactor", re.Name), open: newOpen(re.inFlight()), place: r.place(re)}
}

// run consumes until ctx ends, over lost connections and lost consumers.
func (w *worker) run(ctx context.Context) error {
	for failures := 0; ctx.Err() == nil; {
		c, err := w.consumer(ctx)
		if err == nil {
			failures = 0
			err = w.consume(ctx, c)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case hopeless(err):
			return fmt.Errorf("reactor %s: %w", w.re.Name, err)
		}
		failures++
		w.log.Warn("the reactor has lost its consumer; looking for it", "error", err)
		if pause(ctx, w.delay(failures)) != nil {
			return nil
		}
	}
	return nil
}

// consume handles what c delivers until it ends. It returns when every handler
// has returned.
func (w *worker) consume(ctx context.Context, c jetstream.Consumer) error {
	// No more is asked for than may be handled at once, so that nothing waits
	// in this process while its time to acknowledge runs out.
	msgs, err := c.Messages(jetstream.PullMaxMessages(w.re.inFlight()), jetstream.PullExpiry(pullEvery), jetstream.PullHeartbeat(pullEvery/2))
	if err != nil {
		return err
	}
	var handlers sync.WaitGroup
	for {
		var msg jetstream.Msg
		if msg, err = msgs.Next(jetstream.NextContext(ctx)); err != nil {
			break
		}
		handlers.Go(func() { w.process(ctx, msg) })
	}
	w.drain(ctx, msgs)
	handlers.Wait()
	w.giveBack()
	return err
}

// drain ends the delivery, before anything is given back or the consumer is
// made again: otherwise events would be delivered to where nobody listens any
// more, and be missing until AckWait is over. What was delivered and not begun
// is held.
func (w *worker) drain(ctx context.Context, msgs jetstream.MessagesContext) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	msgs.Drain()
	for {
		msg, err := msgs.Next(jetstream.NextContext(ctx))
		if err != nil {
			break
		}
		w.hold(msg)
	}
	// The interface lacks what the client's own iterator has.
	if ending, ok := msgs.(interface{ Closed() <-chan struct{} }); ok {
		select {
		case <-ending.Closed():
		case <-ctx.Done():
		}
	}
}

func (w *worker) hold(msg jetstream.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, msg)
}

func (w *worker) giveBack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, msg := range w.held {
		// A failure costs time only: the log gives it out again after AckWait.
		_ = msg.Nak()
	}
	w.held = nil
}

// process settles one delivery, or leaves it for later.
func (w *worker) process(ctx context.Context, msg jetstream.Msg) {
	at, err := msg.Metadata()
	if err != nil {
		w.log.Error("a delivery does not say where it comes from", "subject", msg.Subject())
		return
	}
	seq := at.Sequence.Stream
	t, ok := w.open.begin(seq)
	if !ok {
		// Its signs of life were lost, so that the log takes it for abandoned.
		_ = msg.NakWithDelay(w.AckWait)
		return
	}
	settled := false
	defer func() { w.open.end(seq, t, settled) }()

	rec := w.Codec.DecodeEnvelope(seq, msg.Subject(), es.Stored{Header: msg.Headers(), Data: msg.Data()})
	if rec.Meta.Imported {
		settled = w.settle(ctx, msg, rec, outcomeImported)
		return
	}
	quiet := w.signs(msg)
	defer quiet()
	err = w.attempt(ctx, rec)
	if settled = err == nil; settled {
		quiet()
		w.settle(ctx, msg, rec, outcomeDone)
		return
	}
	if ctx.Err() != nil {
		w.count(outcomeStopped)
		w.hold(msg)
		return
	}
	settled = w.fail(ctx, msg, rec, t, int(at.NumDelivered), err, quiet)
}

// attempt handles rec once there is room for it.
func (w *worker) attempt(ctx context.Context, rec es.Recorded) error {
	select {
	case w.place <- struct{}{}:
		defer func() { <-w.place }()
		return w.handle(ctx, w.re, rec, false)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail decides what becomes of an event whose handler returned err.
func (w *worker) fail(ctx context.Context, msg jetstream.Msg, rec es.Recorded, t *tries, delivered int, err error, quiet func()) (settled bool) {
	code, text := reason(err)
	log := w.log.With("seq", rec.Seq, "type", rec.Type, "code", code, "error", text)
	v := judge(err)
	if v == retry {
		if t.failed++; t.failed >= w.Attempts {
			v = refuse
		}
	}
	switch v {
	case refuse:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLimit)
		defer cancel()
		if err := w.bury(ctx, letter(w.re.Name, rec, err, w.Now(), delivered)); err != nil {
			log.Error("the dead letter cannot be written; trying again", "cause", err)
			break
		}
		log.Error("the event has become a dead letter", "deliveries", delivered)
		quiet()
		return w.settle(ctx, msg, rec, outcomeDead)
	case retry:
		w.count(outcomeRetry)
		log.Warn("the reactor has failed; trying again", "attempt", t.failed)
		_ = msg.NakWithDelay(w.delay(t.failed))
		return false
	case wait:
	}
	t.waited++
	w.count(outcomeWait)
	log.Warn("the reactor cannot work at the moment; trying again", "waits", t.waited)
	_ = msg.NakWithDelay(w.delay(t.waited))
	return false
}

// settle acknowledges, and makes sure of it: a lost acknowledgement would only
// repeat the effect, but after AckWait and with everything behind it waiting.
func (w *worker) settle(ctx context.Context, msg jetstream.Msg, rec es.Recorded, outcome string) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleLimit)
	defer cancel()
	w.count(outcome)
	if err := msg.DoubleAck(ctx); err != nil && !errors.Is(err, jetstream.ErrMsgAlreadyAckd) {
		w.log.Warn("an event was handled but not acknowledged; it comes again", "seq", rec.Seq, "error", err)
	}
	return true
}

func (w *worker) count(outcome string) { w.metrics.handled.WithLabelValues(w.re.Name, outcome).Inc() }

// signs tells the log that msg is being worked on until quiet is called,
// which may be called more than once.
func (w *worker) signs(msg jetstream.Msg) (quiet func()) {
	done := make(chan struct{})
	go func() {
		beat := time.NewTicker(w.AckWait / 3)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				_ = msg.InProgress()
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}
