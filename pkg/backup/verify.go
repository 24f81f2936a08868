package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"kith/pkg/es"
)

// Verify reads the whole backup and returns its manifest. each, which may be
// nil, is called for every event in order, before it is known that its segment
// is right. It returns an error that names the first file that is not what was
// written, or the first event that no service of the product can have written.
func Verify(ctx context.Context, dir string, each func(Record) error, progress func(done, total uint64)) (Manifest, error) {
	return verification{each: each, progress: progress, identity: true, codec: es.NewCodec()}.run(ctx, dir)
}

// verification is a walk over a backup.
type verification struct {
	each     func(Record) error
	progress func(done, total uint64)
	identity bool      // an event that the product did not write is an error
	codec    *es.Codec // knows no type: only the envelope is looked at
	head     uint64
	seq      uint64
	last     string // hash of the event at head
}

func (v verification) run(ctx context.Context, dir string) (Manifest, error) {
	m, err := Load(dir)
	if err != nil {
		return m, err
	}
	v.head = m.Head
	for _, f := range m.Events {
		if f.From != v.seq+1 {
			return m, fmt.Errorf("backup: %w: %s begins at %d, not at %d", ErrDamaged, f.Name, f.From, v.seq+1)
		}
		var wrong error // damage of the file is the better message, and known at its end
		err := readSegment(dir, f, func(r Record) error {
			if wrong == nil {
				wrong = v.event(r)
			}
			return ctx.Err()
		})
		if err == nil {
			err = wrong
		}
		if err != nil {
			return m, err
		}
		if v.seq != f.To {
			return m, fmt.Errorf("backup: %w: %s ends at %d, not at %d", ErrDamaged, f.Name, v.seq, f.To)
		}
	}
	if v.seq != m.Head || v.seq > 0 && v.last != m.HeadHash {
		return m, fmt.Errorf("backup: %w: the events end at %d and not with the manifest's %d", ErrDamaged, v.seq, m.Head)
	}
	for _, f := range append([]File{m.Keys, m.Dead}, m.Checkpoints...) {
		if err := readSegment(dir, f, func(Record) error { return ctx.Err() }); err != nil {
			return m, err
		}
	}
	if err := verifySigningKey(dir, m); err != nil {
		return m, err
	}
	return m, verifyErasures(dir, m)
}

func (v *verification) event(r Record) error {
	if r.Seq != v.seq+1 {
		return fmt.Errorf("backup: %w: event %d comes after %d", ErrDamaged, r.Seq, v.seq)
	}
	v.seq = r.Seq
	if v.identity {
		e := v.codec.DecodeEnvelope(r.Seq, r.Subject, es.Stored{Header: r.Header, Data: r.Data})
		if e.Stream.Valid() != nil || e.ID != es.EventID(e.Stream, e.Meta.Command) {
			return fmt.Errorf("backup: the id of event %d does not follow from its stream and command: no service of Kith wrote it. "+
				"Find out who else may write to the log; the backup can be restored as it is", r.Seq)
		}
	}
	if r.Seq == v.head {
		v.last = r.hash()
	}
	if v.progress != nil && (r.Seq%progressEvery == 0 || r.Seq == v.head) {
		v.progress(r.Seq, v.head)
	}
	if v.each == nil {
		return nil
	}
	return v.each(r)
}

func verifySigningKey(dir string, m Manifest) error {
	if m.SigningKey == nil {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(dir, m.SigningKey.Name))
	if err != nil {
		return fmt.Errorf("backup: %w: %s: %w", ErrDamaged, m.SigningKey.Name, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != m.SigningKey.SHA256 {
		return fmt.Errorf("backup: %w: %s: its checksum is not the manifest's", ErrDamaged, m.SigningKey.Name)
	}
	return nil
}

// verifyErasures refuses a list that is older than the keys: a key that is not
// there would look lost.
func verifyErasures(dir string, m Manifest) error {
	e, err := LoadErasures(ErasuresIn(dir))
	if err != nil {
		return err
	}
	if e.Reached < m.Erasures {
		return fmt.Errorf("backup: %w: %s reaches to %d, not to %d", ErrDamaged, erasuresName, e.Reached, m.Erasures)
	}
	return nil
}
