package backup_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/backup"
	"kith/pkg/es"
)

func TestRoundTrip(t *testing.T) {
	from, dir := newBed(t, 0), t.TempDir()
	from.person("ann")
	from.person("bob")
	from.things(2500)
	if _, err := from.js.Publish(t.Context(), "dead.r.7", []byte(`{"seq":7}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := from.js.Publish(t.Context(), "dead.r.99999", []byte(`{"seq":99999}`)); err != nil {
		t.Fatal(err)
	}
	m := from.backup(dir)
	if m.Head != 2500 || m.Keys.Records != 4 || m.Dead.Records != 1 {
		t.Fatalf("%+v", m)
	}
	if err := verify(t, dir); err != nil {
		t.Fatal(err)
	}
	to := newBed(t, 0)
	out, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js})
	if err != nil {
		t.Fatal(err)
	}
	if out.Keys != 4 || len(out.Again) != 0 {
		t.Errorf("%+v", out)
	}
	if !slices.Equal(from.standing("EVENTS"), to.standing("EVENTS")) {
		t.Error("the events are not stored as they were")
	}
	if !slices.Equal(from.standing("KEYS"), to.standing("KEYS")) {
		t.Error("the keys are not stored as they were")
	}
	if got := to.standing("DEAD"); len(got) != 1 || !strings.Contains(got[0], "dead.r.7") {
		t.Errorf("dead letters: %v", got)
	}
	// The restored log is the same log: both go on, and the backup with it.
	if seq := to.append(es.Stream{Context: "test", Aggregate: "thing", ID: "0"}, noted{-1}); seq != 2501 {
		t.Errorf("the next event is at %d", seq)
	}
	if m := to.backup(dir); m.Head != 2501 || len(m.Events) != 2 {
		t.Errorf("%+v", m)
	}
	if _, err := backup.Run(t.Context(), dir, from.source()); !errors.Is(err, backup.ErrOther) {
		t.Errorf("a log that lacks what the backup has: %v", err)
	}
	other := newBed(t, 0)
	other.things(2600)
	if _, err := backup.Run(t.Context(), dir, other.source()); !errors.Is(err, backup.ErrOther) {
		t.Errorf("another log: %v", err)
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
}

func TestASecondRunAddsOnlyWhatIsNew(t *testing.T) {
	b, dir := newBed(t, 0), t.TempDir()
	b.things(30)
	b.backup(dir)
	first := read(t, dir)
	b.things(5)
	b.backup(dir)
	second := read(t, dir)
	var segments []string
	for name := range second {
		if strings.HasPrefix(name, "events-") {
			segments = append(segments, name)
		}
	}
	slices.Sort(segments)
	if want := []string{"events-000000000001-000000000030.seg", "events-000000000031-000000000035.seg"}; !slices.Equal(segments, want) {
		t.Fatalf("segments %v", segments)
	}
	if first[segments[0]] != second[segments[0]] {
		t.Error("the first segment was written again")
	}
	b.backup(dir)
	if third := read(t, dir); len(third) != len(second) {
		t.Errorf("a run with nothing new changed the files from %d to %d", len(second), len(third))
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
}

func TestABackupOfALogAtWorkIsWhole(t *testing.T) {
	b, dir := newBed(t, 0), t.TempDir()
	b.things(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 40 {
			person := fmt.Sprint("p", i)
			b.person(person)
			b.things(20)
			b.erase(person, i%2 == 0)
		}
	}()
	for runs, ended := 0, false; !ended; runs++ {
		select {
		case <-done:
			ended = true
		default:
		}
		m := b.backup(dir)
		if err := verify(t, dir); err != nil {
			t.Fatal(err)
		}
		if ended && (m.Head != 841 || m.Keys.Records != 80) {
			t.Errorf("after %d runs: %+v", runs, m)
		}
	}
	to := newBed(t, 0)
	if out, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js}); err != nil || out.Keys != 20 || len(out.Again) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if !slices.Equal(b.standing("EVENTS"), to.standing("EVENTS")) {
		t.Error("the events are not stored as they were")
	}
}

func TestDamageIsFoundAndNotRestored(t *testing.T) {
	b, dir := newBed(t, 0), t.TempDir()
	b.person("ann")
	b.things(20)
	b.backup(dir)
	b.things(20)
	b.backup(dir)
	whole := read(t, dir)
	for name, data := range whole {
		if name == "backup.lock" {
			continue
		}
		for at := range 7 {
			i := at * (len(data) - 1) / 6
			flipped := []byte(data)
			flipped[i] ^= 0x10
			if err := os.WriteFile(filepath.Join(dir, name), flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := verify(t, dir); err == nil || name != "manifest.json" && !strings.Contains(err.Error(), name) {
				t.Errorf("byte %d of %s flipped: %v", i, name, err)
			}
		}
		to := newBed(t, 0)
		if _, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js}); err == nil {
			t.Errorf("with %s damaged it was restored", name)
		} else if err := backup.Empty(t.Context(), to.js); err != nil {
			t.Errorf("with %s damaged: %v", name, err)
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := verify(t, dir); err == nil {
			t.Errorf("%s is missing, and nobody noticed", name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedRunLeavesTheBackupBefore(t *testing.T) {
	b, dir, files := newBed(t, 0), t.TempDir(), t.TempDir()
	b.person("ann")
	b.things(10)
	b.backup(dir)
	before := read(t, dir)
	b.things(10)
	b.person("bob")
	// It ends after the new segment, where the audit's folder should be.
	s := b.source()
	s.Audit = filepath.Join(files, "missing")
	if _, err := backup.Run(t.Context(), dir, s); err == nil {
		t.Fatal("it was not interrupted")
	}
	broken := read(t, dir)
	if broken["events-000000000011-000000000020.seg"] == "" {
		t.Fatal("it was interrupted before the segment")
	}
	if broken["manifest.json"] != before["manifest.json"] {
		t.Error("the manifest has changed")
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "123.part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.things(1)
	if m := b.backup(dir); m.Head != 21 || len(m.Events) != 2 {
		t.Errorf("%+v", m)
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
	if after := read(t, dir); after["123.part"] != "" || after["events-000000000011-000000000020.seg"] != "" {
		t.Error("what was left over is still there")
	}
}

func TestOnlyAnEmptySystemIsRestoredInto(t *testing.T) {
	b, dir := newBed(t, 0), t.TempDir()
	b.person("ann")
	b.things(10)
	b.backup(dir)
	for name, fill := range map[string]func(*bed){
		"an event": func(b *bed) { b.things(1) },
		"a key":    func(b *bed) { b.person("x") },
		"a reactor": func(b *bed) {
			if _, err := b.js.CreateConsumer(b.t.Context(), "EVENTS", jetstream.ConsumerConfig{Durable: "r"}); err != nil {
				b.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			to := newBed(t, 0)
			fill(to)
			before := fmt.Sprint(to.standing("EVENTS"), to.standing("KEYS"))
			if _, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js}); !errors.Is(err, backup.ErrNotEmpty) {
				t.Errorf("%v, want %v", err, backup.ErrNotEmpty)
			}
			if after := fmt.Sprint(to.standing("EVENTS"), to.standing("KEYS")); after != before {
				t.Errorf("it was changed to %s", after)
			}
		})
	}
}

// Two events can only have one message id if somebody else writes to the log.
// Restored within the window for duplicates, the second must not be lost in
// silence.
func TestASwallowedDuplicateIsAnError(t *testing.T) {
	from, dir := newBed(t, 100*time.Millisecond), t.TempDir()
	for i := range 2 {
		// Until the window has passed the second is taken for a copy here too.
		for copied := true; copied; {
			ack, err := from.js.PublishMsg(t.Context(), &nats.Msg{Subject: fmt.Sprint("evt.test.thing.", i), Header: nats.Header{"Nats-Msg-Id": {"x"}}})
			if err != nil {
				t.Fatal(err)
			}
			copied = ack.Duplicate
		}
	}
	if m := from.backup(dir); m.Head != 2 {
		t.Fatalf("%+v", m)
	}
	to := newBed(t, 0)
	if _, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js}); err == nil || !strings.Contains(err.Error(), "event 2 was taken for a copy") {
		t.Errorf("the duplicate: %v", err)
	}
	if err := verify(t, dir); err == nil || !strings.Contains(err.Error(), "no service of Kith wrote it") {
		t.Errorf("verify: %v", err)
	}
}

func TestReactorsGoOnWhereTheyWere(t *testing.T) {
	from, dir := newBed(t, 0), t.TempDir()
	ctx := t.Context()
	consume := func(b *bed, n int) (got []uint64) {
		c, err := b.js.Consumer(ctx, "EVENTS", "r")
		if err != nil {
			t.Fatal(err)
		}
		batch, err := c.FetchNoWait(n)
		if err != nil {
			t.Fatal(err)
		}
		for m := range batch.Messages() {
			at, _ := m.Metadata()
			got = append(got, at.Sequence.Stream)
			if err := m.DoubleAck(ctx); err != nil {
				t.Fatal(err)
			}
		}
		return got
	}
	from.things(4)
	for name, cfg := range map[string]jetstream.ConsumerConfig{
		"r":     {Durable: "r", FilterSubject: "evt.test.thing.0", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 3},
		"fresh": {Durable: "fresh", AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: 5},
		"":      {AckPolicy: jetstream.AckNonePolicy}, // a follower
	} {
		if _, err := from.js.CreateConsumer(ctx, "EVENTS", cfg); err != nil {
			t.Fatal(name, err)
		}
	}
	if got := consume(from, 1); !slices.Equal(got, []uint64{1}) {
		t.Fatalf("consumed %v", got)
	}
	from.things(4) // 5 to 8; r has 1, 4, 5 and 8, of which 1 is handled
	m := from.backup(dir)
	if len(m.Consumers) != 2 {
		t.Fatalf("%+v", m.Consumers)
	}
	to := newBed(t, 0)
	if _, err := backup.Restore(ctx, dir, backup.Target{JS: to.js}); err != nil {
		t.Fatal(err)
	}
	if got := consume(to, 10); !slices.Equal(got, []uint64{4, 5, 8}) {
		t.Errorf("after the restore r handles %v, want what it had not handled", got)
	}
	c, err := to.js.Consumer(ctx, "EVENTS", "fresh")
	if err != nil {
		t.Fatal(err)
	}
	if n := c.CachedInfo().NumPending; n != 4 {
		t.Errorf("a reactor that began at 5 has %d events before it, want 4", n)
	}
	c, err = to.js.Consumer(ctx, "EVENTS", "r")
	if err != nil || c.CachedInfo().Config.MaxAckPending != 3 || c.CachedInfo().Config.FilterSubject != "evt.test.thing.0" {
		t.Errorf("%+v, %v", c, err)
	}
}
