package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const keyBytes = 32 // AES-256

// Master is the key that wraps all others, and the source of the deployment's
// secrets. Whoever has it and the KEYS stream can read everything; without it
// nothing opens. It is immutable and safe for concurrent use.
type Master struct {
	key  [keyBytes]byte
	id   [8]byte // tells master keys apart without telling anything else
	wrap cipher.AEAD
}

// NewMaster returns the master key made of 32 bytes.
func NewMaster(key []byte) (*Master, error) {
	if len(key) != keyBytes {
		return nil, fmt.Errorf("vault: a master key has %d bytes, not %d", keyBytes, len(key))
	}
	m := &Master{}
	copy(m.key[:], key)
	id, err := hkdf.Key(sha256.New, m.key[:], nil, "kith/master/id", len(m.id))
	if err != nil {
		return nil, fmt.Errorf("vault: derive: %w", err)
	}
	copy(m.id[:], id)
	w, err := hkdf.Key(sha256.New, m.key[:], nil, "kith/master/wrap", keyBytes)
	if err != nil {
		return nil, fmt.Errorf("vault: derive: %w", err)
	}
	m.wrap, err = aead([keyBytes]byte(w))
	return m, err
}

// LoadMaster reads the master key from path: 32 bytes in base64, as
// CreateMaster writes them. A missing file is fs.ErrNotExist.
func LoadMaster(path string) (*Master, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("vault: read the master key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(b)))
	if err != nil {
		// The cause would quote a part of the key.
		return nil, fmt.Errorf("vault: %s is no master key: it must hold %d bytes in base64", path, keyBytes)
	}
	m, err := NewMaster(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %s is no master key: it must hold %d bytes in base64, not %d", path, keyBytes, len(key))
	}
	return m, nil
}

// CreateMaster makes a random master key and writes it to path with mode 0600.
// It returns fs.ErrExist rather than overwrite anything: a lost master key
// makes every sealed text unreadable.
func CreateMaster(path string) (*Master, error) {
	var key [keyBytes]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("vault: make a master key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("vault: there is a file at %s already and a master key is never overwritten: %w", path, fs.ErrExist)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: write the master key: %w", err)
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("vault: write the master key: %w", err), os.Remove(path))
	}
	return NewMaster(key[:])
}

// Secret derives a 32-byte secret for one purpose (HKDF-SHA256), such as the
// HMAC key that turns logins into ids of reservations. It is the same for the
// life of the master key; other purposes give unrelated secrets.
func (m *Master) Secret(purpose string) []byte {
	// 32 bytes are far below HKDF's limit, the only error there is.
	s, err := hkdf.Key(sha256.New, m.key[:], nil, "kith/secret/"+purpose, keyBytes)
	if err != nil {
		panic("vault: derive a secret: " + err.Error())
	}
	return s
}

// String never shows the key.
func (m *Master) String() string { return "[master key]" }

// Format keeps every verb of fmt from showing the key.
func (m *Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// wrapKey encrypts a data key for storage under id:
// "k1", the master's id, nonce, ciphertext.
func (m *Master) wrapKey(id ID, key [keyBytes]byte, nonce []byte) []byte {
	w := append([]byte("k1"), m.id[:]...)
	w = append(w, nonce...)
	return m.wrap.Seal(w, nonce, key[:], additional("kith/key/v1", id.Person, string(id.Class)))
}

// unwrapKey is the inverse of wrapKey. Returns ErrMaster for keys of another
// master and ErrTampered for changed or moved ones.
func (m *Master) unwrapKey(id ID, wrapped []byte) (key [keyBytes]byte, err error) {
	head := 2 + len(m.id)
	if len(wrapped) < head+m.wrap.NonceSize() || string(wrapped[:2]) != "k1" {
		return key, fmt.Errorf("vault: the key %s is malformed: %w", id, ErrTampered)
	}
	if !bytes.Equal(wrapped[2:head], m.id[:]) {
		return key, fmt.Errorf("%w: %s was wrapped by %x, the configured master key is %x", ErrMaster, id, wrapped[2:head], m.id)
	}
	nonce, ct := wrapped[head:head+m.wrap.NonceSize()], wrapped[head+m.wrap.NonceSize():]
	k, err := m.wrap.Open(nil, nonce, ct, additional("kith/key/v1", id.Person, string(id.Class)))
	if err != nil || len(k) != keyBytes {
		return key, fmt.Errorf("vault: the key %s does not unwrap: %w", id, ErrTampered)
	}
	return [keyBytes]byte(k), nil
}
