// Package direct reads messages of a stream by direct gets, which any replica
// answers and which take no consumer. nats.go has no call for batches; the
// protocol is that of ADR-31 of the NATS architecture.
package direct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	batchBytes = 8 << 20 // of one batch

	hStatus      = "Status"
	hDescription = "Description"
	hSubject     = "Nats-Subject"
	hSequence    = "Nats-Sequence"
	hTime        = "Nats-Time-Stamp"
	hPending     = "Nats-Num-Pending"

	statusEnd          = "204"
	statusNotFound     = "404"
	statusNoResponders = "503"
)

// added are the headers that the server puts behind those that are stored.
var added = [...]string{"Nats-Stream", hSubject, hSequence, hTime, hPending, "Nats-Last-Sequence"}

// Message is a stored message.
type Message struct {
	Seq     uint64
	Subject string
	Header  nats.Header // as stored
	Data    []byte

	stamp string
}

// Time is when the message was stored.
func (m Message) Time() (time.Time, error) { return time.Parse(time.RFC3339Nano, m.stamp) }

// Reader reads one stream. It is safe for concurrent use.
type Reader struct {
	nc   *nats.Conn
	get  string
	wait time.Duration
}

// New returns a reader of a stream that allows direct gets. wait is how long
// one answer of the server may take.
func New(js jetstream.JetStream, stream string, wait time.Duration) Reader {
	return Reader{js.Conn(), prefix(js.Options()) + "DIRECT.GET." + stream, wait}
}

func prefix(o jetstream.JetStreamOptions) string {
	switch {
	case o.Domain != "":
		return "$JS." + o.Domain + ".API."
	case o.APIPrefix != "":
		return strings.TrimSuffix(o.APIPrefix, ".") + "." // as the client takes it
	}
	return jetstream.DefaultAPIPrefix
}

// At returns the message at a position; ok is false if there is none.
func (r Reader) At(ctx context.Context, seq uint64) (m Message, ok bool, err error) {
	return r.one(ctx, r.get, fmt.Appendf(nil, `{"seq":%d}`, seq))
}

// Last returns the newest message of a subject; ok is false if there is none.
func (r Reader) Last(ctx context.Context, subject string) (m Message, ok bool, err error) {
	return r.one(ctx, r.get+"."+subject, nil)
}

func (r Reader) one(ctx context.Context, subject string, request []byte) (Message, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	msg, err := r.nc.RequestWithContext(ctx, subject, request)
	if err != nil {
		return Message{}, false, err
	}
	switch msg.Header.Get(hStatus) {
	case "":
		m, err := message(msg)
		return m, err == nil, err
	case statusNotFound:
		return Message{}, false, nil
	}
	return Message{}, false, unexpected(msg)
}

// Range says what a batch holds.
type Range struct {
	After    uint64 // position before the first
	Messages int    // at most; the server may send fewer, as it does beyond 8 MiB
	Subject  string // of which alone; empty: all
}

type request struct {
	Seq      uint64 `json:"seq"`
	Batch    int    `json:"batch"`
	MaxBytes int    `json:"max_bytes"`
	Subject  string `json:"next_by_subj,omitempty"`
}

// Batch calls each for the messages of b in order, and returns the position of
// the last one, b.After if there was none, and whether there is more. An error
// of each ends it and is returned. On a stream of several replicas it can miss
// the newest messages. The server stops in front of a message that it cannot
// read as it does at the end.
func (r Reader) Batch(ctx context.Context, b Range, each func(Message) error) (last uint64, more bool, err error) {
	// A channel as long as a batch: SubscribeSync would allocate one for 64k messages.
	answers := make(chan *nats.Msg, b.Messages+1)
	inbox := r.nc.NewInbox()
	sub, err := r.nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	req, err := json.Marshal(request{Seq: b.After + 1, Batch: b.Messages, MaxBytes: batchBytes, Subject: b.Subject})
	if err != nil {
		return 0, false, err
	}
	if err := r.nc.PublishRequest(r.get, inbox, req); err != nil {
		return 0, false, err
	}
	timeout := time.NewTimer(r.wait)
	defer timeout.Stop()
	for last = b.After; ; {
		var msg *nats.Msg
		select {
		case msg = <-answers:
		case <-timeout.C:
			return 0, false, nats.ErrTimeout
		case <-ctx.Done():
			return 0, false, ctx.Err()
		}
		switch msg.Header.Get(hStatus) {
		case "":
		case statusNotFound:
			return last, false, nil
		case statusEnd:
			return last, msg.Header.Get(hPending) != "0" && last > b.After, nil
		case statusNoResponders:
			return 0, false, nats.ErrNoResponders
		default:
			return 0, false, unexpected(msg)
		}
		m, err := message(msg)
		if err != nil {
			return 0, false, err
		}
		if m.Seq <= last {
			return 0, false, fmt.Errorf("direct: position %d came after %d", m.Seq, last)
		}
		last = m.Seq
		if err := each(m); err != nil {
			return 0, false, err
		}
		timeout.Reset(r.wait) // the caller's time does not count
	}
}

func unexpected(msg *nats.Msg) error {
	return fmt.Errorf("direct: the server answers %s %s", msg.Header.Get(hStatus), msg.Header.Get(hDescription))
}

// message takes the server's headers off what is stored. They come last, behind
// any of the same name that the message may have brought.
func message(msg *nats.Msg) (Message, error) {
	m := Message{Subject: newest(msg.Header[hSubject]), Header: msg.Header, Data: msg.Data, stamp: newest(msg.Header[hTime])}
	seq, err := strconv.ParseUint(newest(msg.Header[hSequence]), 10, 64)
	if err != nil || m.Subject == "" {
		return m, errors.New("direct: the server's answer has no position or subject")
	}
	m.Seq = seq
	for _, k := range added {
		if v := m.Header[k]; len(v) > 1 {
			m.Header[k] = v[:len(v)-1]
		} else {
			delete(m.Header, k)
		}
	}
	return m, nil
}

func newest(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
