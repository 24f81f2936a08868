package natsauth

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
)

// SeedFile is where a user's secret key lies in dir.
func SeedFile(dir, user string) string { return filepath.Join(dir, user+".nk") }

// Seeds makes a key for every user of the manifest, and for those named besides,
// that has none in dir, and returns the public keys of all by name. A file that exists is never written:
// it is the identity that the server's configuration names. Files are readable
// by their owner only; random is crypto/rand's Reader outside of tests.
func Seeds(dir string, random io.Reader, besides ...string) (public map[string]string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("natsauth: folder of keys: %w", err)
	}
	public = map[string]string{}
	for _, name := range append(Names(), besides...) {
		path := SeedFile(dir, name)
		key, err := readSeed(path)
		if errors.Is(err, os.ErrNotExist) {
			key, err = makeSeed(path, random)
		}
		if err != nil {
			return nil, err
		}
		if public[name], err = key.PublicKey(); err != nil {
			return nil, fmt.Errorf("natsauth: public key of %s: %w", path, err)
		}
	}
	return public, nil
}

func readSeed(path string) (nkeys.KeyPair, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("natsauth: read key: %w", err)
	}
	seed := bytes.TrimSpace(data)
	defer clear(data)
	key, err := nkeys.FromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("natsauth: %s holds no key: %w", path, err)
	}
	// Anything but a user's key would be refused much later, by the server.
	if prefix, _, err := nkeys.DecodeSeed(seed); err != nil || prefix != nkeys.PrefixByteUser {
		return nil, fmt.Errorf("natsauth: %s is not the key of a user", path)
	}
	return key, nil
}

// makeSeed writes the file anew: of two that race, one fails.
func makeSeed(path string, random io.Reader) (nkeys.KeyPair, error) {
	raw := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("natsauth: read randomness: %w", err)
	}
	defer clear(raw)
	key, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, raw)
	if err != nil {
		return nil, fmt.Errorf("natsauth: make key: %w", err)
	}
	seed, err := key.Seed()
	if err != nil {
		return nil, fmt.Errorf("natsauth: make key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("natsauth: write key: %w", err)
	}
	_, err = f.Write(append(bytes.Clone(seed), '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half a key would stand in the way for ever
		return nil, fmt.Errorf("natsauth: write key: %w", err)
	}
	return key, nil
}

// publicKey returns an error if user's is missing or something else.
func publicKey(public map[string]string, user string) error {
	switch key := public[user]; {
	case key == "":
		return fmt.Errorf("natsauth: the user %s has no key", user)
	case !nkeys.IsValidPublicUserKey(key):
		return fmt.Errorf("natsauth: %q is not the public key of a user", key)
	}
	return nil
}
