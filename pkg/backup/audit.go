package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The audit's files, as docs/audit.md names them. Hashes are derived from the
// log and not copied.
const (
	notesFolder   = "checkpoints"
	noteSuffix    = ".note"
	verifierFile  = "verifier.key"
	signingFile   = "signing.key"
	signingPrefix = "signing-"
)

// audit adds a segment with the new checkpoints of what was copied, and the keys.
func (w writer) audit(m *Manifest) error {
	if w.Audit == "" {
		return nil
	}
	after := uint64(0)
	if n := len(m.Checkpoints); n > 0 {
		after = m.Checkpoints[n-1].To
	}
	sizes, err := noteSizes(w.Audit)
	if err != nil {
		return err
	}
	sizes = slices.DeleteFunc(sizes, func(n uint64) bool { return n <= after || n > m.Head })
	if len(sizes) > 0 {
		f, err := w.notes(sizes)
		if err != nil {
			return err
		}
		m.Checkpoints = append(m.Checkpoints, f)
	}
	verifier, err := os.ReadFile(filepath.Join(w.Audit, verifierFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s has no %s: it is not the folder of a running audit", w.Audit, verifierFile)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	key := string(bytes.TrimSpace(verifier))
	if m.VerifierKey != "" && m.VerifierKey != key {
		return fmt.Errorf("backup: %w: its checkpoints were signed with another key than the one in %s", ErrOther, w.Audit)
	}
	m.VerifierKey = key
	if !w.SigningKey {
		return nil
	}
	return w.signingKey(m)
}

func (w writer) notes(sizes []uint64) (File, error) {
	s, err := newSegment(w.dir)
	if err != nil {
		return File{}, err
	}
	for _, n := range sizes {
		data, err := os.ReadFile(notePath(w.Audit, n))
		if err == nil {
			err = s.add(Record{Seq: n, Time: w.Now(), Subject: notesFolder, Data: data})
		}
		if err != nil {
			s.abort()
			return File{}, fmt.Errorf("backup: %w", err)
		}
	}
	return s.finish(s.grown(notesFolder))
}

func (w writer) signingKey(m *Manifest) error {
	data, err := os.ReadFile(filepath.Join(w.Audit, signingFile))
	if err != nil {
		return fmt.Errorf("backup: signing key: %w", err)
	}
	sum := sha256.Sum256(data)
	f := File{Records: 1, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	f.Name = signingPrefix + f.SHA256[:16] + ".key"
	m.SigningKey = &f
	return writeFile(filepath.Join(w.dir, f.Name), data)
}

func notePath(folder string, size uint64) string {
	return filepath.Join(folder, notesFolder, strconv.FormatUint(size, 10)+noteSuffix)
}

// noteSizes are the sizes of the checkpoints in the audit's folder, ascending.
func noteSizes(folder string) ([]uint64, error) {
	entries, err := os.ReadDir(filepath.Join(folder, notesFolder))
	if err != nil {
		return nil, fmt.Errorf("backup: checkpoints: %w", err)
	}
	var sizes []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), noteSuffix)
		if n, err := strconv.ParseUint(name, 10, 62); ok && err == nil && n > 0 {
			sizes = append(sizes, n)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

// Note is a signed checkpoint of the first Size events.
type Note struct {
	Size uint64
	Text []byte
}

// Notes are the checkpoints of a backup, ascending by size.
func Notes(dir string, m Manifest) ([]Note, error) {
	var all []Note
	for _, f := range m.Checkpoints {
		if err := readSegment(dir, f, func(r Record) error {
			all = append(all, Note{r.Seq, r.Data})
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// restoreAudit writes the audit's files into an empty folder. The caller
// flushes them.
func restoreAudit(dir string, m Manifest, folder, signing string) error {
	notes, err := Notes(dir, m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, notesFolder), 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, n := range notes {
		if err := os.WriteFile(notePath(folder, n.Size), n.Text, 0o644); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, verifierFile), []byte(m.VerifierKey+"\n"), 0o644); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if m.SigningKey != nil {
		signing = filepath.Join(dir, m.SigningKey.Name)
	}
	data, err := os.ReadFile(signing)
	if err != nil {
		return fmt.Errorf("backup: signing key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, signingFile), data, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}
