package esjs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"kith/pkg/es"
)

const (
	batchMessages = 256
	batchBytes    = 8 << 20

	hStatus      = "Status"
	hDescription = "Description"
	hSubject     = "Nats-Subject"
	hSequence    = "Nats-Sequence"
	hPending     = "Nats-Num-Pending"

	statusEnd          = "204"
	statusNotFound     = "404"
	statusNoResponders = "503"
)

// added are the headers that a direct get puts on what is stored.
var added = [...]string{"Nats-Stream", hSubject, hSequence, "Nats-Time-Stamp", hPending, "Nats-Last-Sequence"}

// batchRequest asks for messages from a position on, of one subject or (empty)
// of all. nats.go
// has no call for it; the protocol is that of ADR-31 of the NATS architecture.
type batchRequest struct {
	Seq      uint64 `json:"seq"`
	Batch    int    `json:"batch"`
	MaxBytes int    `json:"max_bytes"`
	Subject  string `json:"next_by_subj,omitempty"`
}

// Load implements es.Store. On a stream of several replicas it can miss the
// newest events; the expectation of Append notices.
func (s *Store) Load(ctx context.Context, st es.Stream, after uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := s.load(ctx, st, after, yield); err != nil && !errors.Is(err, errStopped) {
			yield(es.Recorded{}, err)
		}
	}
}

// errStopped: the caller has seen enough and must not be called again.
var errStopped = errors.New("stopped")

func (s *Store) load(ctx context.Context, st es.Stream, after uint64, yield func(es.Recorded, error) bool) error {
	if err := st.Valid(); err != nil {
		return err
	}
	for {
		last, more, err := s.batch(ctx, st.Subject(), after, batchMessages, yield)
		if err != nil || !more {
			return err
		}
		after = last
	}
}

// batch yields up to n messages after position after, of one subject or
// (empty) of all, and says where it ended and whether there is more.
func (s *Store) batch(ctx context.Context, subject string, after uint64, n int, yield func(es.Recorded, error) bool) (last uint64, more bool, err error) {
	// A channel as long as a batch: SubscribeSync would allocate one for 64k messages.
	answers := make(chan *nats.Msg, n+1)
	inbox := s.nc.NewInbox()
	sub, err := s.nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return 0, false, s.failed(ctx, "load "+subject, err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	req, err := json.Marshal(batchRequest{Seq: after + 1, Batch: n, MaxBytes: batchBytes, Subject: subject})
	if err != nil {
		return 0, false, fmt.Errorf("esjs: load %s: %w", subject, err)
	}
	if err := s.nc.PublishRequest(s.get, inbox, req); err != nil {
		return 0, false, s.failed(ctx, "load "+subject, err)
	}
	timeout := time.NewTimer(s.wait)
	defer timeout.Stop()
	for last = after; ; {
		var msg *nats.Msg
		select {
		case msg = <-answers:
		case <-timeout.C:
			return 0, false, s.failed(ctx, "load "+subject, nats.ErrTimeout)
		case <-ctx.Done():
			return 0, false, s.failed(ctx, "load "+subject, ctx.Err())
		}
		switch status := msg.Header.Get(hStatus); status {
		case "":
		case statusNotFound:
			return last, false, nil
		case statusEnd:
			return last, msg.Header.Get(hPending) != "0" && last > after, nil
		case statusNoResponders:
			return 0, false, s.failed(ctx, "load "+subject, nats.ErrNoResponders)
		default:
			return 0, false, fmt.Errorf("esjs: load %s: the server answers %s %s", subject, status, msg.Header.Get(hDescription))
		}
		seq, err := position(msg.Header)
		if err != nil {
			return 0, false, err
		}
		if seq <= last {
			return 0, false, fmt.Errorf("esjs: load %s: position %d came after %d", subject, seq, last)
		}
		last = seq
		of := subject
		if v := msg.Header[hSubject]; of == "" && len(v) > 0 {
			of = v[len(v)-1]
		}
		strip(msg.Header)
		if !yield(s.codec.DecodeEnvelope(seq, of, es.Stored{Header: msg.Header, Data: msg.Data}), nil) {
			return 0, false, errStopped
		}
		timeout.Reset(s.wait) // the caller's time does not count
	}
}

// strip takes off the headers that a direct get has put behind the stored ones.
func strip(h nats.Header) {
	for _, k := range added {
		if v := h[k]; len(v) > 1 {
			h[k] = v[:len(v)-1]
		} else {
			delete(h, k)
		}
	}
}

// position of a message that a direct get answered. The server's headers come
// last, behind any that the message may have brought.
func position(h nats.Header) (uint64, error) {
	if v := h[hSequence]; len(v) > 0 {
		if seq, err := strconv.ParseUint(v[len(v)-1], 10, 64); err == nil {
			return seq, nil
		}
	}
	return 0, errors.New("esjs: the server's answer has no position")
}
