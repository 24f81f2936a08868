// Package backup copies a deployment's log, keys, dead letters, places of
// reactors and checkpoints into a folder, and makes an empty deployment what
// the folder holds. It knows streams and files, and nothing of services.
//
// A folder holds
//
//	manifest.json       what belongs to the backup, written last and in one step
//	events-A-B.seg      the events at positions A to B; never written again
//	checkpoints-A-B.seg the audit's signed checkpoints of A to B events; never written again
//	keys-X.seg          all wrapped keys as they were last read; replaced by every run
//	dead-X.seg          dead letters, likewise
//	signing-X.key       the audit's secret key, only if asked for
//	erasures.jsonl      who was erased; may be newer than the rest
//
// Files that the manifest does not name are left from an interrupted run and
// mean nothing.
package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/vault"
)

// deadStream is the stream of dead letters, by the name that react gives it.
const deadStream = "DEAD"

// Errors of backups. They come with the file or the position, and what to do.
var (
	// ErrDamaged: a file of the backup is not what was written.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrOther: the folder holds a backup of another log, or of a past that
	// this log does not have.
	ErrOther = errors.New("the folder holds the backup of another log")
	// ErrNotEmpty: a restore would mix what is there with what comes.
	ErrNotEmpty = errors.New("the system is not empty")
	// ErrGap: the log does not give one of its events.
	ErrGap = errors.New("the log is damaged")
	// ErrNone: there is no backup in the folder.
	ErrNone = errors.New("there is no backup in this folder")
)

// Source is what is backed up.
type Source struct {
	JS jetstream.JetStream
	// Consumers says where the reactors are; nil: AllConsumers of JS, for who
	// may list them.
	Consumers func(context.Context) ([]Consumer, error)
	// Erased tells an order to erase somebody from all other events.
	Erased func(Record) (Erasure, bool)
	// Audit is the folder of the audit's files; empty: they are left out.
	Audit string
	// SigningKey takes the audit's secret key in too. Who has it can sign
	// another past.
	SigningKey bool
	Version    string // of the product
	Now        func() time.Time
	Progress   func(done, total uint64) // events; may be nil
}

// Run brings the backup in dir up to the present, and makes it if there is
// none. Whatever interrupts it, the backup from before stays as it was.
//
// The order makes a copy of a system at work consistent:
//
//  1. The places of reactors. What a reactor has acknowledged has left its
//     effect in the log before, so the log read next has it: nothing is skipped
//     after a restore. What comes between is handled twice, and has an id that
//     makes it once.
//  2. The log, up to its end as it is then.
//  3. Keys. A key is stored before any event that needs it, so an event of the
//     copy can miss its key for one reason only: it was destroyed meanwhile.
//  4. Dead letters and checkpoints of what was copied.
//  5. Erasures, up to the log's end as it is by now. The order to destroy a key
//     is in the log before the key is destroyed, so whoever is missing in 3 is
//     named in 5, and a restore marks the key as erased. It never looks lost.
func Run(ctx context.Context, dir string, s Source) (m Manifest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return m, err
	}
	defer unlock()
	old, err := Load(dir)
	if err != nil && !errors.Is(err, ErrNone) {
		return m, err
	}
	w := writer{Source: s, dir: dir, log: reader{s.JS}}
	m, err = w.run(ctx, old)
	if err != nil {
		return old, err
	}
	return m, sweep(dir, m)
}

// RunErasures brings the list of erasures in dir up to the present and leaves
// the rest alone. It reads the log's tail only.
func RunErasures(ctx context.Context, dir string, s Source) (Erasures, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Erasures{}, fmt.Errorf("backup: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return Erasures{}, err
	}
	defer unlock()
	old, err := Load(dir)
	if err != nil && !errors.Is(err, ErrNone) {
		return Erasures{}, err
	}
	w := writer{Source: s, dir: dir, log: reader{s.JS}}
	if err := w.same(ctx, old); err != nil {
		return Erasures{}, err
	}
	e, err := w.known(ctx, old)
	if err != nil {
		return e, err
	}
	if e, err = w.erased(ctx, e); err != nil {
		return e, err
	}
	return e, e.write(dir)
}

// writer is one run.
type writer struct {
	Source
	dir string
	log reader
}

func (w writer) run(ctx context.Context, old Manifest) (m Manifest, err error) {
	m = Manifest{Format: Format, Product: w.Version, Head: old.Head, HeadHash: old.HeadHash, HeadTime: old.HeadTime,
		Events: old.Events, Checkpoints: old.Checkpoints, VerifierKey: old.VerifierKey}
	places := w.Consumers
	if places == nil {
		places = func(ctx context.Context) ([]Consumer, error) { return AllConsumers(ctx, w.JS) }
	}
	if m.Consumers, err = places(ctx); err != nil {
		return m, err
	}
	if err := w.same(ctx, old); err != nil {
		return m, err
	}
	end, err := w.log.last(ctx, esjs.StreamName)
	if err != nil {
		return m, err
	}
	e, err := w.known(ctx, old)
	if err != nil {
		return m, err
	}
	if err := w.events(ctx, &m, &e, end); err != nil {
		return m, err
	}
	keys, err := w.log.state(ctx, vault.Stream)
	if err != nil {
		return m, err
	}
	letters, err := w.log.state(ctx, deadStream)
	if err != nil {
		return m, err
	}
	if err := w.audit(&m); err != nil {
		return m, err
	}
	if e, err = w.erased(ctx, e); err != nil {
		return m, err
	}
	if err := e.write(w.dir); err != nil {
		return m, err
	}
	m.Erasures = e.Through
	if m.Keys, err = writeState(w.dir, "keys", e.strike(keys)); err != nil {
		return m, err
	}
	if m.Dead, err = writeState(w.dir, "dead", until(letters, m.Head)); err != nil {
		return m, err
	}
	m.Written = w.Now().UTC()
	return m, m.write(w.dir)
}

// same refuses a log that is not the one of the backup. A restored log is the
// same one: it differs in the times of storage only.
func (w writer) same(ctx context.Context, old Manifest) error {
	ok, err := w.has(ctx, old.Head, old.HeadHash)
	if err == nil && !ok {
		err = fmt.Errorf("backup: %w: it ends with event %d, which this log does not have; name another folder", ErrOther, old.Head)
	}
	return err
}

// has reports whether the log has the event of this hash at seq.
func (w writer) has(ctx context.Context, seq uint64, hash string) (ok bool, err error) {
	if seq == 0 {
		return true, nil
	}
	end, err := w.log.last(ctx, esjs.StreamName)
	if err != nil || end < seq {
		return false, err
	}
	err = w.log.stretch(ctx, seq-1, seq, func(r Record) error {
		ok = r.hash() == hash
		return nil
	})
	return ok, err
}

// known is the list of erasures in the folder; without one all of it is taken
// from the log again. A log that was cut off by a restore may have other events
// where the list has looked already: it looks there again.
func (w writer) known(ctx context.Context, old Manifest) (Erasures, error) {
	e, err := LoadErasures(ErasuresIn(w.dir))
	if errors.Is(err, ErrNone) || errors.Is(err, ErrDamaged) {
		return Erasures{}, nil
	}
	if err != nil {
		return e, err
	}
	ok, err := w.has(ctx, e.Through, e.Hash)
	if err == nil && !ok {
		e = e.cut(old.Head, old.HeadHash)
	}
	return e, err
}

// events adds segments with what the log has after the backup's head, and what
// of it the list of erasures does not have yet.
func (w writer) events(ctx context.Context, m *Manifest, e *Erasures, end uint64) error {
	from := m.Head
	var seg *segmentWriter
	finish := func() error {
		if seg == nil {
			return nil
		}
		f, err := seg.finish(seg.grown("events"))
		m.Events, seg = append(m.Events, f), nil
		return err
	}
	err := w.log.stretch(ctx, from, end, func(r Record) (err error) {
		if seg == nil {
			if seg, err = newSegment(w.dir); err != nil {
				return err
			}
		}
		m.Head, m.HeadTime = r.Seq, r.Time
		if r.Seq == end {
			m.HeadHash = r.hash()
		}
		if e.Through == r.Seq-1 {
			w.note(e, r, end)
		}
		if err := seg.add(r); err != nil {
			return err
		}
		if w.Progress != nil && (r.Seq%progressEvery == 0 || r.Seq == end) {
			w.Progress(r.Seq-from, end-from)
		}
		if seg.bytes >= segmentBytes {
			return finish()
		}
		return nil
	})
	if err != nil {
		if seg != nil {
			seg.abort()
		}
		return err
	}
	return finish()
}

// erased adds what the log says after the list's end.
func (w writer) erased(ctx context.Context, e Erasures) (Erasures, error) {
	end, err := w.log.last(ctx, esjs.StreamName)
	if err != nil {
		return e, err
	}
	err = w.log.stretch(ctx, e.Through, end, func(r Record) error {
		w.note(&e, r, end)
		return nil
	})
	return e, err
}

// note takes the next event into the list, which is to reach to end.
func (w writer) note(e *Erasures, r Record, end uint64) {
	if x, ok := w.Erased(r); ok {
		e.People = append(e.People, x)
	}
	if e.Through = r.Seq; r.Seq == end {
		e.Hash = r.hash()
	}
}

const progressEvery = 4096 // events
