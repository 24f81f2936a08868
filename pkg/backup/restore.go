package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/vault"
)

// Target is the empty deployment that a backup is restored into. Its streams
// are provisioned, and no service runs.
type Target struct {
	JS jetstream.JetStream
	// Erasures are those known beside the backup's own list.
	Erasures []Erasure
	// Audit is the folder that the audit's files are written to; empty: they
	// are left out. The caller flushes it.
	Audit string
	// SigningKey is a file with the audit's secret key, for a backup that does
	// not have it.
	SigningKey string
	Progress   func(done, total uint64) // events; may be nil
}

// Restored is what a restore has done.
type Restored struct {
	Manifest Manifest
	Keys     int // that stand
	// Again are the erasures that the restored log does not know. Their keys
	// are destroyed; somebody has to erase these people again, so that the log
	// says so too.
	Again []Erasure
}

// Empty returns ErrNotEmpty if there is anything that a restore could mix
// with. Streams that do not exist are empty. It changes nothing.
func Empty(ctx context.Context, js jetstream.JetStream) error {
	for _, name := range []string{esjs.StreamName, vault.Stream, deadStream} {
		s, err := js.Stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("restore: state of %s: %w", name, err)
		}
		state := s.CachedInfo().State
		if state.Msgs > 0 || name == esjs.StreamName && state.LastSeq > 0 {
			return fmt.Errorf("restore: %w: the stream %s holds %d messages. Nothing was changed; restore into a new server or folder", ErrNotEmpty, name, state.Msgs)
		}
		if name == esjs.StreamName && state.Consumers > 0 {
			return fmt.Errorf("restore: %w: %d consumers read the log. Nothing was changed; stop all services first, and delete consumers that are left", ErrNotEmpty, state.Consumers)
		}
	}
	return nil
}

// Restore verifies the backup in dir and brings it into t. Nothing is written
// if the backup is damaged or t is not empty.
//
// The keys of erased people are never stored: their markers are put in their
// place first. Then the events come, at the positions that they had, and last
// the places of reactors behind them. A restore that is interrupted leaves a
// system that is not empty: throw it away and restore into a new one.
func Restore(ctx context.Context, dir string, t Target) (out Restored, err error) {
	if out.Manifest, err = (verification{}).run(ctx, dir); err != nil {
		return out, err
	}
	m := out.Manifest
	if t.Audit != "" && m.VerifierKey != "" && m.SigningKey == nil && t.SigningKey == "" {
		return out, errors.New("restore: the backup has checkpoints but not the audit's signing key: name the file that you keep elsewhere. " +
			"Without it another key would be made, and the checkpoints would prove nothing")
	}
	if err := Empty(ctx, t.JS); err != nil {
		return out, err
	}
	e, err := LoadErasures(ErasuresIn(dir))
	if err != nil {
		return out, err
	}
	e.People = append(e.People, t.Erasures...)
	r := restorer{Target: t, dir: dir, ctx: ctx}
	if r.replicated, err = replicated(ctx, t.JS); err != nil {
		return out, err
	}
	if out.Keys, err = r.keys(m, e); err != nil {
		return out, err
	}
	if err := r.stream(m.Dead, func(Record) bool { return true }); err != nil {
		return out, err
	}
	if err := r.events(m); err != nil {
		return out, err
	}
	for _, c := range m.Consumers {
		if err := c.create(ctx, t.JS, m.Head); err != nil {
			return out, err
		}
	}
	if t.Audit != "" && m.VerifierKey != "" {
		if err := restoreAudit(dir, m, t.Audit, t.SigningKey); err != nil {
			return out, err
		}
	}
	out.Again = e.unknown(m.Head)
	return out, nil
}

func replicated(ctx context.Context, js jetstream.JetStream) (bool, error) {
	s, err := js.Stream(ctx, esjs.StreamName)
	if err != nil {
		return false, fmt.Errorf("restore: find the log: %w", err)
	}
	return s.CachedInfo().Config.Replicas > 1, nil
}

// restorer is one restore.
type restorer struct {
	Target
	dir        string
	ctx        context.Context
	replicated bool
	window     []sent
	acked      string // subject of the message acknowledged last
}

// sent is a message whose acknowledgement is still to come.
type sent struct {
	ack     jetstream.PubAckFuture
	subject string
	seq     uint64 // that it must get; 0: any
}

const (
	inFlight  = 1024
	stallWait = 30 * time.Second // for one acknowledgement
	// maxAttempts at an event that replicas refuse, with pauses of 1 ms doubling.
	maxAttempts = 12
)

// keys brings back the keys that may stand, and then a marker for each that
// must be gone and has none.
func (r *restorer) keys(m Manifest, e Erasures) (stand int, err error) {
	gone := e.destroyed()
	err = r.stream(m.Keys, func(k Record) bool {
		marker := isMarker(k)
		if !marker && gone[k.Subject] == "" {
			stand++
		}
		return marker || gone[k.Subject] == ""
	})
	if err != nil {
		return stand, err
	}
	keys := vault.NewStreamKeys(r.JS)
	for _, x := range e.People {
		for _, id := range x.keys() {
			if err := keys.Erase(r.ctx, id, x.Erasure); err != nil {
				return stand, fmt.Errorf("restore: erase %s again: %w", x.Person, err)
			}
		}
	}
	return stand, nil
}

// stream brings back the records of f that are wanted, at any position.
func (r *restorer) stream(f File, wanted func(Record) bool) error {
	err := readSegment(r.dir, f, func(rec Record) error {
		if !wanted(rec) {
			return nil
		}
		rec.Seq = 0
		return r.send(rec)
	})
	return errors.Join(err, r.settle(0))
}

func (r *restorer) events(m Manifest) error {
	for _, f := range m.Events {
		err := readSegment(r.dir, f, func(rec Record) error {
			if r.Progress != nil && (rec.Seq%progressEvery == 0 || rec.Seq == m.Head) {
				r.Progress(rec.Seq, m.Head)
			}
			return r.send(rec)
		})
		if err != nil {
			return errors.Join(err, r.settle(0))
		}
	}
	return r.settle(0)
}

// send publishes what was stored as it was stored. The headers that the first
// append was judged by are part of it: the expected last position of the
// subject holds again, because every event before is where it was. A header
// with the expected last position of the log would be stored as well, and change
// what the audit has hashed; the acknowledgement is compared instead.
func (r *restorer) send(rec Record) error {
	if len(r.window) >= inFlight {
		if err := r.settle(inFlight / 2); err != nil {
			return err
		}
	}
	if r.replicated && r.follows(rec.Subject) {
		if err := r.settle(0); err != nil {
			return err
		}
		return r.alone(rec)
	}
	ack, err := r.JS.PublishMsgAsync(&nats.Msg{Subject: rec.Subject, Header: rec.Header, Data: rec.Data},
		jetstream.WithStallWait(stallWait), jetstream.WithRetryAttempts(0))
	if err != nil {
		return fmt.Errorf("restore: store %s: %w", rec.Subject, err)
	}
	r.window = append(r.window, sent{ack, rec.Subject, rec.Seq})
	return nil
}

// follows reports whether a message of the subject was sent so recently that
// replicas may not be through with it: they refuse a second one until then, and
// a little longer than until the acknowledgement of the first.
func (r *restorer) follows(subject string) bool {
	return subject == r.acked || slices.ContainsFunc(r.window, func(s sent) bool { return s.subject == subject })
}

// alone stores rec while nothing else is on its way, so that it may be refused
// and sent again without losing its position to another.
func (r *restorer) alone(rec Record) error {
	for attempt := 0; ; attempt++ {
		ack, err := r.JS.PublishMsg(r.ctx, &nats.Msg{Subject: rec.Subject, Header: rec.Header, Data: rec.Data}, jetstream.WithRetryAttempts(0))
		if err == nil {
			r.acked = rec.Subject
			return inPlace(ack, rec.Seq)
		}
		api, ok := errors.AsType[*jetstream.APIError](err)
		if !ok || api.ErrorCode != jetstream.JSErrCodeStreamWrongLastSequenceConstant || attempt == maxAttempts {
			return fmt.Errorf("restore: store %s: %w", rec.Subject, err)
		}
		if err := sleep(r.ctx, time.Millisecond<<attempt); err != nil {
			return err
		}
	}
}

// inPlace returns an error unless the message was stored at seq, 0 for any.
func inPlace(ack *jetstream.PubAck, seq uint64) error {
	switch {
	case ack.Duplicate:
		return fmt.Errorf("restore: event %d was taken for a copy of the one at %d, whose message id it has. "+
			"Throw this system away, and provision the stream with a shorter window for duplicates", seq, ack.Sequence)
	case seq != 0 && ack.Sequence != seq:
		return fmt.Errorf("restore: event %d was stored at %d: somebody else writes to this log. Stop all services, and restore into a new system", seq, ack.Sequence)
	}
	return nil
}

// settle waits for acknowledgements until no more than left are missing.
func (r *restorer) settle(left int) error {
	timeout := time.NewTimer(stallWait)
	defer timeout.Stop()
	for len(r.window) > left {
		s := r.window[0]
		r.window = r.window[1:]
		select {
		case ack := <-s.ack.Ok():
			if err := inPlace(ack, s.seq); err != nil {
				return err
			}
			r.acked = s.subject
		case err := <-s.ack.Err():
			return fmt.Errorf("restore: store %s: %w", s.subject, err)
		case <-timeout.C:
			return fmt.Errorf("restore: the server has not acknowledged %s within %s", s.subject, stallWait)
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
		timeout.Reset(stallWait)
	}
	return nil
}

// NewFolder makes path, or returns ErrNotEmpty if there is anything in it.
func NewFolder(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return os.MkdirAll(path, 0o700)
	case err != nil:
		return fmt.Errorf("restore: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("restore: %w: there are files in %s already. Nothing was changed; name another folder", ErrNotEmpty, path)
	}
	return nil
}
