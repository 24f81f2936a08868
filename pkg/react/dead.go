package react

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/fault"
)

// Letter is an event that a reactor could not handle. It holds no personal text.
type Letter struct {
	ID       string    `json:"id"` // "<reactor>.<seq>"
	Reactor  string    `json:"reactor"`
	Event    string    `json:"event"` // id of the event
	Seq      uint64    `json:"seq"`   // its position in the log
	Subject  string    `json:"subject"`
	Type     string    `json:"type"`
	Schema   int       `json:"schema"`
	Code     string    `json:"code"`  // of a fault, or one of this package's codes
	Error    string    `json:"error"` // detail of a fault, or the kind of error
	Time     time.Time `json:"time"`  // of the last failure
	Attempts int       `json:"attempts"`
	// Place orders letters by their last failure; List goes on after it. It is
	// not part of what is stored.
	Place uint64 `json:"place,omitempty"`
}

const (
	deadStream = "DEAD"
	deadPrefix = "dead."
)

// ProvisionDead creates the stream of dead letters, or brings it up to date.
// There is one message for each letter: a literal subject holds the newest,
// so that an event buried twice, or failing again, is still one letter.
func ProvisionDead(ctx context.Context, js jetstream.JetStream, replicas int) error {
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: deadStream, Description: "events that reactors could not handle",
		Subjects: []string{deadPrefix + "*.*"}, Storage: jetstream.FileStorage, Replicas: replicas,
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardOld, AllowDirect: true,
	})
	if err != nil {
		return fmt.Errorf("provision %s: %w", deadStream, err)
	}
	return nil
}

func letter(reactor string, r es.Recorded, err error, now time.Time, attempts int) Letter {
	code, text := reason(err)
	return Letter{
		ID: reactor + "." + strconv.FormatUint(r.Seq, 10), Reactor: reactor,
		Event: r.ID, Seq: r.Seq, Subject: r.Stream.Subject(), Type: r.Type, Schema: r.Schema,
		Code: code, Error: text, Time: now.UTC(), Attempts: attempts,
	}
}

// bury stores l in place of an earlier letter about the same event.
func (r *Runner) bury(ctx context.Context, l Letter) error {
	l.Place = 0
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = r.JS.PublishMsg(ctx, &nats.Msg{Subject: deadPrefix + l.ID, Data: data}, jetstream.WithExpectStream(deadStream))
	return err
}

// DeadLetters reads dead letters and settles them.
type DeadLetters struct {
	runner   *Runner
	reactors map[string]Reactor
}

// DeadLetters gives access to the dead letters of the whole deployment. Those
// of reactors can be replayed.
func (r *Runner) DeadLetters(reactors ...Reactor) *DeadLetters {
	d := &DeadLetters{r, map[string]Reactor{}}
	for _, re := range reactors {
		d.reactors[re.Name] = re
	}
	return d
}

// MaxLetters bounds one answer of List.
const MaxLetters = 500

// List returns up to limit letters (1 to MaxLetters) whose place is after
// after, in the order of their last failure.
func (d *DeadLetters) List(ctx context.Context, after uint64, limit int) ([]Letter, error) {
	if limit < 1 || limit > MaxLetters {
		return nil, fault.InvalidField("limit", fmt.Sprintf("must be 1 to %d", MaxLetters))
	}
	stream, err := d.stream(ctx)
	if err != nil {
		return nil, err
	}
	letters := []Letter{}
	for len(letters) < limit {
		msg, err := stream.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(deadPrefix+">"))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			return nil, unavailable(err)
		}
		l, err := parseLetter(msg)
		if err != nil {
			return nil, err
		}
		letters, after = append(letters, l), msg.Sequence
	}
	return letters, nil
}

// Get returns a letter. Returns NotFound if there is none of that id.
func (d *DeadLetters) Get(ctx context.Context, id string) (Letter, error) {
	name, seq, ok := strings.Cut(id, ".")
	if _, err := strconv.ParseUint(seq, 10, 63); !ok || err != nil || !validName(name) {
		return Letter{}, notFound(id)
	}
	stream, err := d.stream(ctx)
	if err != nil {
		return Letter{}, err
	}
	msg, err := stream.GetLastMsgForSubject(ctx, deadPrefix+id)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Letter{}, notFound(id)
	}
	if err != nil {
		return Letter{}, unavailable(err)
	}
	return parseLetter(msg)
}

// Replay gives the event to its reactor again, among those it has in flight.
// On success the letter is removed; otherwise it stays, with the new reason,
// and the error is returned. Returns NotFound if there is no such letter and
// Conflict if its reactor does not run in this process.
func (d *DeadLetters) Replay(ctx context.Context, id string) error {
	l, err := d.Get(ctx, id)
	if err != nil {
		return err
	}
	re, ok := d.reactors[l.Reactor]
	if !ok {
		return fault.New(fault.Conflict, "The reactor %s does not run here; replay the letter in the service that has it.", l.Reactor)
	}
	rec, err := d.load(ctx, l)
	if err != nil {
		return err
	}
	place := d.runner.place(re)
	select {
	case place <- struct{}{}:
		defer func() { <-place }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err = d.runner.handle(ctx, re, rec, true)
	log := d.runner.Log.With("reactor", l.Reactor, "seq", l.Seq, "type", l.Type)
	if err == nil {
		log.Info("a dead letter was replayed")
		return d.remove(ctx, l)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("replay %s: %w", id, err) // nothing new is known about it
	}
	again := letter(l.Reactor, rec, err, d.runner.Now(), l.Attempts+1)
	log.Warn("a dead letter has failed again", "code", again.Code, "error", again.Error)
	if err := d.runner.bury(ctx, again); err != nil {
		return unavailable(err)
	}
	return fmt.Errorf("replay %s: %w", id, err)
}

// Discard removes a letter for good; the event stays without effect. actor is
// a person id and why a short reason without personal text; both go to the
// process's log. Returns NotFound, or Invalid if either is missing.
func (d *DeadLetters) Discard(ctx context.Context, id, actor, why string) error {
	if actor == "" {
		return fault.InvalidField("actor", "is required")
	}
	if why == "" || utf8.RuneCountInString(why) > 200 {
		return fault.InvalidField("reason", "is required, at most 200 characters")
	}
	l, err := d.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := d.remove(ctx, l); err != nil {
		return err
	}
	d.runner.Log.Warn("a dead letter was discarded", "reactor", l.Reactor, "seq", l.Seq, "type", l.Type, "code", l.Code, "actor", actor, "reason", why)
	return nil
}

func (d *DeadLetters) stream(ctx context.Context) (jetstream.Stream, error) {
	s, err := d.runner.JS.Stream(ctx, deadStream)
	if err != nil {
		return nil, unavailable(err)
	}
	return s, nil
}

// remove deletes the letter as it was read: one that failed anew meanwhile stays.
func (d *DeadLetters) remove(ctx context.Context, l Letter) error {
	s, err := d.stream(ctx)
	if err != nil {
		return err
	}
	if err := s.DeleteMsg(ctx, l.Place); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) && !errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		return unavailable(err)
	}
	return nil
}

// load reads the event of l from the log.
func (d *DeadLetters) load(ctx context.Context, l Letter) (es.Recorded, error) {
	log, err := d.runner.JS.Stream(ctx, d.runner.Stream)
	if err != nil {
		return es.Recorded{}, unavailable(err)
	}
	msg, err := log.GetMsg(ctx, l.Seq)
	if err != nil {
		return es.Recorded{}, unavailable(err)
	}
	for _, h := range []string{jetstream.StreamHeader, jetstream.SequenceHeader, jetstream.TimeStampHeaer, jetstream.SubjectHeader, jetstream.LastSequenceHeader} {
		delete(msg.Header, h) // of the answer, not of what is stored
	}
	rec := d.runner.Codec.DecodeEnvelope(l.Seq, msg.Subject, es.Stored{Header: msg.Header, Data: msg.Data})
	if rec.ID != l.Event {
		return rec, fault.New(fault.Conflict, "The log holds another event at position %d than the letter names.", l.Seq)
	}
	return rec, nil
}

func parseLetter(msg *jetstream.RawStreamMsg) (Letter, error) {
	var l Letter
	if err := json.Unmarshal(msg.Data, &l); err != nil {
		return l, &fault.Error{Code: fault.Internal, Detail: fmt.Sprintf("The dead letter at %d cannot be read.", msg.Sequence), Err: err}
	}
	l.Place = msg.Sequence
	return l, nil
}

func notFound(id string) error {
	return fault.New(fault.NotFound, "There is no dead letter %q.", id)
}

func unavailable(err error) error {
	return &fault.Error{Code: fault.Unavailable, Detail: "The dead letters cannot be reached; try again.", Err: err}
}
