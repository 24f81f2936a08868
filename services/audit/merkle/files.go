package merkle

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// openKey reads the signing key, or makes it once.
func (t *Tree) openKey(o Options) error {
	if o.ReadOnly {
		return t.openVerifier()
	}
	path := filepath.Join(t.dir, "signing.key")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(t.dir, "verifier.key")); err == nil {
			return fmt.Errorf("merkle: %s is gone, and another key would not go on with what it signed: put it back. "+
				"If it is lost, move the folder %s away and keep it: it proves the past, and signing begins anew", path, t.dir)
		}
		var secret string
		if secret, _, err = NewKey(o.Random, o.Origin); err != nil {
			return fmt.Errorf("merkle: make the signing key: %w", err)
		}
		data = []byte(secret + "\n")
		err = writeFile(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("merkle: signing key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("merkle: signing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("merkle: others can read %s: take their rights away (chmod 600), and consider the key known", path)
	}
	secret := strings.TrimSpace(string(data))
	if t.signer, err = note.NewSigner(secret); err != nil {
		return fmt.Errorf("merkle: %s: %w", path, err)
	}
	if t.key, err = verifierKey(secret, t.signer.Name()); err != nil {
		return fmt.Errorf("merkle: %s: %w", path, err)
	}
	if t.verifier, err = note.NewVerifier(t.key); err != nil {
		return fmt.Errorf("merkle: %s: %w", path, err)
	}
	public := filepath.Join(t.dir, "verifier.key")
	if have, err := os.ReadFile(public); err == nil && strings.TrimSpace(string(have)) == t.key {
		return nil
	}
	return writeFile(public, []byte(t.key+"\n"), 0o644)
}

func (t *Tree) openVerifier() error {
	data, err := os.ReadFile(filepath.Join(t.dir, "verifier.key"))
	if err != nil {
		return fmt.Errorf("merkle: verifier key: %w", err)
	}
	t.key = strings.TrimSpace(string(data))
	if t.verifier, err = note.NewVerifier(t.key); err != nil {
		return fmt.Errorf("merkle: verifier key: %w", err)
	}
	return nil
}

// verifierKey is the public half of a signer's key, whose last part is the
// algorithm's number and the seed.
func verifierKey(secret, name string) (string, error) {
	// The base64 may hold plus signs itself; the fields before it are four.
	parts := strings.SplitN(secret, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("the key is malformed")
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(name, public)
}

func (t *Tree) notePath(size uint64) string {
	return filepath.Join(t.dir, "checkpoints", strconv.FormatUint(size, 10)+".note")
}

// Sizes are those of the checkpoints in the folder, ascending, by the names of
// their files alone.
func (t *Tree) Sizes() ([]uint64, error) {
	entries, err := os.ReadDir(filepath.Join(t.dir, "checkpoints"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("merkle: %w", err)
	}
	var sizes []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".note")
		if n, err := strconv.ParseUint(name, 10, 62); ok && err == nil && n > 0 {
			sizes = append(sizes, n)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

// Checkpoint reads the checkpoint of size. Returns fs.ErrNotExist or
// ErrCheckpoint.
func (t *Tree) Checkpoint(size uint64) (Signed, error) {
	data, err := os.ReadFile(t.notePath(size))
	if err != nil {
		return Signed{}, fmt.Errorf("merkle: %w", err)
	}
	c, err := OpenCheckpoint(data, t.verifier)
	if err != nil {
		return Signed{}, err
	}
	if c.Size != size {
		return Signed{}, fmt.Errorf("%w: it is of %d events, not %d", ErrCheckpoint, c.Size, size)
	}
	return Signed{c, data}, nil
}

// writeFile makes a file that is whole or absent, whatever happens.
func writeFile(path string, data []byte, mode os.FileMode) (err error) {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	return nil
}
