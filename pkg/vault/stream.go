package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/api/sealed"
	"kith/pkg/fault"
)

// Stream is the name of the stream of keys, and Subjects what it stores:
// key.<person>.<class>.
const (
	Stream   = "KEYS"
	Subjects = "key.*.*"
)

// StreamKeys are keys on a plain JetStream stream, one message per key.
//
// It is no key-value bucket, because a bucket's deletes leave the bytes on
// disk. Whoever reads may be shown an older state by a lagging replica; every
// write is therefore judged by the stream's leader through the expected last
// sequence of its subject.
type StreamKeys struct {
	js jetstream.JetStream

	mu     sync.Mutex
	stream jetstream.Stream // found at first use
}

// NewStreamKeys returns the keys on the stream that ProvisionKeys made. It
// does not talk to the server yet.
func NewStreamKeys(js jetstream.JetStream) *StreamKeys { return &StreamKeys{js: js} }

// ProvisionKeys creates the stream of keys or brings its settings up to date.
// Replicas is 1, 3 or 5.
//
// The stream is neither compressed nor limited: a limit would delete without
// overwriting, and the server's own encryption must be off for the same reason.
func ProvisionKeys(ctx context.Context, js jetstream.JetStream, replicas int) error {
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: Stream, Subjects: []string{Subjects},
		Description: "Wrapped data keys of people; a deleted message is an erased key",
		Storage:     jetstream.FileStorage, Replicas: replicas,
		Retention: jetstream.LimitsPolicy, Compression: jetstream.NoCompression,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1,
		AllowDirect: true, DenyPurge: true,
	})
	if err != nil {
		return fmt.Errorf("vault: provision stream %s: %w", Stream, err)
	}
	return nil
}

// stored is a message of the stream.
type stored struct {
	Key     []byte `json:"key,omitempty"`
	Erasure string `json:"erasure,omitempty"`
}

const maxAttempts = 12

// Create implements Keys.
func (k *StreamKeys) Create(ctx context.Context, id ID, wrapped []byte) (Record, error) {
	if err := id.valid(); err != nil {
		return Record{}, err
	}
	for attempt := range maxAttempts {
		won, err := k.first(ctx, id, stored{Key: wrapped})
		if err != nil {
			return Record{}, err
		}
		if won {
			return Record{Wrapped: wrapped}, nil
		}
		rec, err := k.Get(ctx, id)
		if !errors.Is(err, ErrNoKey) {
			return rec, err
		}
		// The leader has a record that this replica does not show yet.
		if err := pause(ctx, attempt); err != nil {
			return Record{}, err
		}
	}
	return Record{}, unavailable(fmt.Errorf("vault: create %s: gave up after %d attempts", id, maxAttempts))
}

// Get implements Keys.
func (k *StreamKeys) Get(ctx context.Context, id ID) (Record, error) {
	if err := id.valid(); err != nil {
		return Record{}, err
	}
	s, err := k.open(ctx)
	if err != nil {
		return Record{}, err
	}
	msg, err := s.GetLastMsgForSubject(ctx, subject(id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Record{}, ErrNoKey
	}
	if err != nil {
		return Record{}, unavailable(fmt.Errorf("vault: get %s: %w", id, err))
	}
	return parse(msg.Data)
}

// Erase implements Keys.
func (k *StreamKeys) Erase(ctx context.Context, id ID, erasure string) error {
	if err := erasable(id, erasure); err != nil {
		return err
	}
	var left error
	for attempt := range maxAttempts {
		var marked bool
		var err error
		if marked, left, err = k.sweep(ctx, id); err != nil || marked && left == nil {
			return err
		}
		// Only a subject that the leader knows to be empty takes the marker, so
		// it can never stand beside a key that was overlooked.
		if left == nil {
			if won, err := k.first(ctx, id, stored{Erasure: erasure}); err != nil || won {
				return err
			}
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return unavailable(errors.Join(fmt.Errorf("vault: erase %s: gave up after %d attempts", id, maxAttempts), left))
}

// sweep overwrites every key of id and reports whether the marker is there. It
// looks even where there is a marker: a backup may have brought a key back.
// left is why a key could not be overwritten: mostly because somebody else was
// faster, which only a look later on can tell from a failure.
func (k *StreamKeys) sweep(ctx context.Context, id ID) (marked bool, left, err error) {
	s, err := k.open(ctx)
	if err != nil {
		return false, nil, err
	}
	for seq := uint64(1); ; {
		msg, err := s.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(subject(id)))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return marked, left, nil
		}
		if err != nil {
			return false, nil, unavailable(fmt.Errorf("vault: sweep %s: %w", id, err))
		}
		seq = msg.Sequence + 1
		if rec, err := parse(msg.Data); err == nil && rec.Erasure != "" {
			marked = true
			continue
		}
		err = s.SecureDeleteMsg(ctx, msg.Sequence)
		if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
			left = err
		} else if err != nil {
			return false, nil, unavailable(fmt.Errorf("vault: overwrite %s: %w", id, err))
		}
	}
}

// first stores m if the subject is empty; won is false if it is not.
func (k *StreamKeys) first(ctx context.Context, id ID, m stored) (won bool, err error) {
	data, err := json.Marshal(m)
	if err != nil {
		return false, fmt.Errorf("vault: encode %s: %w", id, err)
	}
	_, err = k.js.Publish(ctx, subject(id), data,
		jetstream.WithExpectStream(Stream), jetstream.WithExpectLastSequencePerSubject(0))
	if coded(err, jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return false, nil
	}
	if err != nil {
		return false, unavailable(fmt.Errorf("vault: store %s: %w", id, err))
	}
	return true, nil
}

// Follow implements Keys.
func (k *StreamKeys) Follow(ctx context.Context, apply func(ID, Record) error, caughtUp func()) error {
	c, err := k.js.OrderedConsumer(ctx, Stream, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return unavailable(fmt.Errorf("vault: follow the keys: %w", err))
	}
	told := sync.OnceFunc(caughtUp)
	if info := c.CachedInfo(); info != nil && info.NumPending == 0 {
		told()
	}
	failed := make(chan error, 1)
	cc, err := c.Consume(func(m jetstream.Msg) {
		if len(failed) > 0 {
			return
		}
		if err := deliver(m, apply, told); err != nil {
			failed <- err
		}
	})
	if err != nil {
		return unavailable(fmt.Errorf("vault: follow the keys: %w", err))
	}
	defer cc.Stop()
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	case <-cc.Closed():
		if ctx.Err() != nil {
			return nil
		}
		return unavailable(errors.New("vault: following the keys has ended"))
	}
}

func deliver(m jetstream.Msg, apply func(ID, Record) error, caughtUp func()) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("vault: follow the keys: %w", err)
	}
	p := strings.Split(m.Subject(), ".")
	// One damaged record must not keep everybody's keys from being followed;
	// whoever needs it meets the error in Get.
	if rec, err := parse(m.Data()); err == nil && len(p) == 3 {
		if err := apply(ID{p[1], sealed.Class(p[2])}, rec); err != nil {
			return err
		}
	}
	if meta.NumPending == 0 {
		caughtUp()
	}
	return nil
}

// open finds the stream once.
func (k *StreamKeys) open(ctx context.Context) (jetstream.Stream, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stream == nil {
		s, err := k.js.Stream(ctx, Stream)
		if err != nil {
			return nil, unavailable(fmt.Errorf("vault: find stream %s: %w", Stream, err))
		}
		k.stream = s
	}
	return k.stream, nil
}

func subject(id ID) string { return "key." + id.String() }

func parse(data []byte) (Record, error) {
	var m stored
	if err := json.Unmarshal(data, &m); err != nil {
		return Record{}, fmt.Errorf("vault: malformed record: %w", err)
	}
	if (len(m.Key) == 0) == (m.Erasure == "") {
		return Record{}, errors.New("vault: malformed record: neither key nor erasure, or both")
	}
	return Record{Wrapped: m.Key, Erasure: m.Erasure}, nil
}

func coded(err error, codes ...jetstream.ErrorCode) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	if !ok {
		return false
	}
	for _, c := range codes {
		if api.ErrorCode == c {
			return true
		}
	}
	return false
}

func unavailable(err error) error {
	return &fault.Error{Code: fault.Unavailable, Detail: "The store of keys cannot be reached. Try again shortly.", Err: err}
}

// pause waits 1 ms, doubled per attempt up to 256 ms.
func pause(ctx context.Context, attempt int) error {
	select {
	case <-time.After(time.Millisecond << min(attempt, 8)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
