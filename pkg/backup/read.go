package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
)

const (
	batchMessages = 1024
	batchBytes    = 8 << 20
	answerWait    = 5 * time.Second
	// A replica that lags behind the leader is asked again so often, with a
	// pause of lagPause, before what it lacks counts as lost.
	lagAttempts = 25
	lagPause    = 200 * time.Millisecond

	hStatus    = "Status"
	hSubject   = "Nats-Subject"
	hSequence  = "Nats-Sequence"
	hTime      = "Nats-Time-Stamp"
	hPending   = "Nats-Num-Pending"
	statusEnd  = "204"
	statusNone = "404"
)

// added are the headers that a direct get puts behind what is stored.
var added = [...]string{"Nats-Stream", hSubject, hSequence, hTime, hPending, "Nats-Last-Sequence"}

// reader reads whole streams by batched direct gets, which every service may
// do. esjs.Range reads the log only, and decodes it.
type reader struct {
	js  jetstream.JetStream
	nc  *nats.Conn
	api string
}

func newReader(js jetstream.JetStream) reader {
	r := reader{js: js, nc: js.Conn(), api: jetstream.DefaultAPIPrefix}
	switch o := js.Options(); {
	case o.Domain != "":
		r.api = "$JS." + o.Domain + ".API."
	case o.APIPrefix != "":
		r.api = o.APIPrefix
	}
	return r
}

func (r reader) info(ctx context.Context, stream string) (jetstream.StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	s, err := r.js.Stream(ctx, stream)
	if err != nil {
		return jetstream.StreamState{}, fmt.Errorf("backup: state of %s: %w", stream, err)
	}
	return s.CachedInfo().State, nil
}

// last is the position of the newest message, by the stream's leader.
func (r reader) last(ctx context.Context, stream string) (uint64, error) {
	s, err := r.info(ctx, stream)
	return s.LastSeq, err
}

// stretch reads the log after position after up to to. Returns ErrGap if a
// position is missing.
func (r reader) stretch(ctx context.Context, after, to uint64, each func(Record) error) error {
	next := after + 1
	inOrder := func(rec Record) error {
		if rec.Seq != next {
			return gap(next)
		}
		next++
		return each(rec)
	}
	for failed := 0; next <= to; {
		last, _, err := r.batch(ctx, esjs.StreamName, next-1, int(min(to-next+1, batchMessages)), inOrder)
		if err != nil {
			return err
		}
		if last != 0 {
			failed = 0
			continue
		}
		if failed++; failed == lagAttempts {
			return gap(next)
		}
		if err := sleep(ctx, lagPause); err != nil {
			return err
		}
	}
	return nil
}

func gap(seq uint64) error {
	return fmt.Errorf("backup: %w: event %d cannot be read. Nothing was written; kith audit verify says what else is damaged. "+
		"Restore the log from a replica or from the backup before", ErrGap, seq)
}

// state reads all that a stream of state holds. It fails rather than leave out
// what the server cannot read: the file of the last run would be given up for it.
func (r reader) state(ctx context.Context, stream string) ([]Record, error) {
	for attempt := 1; ; attempt++ {
		before, err := r.info(ctx, stream)
		if err != nil {
			return nil, err
		}
		var all []Record
		for after, more := uint64(0), true; more; {
			var last uint64
			if last, more, err = r.batch(ctx, stream, after, batchMessages, func(rec Record) error {
				all = append(all, rec)
				return nil
			}); err != nil {
				return nil, err
			}
			after = max(last, after)
		}
		after, err := r.info(ctx, stream)
		if err != nil {
			return nil, err
		}
		// Whatever is there now and not new was there all the time.
		if fresh := after.LastSeq - before.LastSeq; uint64(len(all))+fresh >= after.Msgs {
			return newest(all), nil
		}
		if attempt == lagAttempts {
			return nil, fmt.Errorf("backup: the stream %s gives %d of its %d messages: it is damaged. Restore it from a replica or from the backup before", stream, len(all), after.Msgs)
		}
		if err := sleep(ctx, lagPause); err != nil {
			return nil, err
		}
	}
}

// newest keeps the last record of each subject.
func newest(all []Record) []Record {
	last := make(map[string]uint64, len(all))
	for _, r := range all {
		last[r.Subject] = r.Seq
	}
	out := all[:0]
	for _, r := range all {
		if last[r.Subject] == r.Seq {
			out = append(out, r)
		}
	}
	return out
}

// batch calls each for up to n messages after position after. last is the
// position of the last one, 0 if there was none.
func (r reader) batch(ctx context.Context, stream string, after uint64, n int, each func(Record) error) (last uint64, more bool, err error) {
	failed := func(err error) error { return fmt.Errorf("backup: read %s after %d: %w", stream, after, err) }
	answers := make(chan *nats.Msg, n+1)
	inbox := r.nc.NewInbox()
	sub, err := r.nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return 0, false, failed(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	req, err := json.Marshal(map[string]any{"seq": after + 1, "batch": n, "max_bytes": batchBytes})
	if err != nil {
		return 0, false, failed(err)
	}
	if err := r.nc.PublishRequest(r.api+"DIRECT.GET."+stream, inbox, req); err != nil {
		return 0, false, failed(err)
	}
	timeout := time.NewTimer(answerWait)
	defer timeout.Stop()
	for {
		var msg *nats.Msg
		select {
		case msg = <-answers:
		case <-timeout.C:
			return 0, false, failed(nats.ErrTimeout)
		case <-ctx.Done():
			return 0, false, failed(ctx.Err())
		}
		switch status := msg.Header.Get(hStatus); status {
		case "":
		case statusNone:
			return last, false, nil
		case statusEnd:
			return last, last > 0 && msg.Header.Get(hPending) != "0", nil
		default:
			return 0, false, failed(fmt.Errorf("the server answers %s %s", status, msg.Header.Get("Description")))
		}
		rec, err := recordOf(msg)
		if err != nil {
			return 0, false, failed(err)
		}
		last = rec.Seq
		if err := each(rec); err != nil {
			return 0, false, err
		}
		timeout.Reset(answerWait)
	}
}

// recordOf takes the server's headers off what is stored. They come last,
// behind any of the same name that the message may have brought.
func recordOf(msg *nats.Msg) (rec Record, err error) {
	server := map[string]string{}
	for _, k := range added {
		v := msg.Header[k]
		if len(v) == 0 {
			continue
		}
		server[k] = v[len(v)-1]
		if len(v) > 1 {
			msg.Header[k] = v[:len(v)-1]
		} else {
			delete(msg.Header, k)
		}
	}
	rec = Record{Subject: server[hSubject], Header: msg.Header, Data: msg.Data}
	if rec.Seq, err = strconv.ParseUint(server[hSequence], 10, 64); err != nil || rec.Subject == "" {
		return rec, errors.New("the server's answer has no position or subject")
	}
	rec.Time, err = time.Parse(time.RFC3339Nano, server[hTime])
	return rec, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
