package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Format is the value of Manifest.Format.
const Format = "kith-backup-v1"

const manifestName = "manifest.json"

// Manifest says what a backup is made of.
type Manifest struct {
	Format   string    `json:"format"`
	Product  string    `json:"product"` // version that wrote it
	Written  time.Time `json:"written"`
	Head     uint64    `json:"head"`      // position of the last event
	HeadTime time.Time `json:"head_time"` // when it was stored
	HeadHash string    `json:"head_hash"` // of its record without time

	Events      []File     `json:"events"`
	Checkpoints []File     `json:"checkpoints,omitempty"`
	Keys        File       `json:"keys"`
	Dead        File       `json:"dead"`
	Consumers   []Consumer `json:"consumers"`

	VerifierKey string `json:"verifier_key,omitempty"` // of the checkpoints
	SigningKey  *File  `json:"signing_key,omitempty"`

	// Erasures is the position that the list of erasures reaches to at least.
	Erasures uint64 `json:"erasures"`

	Sum string `json:"sha256"` // of the manifest without it
}

// File is a file of the backup.
type File struct {
	Name    string `json:"name"`
	From    uint64 `json:"from,omitempty"` // position of the first record
	To      uint64 `json:"to,omitempty"`   // and of the last
	Records uint64 `json:"records"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

// Load reads the manifest of dir. Returns ErrNone or ErrDamaged.
func Load(dir string) (m Manifest, err error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("backup: %w: %s", ErrNone, dir)
	}
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("backup: %w: %s: %w", ErrDamaged, manifestName, err)
	}
	if m.Format != Format {
		return Manifest{}, fmt.Errorf("backup: the format is %q; this version reads %s", m.Format, Format)
	}
	sum, err := m.sum()
	if err != nil {
		return Manifest{}, err
	}
	if sum != m.Sum {
		return Manifest{}, fmt.Errorf("backup: %w: %s was changed after it was written", ErrDamaged, manifestName)
	}
	return m, nil
}

func (m Manifest) write(dir string) (err error) {
	if m.Sum, err = m.sum(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return writeFile(filepath.Join(dir, manifestName), append(data, '\n'))
}

func (m Manifest) sum() (string, error) {
	m.Sum = ""
	data, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:]), nil
}

// files are all that the manifest names.
func (m Manifest) files() []File {
	all := append(append([]File{}, m.Events...), m.Checkpoints...)
	all = append(all, m.Keys, m.Dead)
	if m.SigningKey != nil {
		all = append(all, *m.SigningKey)
	}
	return all
}

// sweep removes what earlier runs left and the manifest does not name: keys
// that were destroyed since among them. It removes and does not overwrite: an
// older copy may share the file by a hard link.
func sweep(dir string, m Manifest) error {
	named := map[string]bool{}
	for _, f := range m.files() {
		named[f.Name] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		ours := strings.HasSuffix(name, ".seg") || strings.HasSuffix(name, partSuffix) ||
			strings.HasPrefix(name, signingPrefix) && strings.HasSuffix(name, ".key")
		if !ours || named[name] {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("backup: remove what is not part of it any more: %w", err)
		}
	}
	return SyncFolder(dir)
}
