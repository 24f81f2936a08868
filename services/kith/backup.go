package kith

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/mod/sumdb/note"

	"kith/api/events/membership"
	"kith/pkg/backup"
	"kith/pkg/es"
	"kith/pkg/host"
	"kith/services/audit"
	"kith/services/audit/merkle"
)

// BackupSource is what every backup of Kith has in common: how to tell an
// erasure, and what wrote it. Log and audit folder are the caller's.
func BackupSource() backup.Source {
	codec := host.Codec()
	people := es.Stream{Context: membership.Context, Aggregate: membership.Person}.Subject()
	return backup.Source{
		Version: host.Version(), Now: host.Now,
		Erased: func(r backup.Record) (backup.Erasure, bool) {
			if !strings.HasPrefix(r.Subject, people) {
				return backup.Erasure{}, false
			}
			rec := codec.DecodeEnvelope(r.Seq, r.Subject, es.Stored{Header: r.Header, Data: r.Data})
			e, ok := rec.Data.(membership.PersonErased)
			return backup.Erasure{Person: rec.Stream.ID, Texts: e.Texts, Erasure: rec.ID, Seq: r.Seq}, ok
		},
	}
}

// WithData calls do with the log of a data folder, whether its Kith runs or not.
func WithData(data string, do func(backup.Source) error) error {
	if _, err := os.Stat(filepath.Join(data, "log")); err != nil {
		return fmt.Errorf("%s is no data folder of Kith: %w", data, err)
	}
	js, done, err := logOf(data)
	if err != nil {
		return err
	}
	defer done()
	s := BackupSource()
	s.JS = js
	if _, err := os.Stat(audit.Folder(data)); err == nil { // none where the audit has never run
		s.Audit = audit.Folder(data)
	}
	return do(s)
}

// logOf reaches the log of a data folder: through its running Kith, else in
// this process.
func logOf(data string) (_ jetstream.JetStream, done func(), err error) {
	if nc, err := visitLog(data); err == nil {
		js, err := jetstream.New(nc)
		return js, nc.Close, err
	}
	log, err := openLog(data, 0, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log of %s: %w\nIf Kith is running on it, it should let a backup in and does not: see its log, or stop it first", data, err)
	}
	return log.js, log.close, nil
}

// restoring is where a data folder is made before it gets its place in one step.
const restoring = ".restoring"

// RestoreData restores a backup into a data folder that has no log yet. The
// log appears there whole, or not at all. Where t says nothing of the log and
// the audit's folder; both are of the data folder.
func RestoreData(ctx context.Context, dir, data string, t backup.Target) (out backup.Restored, err error) {
	log, files := filepath.Join(data, "log"), audit.Folder(data)
	for _, path := range []string{log, files} {
		if entries, err := os.ReadDir(path); err == nil && len(entries) > 0 {
			return out, fmt.Errorf("%w: %s exists. Nothing was changed; name a data folder without it", backup.ErrNotEmpty, path)
		}
	}
	part := filepath.Join(data, restoring)
	if err := os.RemoveAll(part); err != nil {
		return out, fmt.Errorf("remove an interrupted restore: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return out, fmt.Errorf("data folder: %w", err)
	}
	if t.Audit != "" {
		t.Audit = audit.Folder(part)
	}
	if out, err = restorePart(ctx, dir, part, t); err != nil {
		return out, errors.Join(err, os.RemoveAll(part))
	}
	// The log comes last: without it Kith makes nothing of the rest.
	for _, move := range [][2]string{{audit.Folder(part), files}, {filepath.Join(part, "log"), log}} {
		_ = os.Remove(move[1]) // an empty folder, or none
		if err := os.Rename(move[0], move[1]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return out, fmt.Errorf("put what was restored in its place: %w", err)
		}
	}
	if err := os.RemoveAll(part); err != nil {
		return out, err
	}
	return out, backup.SyncFolder(data)
}

// restorePart flushes once, at its end: nothing counts before that.
func restorePart(ctx context.Context, dir, part string, t backup.Target) (out backup.Restored, err error) {
	own, err := openLog(part, time.Minute, nil)
	if err != nil {
		return out, err
	}
	t.JS = own.js
	if err = host.Provision(ctx, own.js, 1, slog.New(slog.DiscardHandler)); err == nil {
		out, err = backup.Restore(ctx, dir, t)
	}
	own.close()
	return out, errors.Join(err, backup.SyncTree(part))
}

// BackupVerified is what a verified backup is.
type BackupVerified struct {
	Manifest    backup.Manifest
	Checkpoints int    // whose heads the events give
	Signed      uint64 // events that the newest of them covers
}

// VerifyBackup verifies a backup, and its events against every checkpoint that
// it has. key is the verifier key that was noted elsewhere; empty: the backup's
// own, which proves only that the backup agrees with itself.
func VerifyBackup(ctx context.Context, dir, key string, progress func(done, total uint64)) (out BackupVerified, err error) {
	m, err := backup.Load(dir)
	if err != nil {
		return out, err
	}
	p := proof{}
	if m.VerifierKey != "" {
		if key == "" {
			key = m.VerifierKey
		}
		if p.verifier, err = note.NewVerifier(key); err != nil {
			return out, fmt.Errorf("the verifier key is malformed: %w", err)
		}
		if p.notes, err = backup.Notes(dir, m); err != nil {
			return out, err
		}
	}
	out.Manifest, err = backup.Verify(ctx, dir, p.event, progress)
	out.Checkpoints, out.Signed = p.proved, p.signed
	if err == nil && len(p.notes) > 0 {
		err = fmt.Errorf("the checkpoint of %d events reaches beyond the backup's end", p.notes[0].Size)
	}
	return out, err
}

// proof compares a log that grows with the signed heads of its notes.
type proof struct {
	verifier note.Verifier
	notes    []backup.Note // to come
	hasher   merkle.Hasher
	tree     merkle.Frontier
	room     []merkle.Hash
	proved   int
	signed   uint64
}

func (p *proof) event(r backup.Record) error {
	if len(p.notes) == 0 {
		return nil
	}
	leaf := p.hasher.Hash(merkle.Leaf{Seq: r.Seq, Subject: r.Subject, Header: r.Header, Data: r.Data})
	p.room = p.tree.Append(leaf, p.room[:0])
	if r.Seq != p.notes[0].Size {
		return nil
	}
	c, err := merkle.OpenCheckpoint(p.notes[0].Text, p.verifier)
	switch {
	case err != nil:
		return fmt.Errorf("the checkpoint of %d events: %w", r.Seq, err)
	case c.Size != r.Seq || c.Root != p.tree.Root():
		return fmt.Errorf("the first %d events are not those that were signed", r.Seq)
	}
	p.notes, p.proved, p.signed = p.notes[1:], p.proved+1, r.Seq
	return nil
}
