package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/host"
	"kith/pkg/natsd"
	"kith/pkg/vault"
)

// prepare writes a log of n events, and the keys that their texts are sealed
// with, into the data folder. It waits for no flush but the last: what is
// measured on the log later on is not its making.
func prepare(ctx context.Context, data string, n int) error {
	server, conn, err := ownLog(data, time.Minute)
	if err != nil {
		return err
	}
	defer server.Shutdown()
	defer conn.Close()
	return write(ctx, conn, data, n)
}

// ownLog runs the log of a data folder in this process, as the all-in-one does.
func ownLog(data string, sync time.Duration) (*natsd.Server, *nats.Conn, error) {
	server, err := natsd.Start(natsd.Config{Dir: filepath.Join(data, "log"), Sync: sync, DontListen: true, Logger: quiet()})
	if err != nil {
		return nil, nil, err
	}
	conn, err := server.Conn()
	if err != nil {
		server.Shutdown()
		return nil, nil, err
	}
	return server, conn, nil
}

func masterKey(data string) string { return filepath.Join(data, "master.key") }

// write fills an empty log with n events or a few more. The key that wraps all
// others goes into the data folder.
func write(ctx context.Context, conn *nats.Conn, data string, n int) error {
	begin := time.Now()
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	master, err := vault.CreateMaster(masterKey(data))
	if err != nil {
		return err
	}
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(2048))
	if err != nil {
		return err
	}
	if err := host.Provision(ctx, js, 1, quiet()); err != nil {
		return err
	}
	w := &writer{js: js, codec: host.Codec(), vault: vault.New(master, vault.NewStreamKeys(js), rand.Reader),
		last: map[string]uint64{}, at: time.Now().Add(-365 * 24 * time.Hour), step: 365 * 24 * time.Hour / time.Duration(n)}
	if err := newOrganisation(w, master.Secret("reservation"), n).write(ctx, n); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	note("prepared %d events in %s", w.seq, time.Since(begin).Round(100*time.Millisecond))
	return nil
}

// writer appends events in their order without waiting for each. It is the
// log's only writer, and so knows every position beforehand.
type writer struct {
	js    jetstream.JetStream
	codec *es.Codec
	vault *vault.Vault
	seq   uint64
	last  map[string]uint64 // by subject
	at    time.Time         // of the next event
	step  time.Duration
	ack   jetstream.PubAckFuture // of the last event
}

// add appends e, its texts sealed, and returns its position.
func (w *writer) add(ctx context.Context, s es.Stream, actor string, e es.Event) (uint64, error) {
	command := es.ID("load", strconv.FormatUint(w.seq, 10))
	sealed, err := w.vault.Seal(ctx, es.EventID(s, command), e)
	if err != nil {
		return 0, err
	}
	w.at = w.at.Add(w.step)
	env, err := w.codec.EncodeEnvelope(s, es.Meta{Command: command, Request: command, Actor: actor, Access: w.seq}, w.at, sealed)
	if err != nil {
		return 0, err
	}
	subject := s.Subject()
	h := nats.Header(env.Header)
	h[nats.ExpectedLastSubjSeqHdr] = []string{strconv.FormatUint(w.last[subject], 10)}
	if w.ack, err = w.js.PublishMsgAsync(&nats.Msg{Subject: subject, Header: h, Data: env.Data}, jetstream.WithStallWait(stallLimit)); err != nil {
		return 0, fmt.Errorf("append %s: %w", e.EventType(), err)
	}
	w.seq++
	w.last[subject] = w.seq
	return w.seq, nil
}

// flush waits for what was added, and fails unless all of it is where it
// should be.
func (w *writer) flush(ctx context.Context) error {
	select {
	case <-w.js.PublishAsyncComplete():
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case ack := <-w.ack.Ok():
		if ack.Sequence != w.seq {
			return fmt.Errorf("the last event is at %d, not %d", ack.Sequence, w.seq)
		}
		return nil
	case err := <-w.ack.Err():
		return err
	}
}

// stallLimit is how long the server may be behind with acknowledgements.
const stallLimit = 30 * time.Second
