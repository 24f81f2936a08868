package natsauth_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"

	"kith/pkg/natsauth"
)

func seeds(t *testing.T, dir string) map[string]string {
	t.Helper()
	public, err := natsauth.Seeds(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestSeeds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := seeds(t, dir)
	if len(first) != len(natsauth.Names()) {
		t.Errorf("keys of %d users", len(first))
	}
	for _, name := range natsauth.Names() {
		info, err := os.Stat(natsauth.SeedFile(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	t.Run("what exists stays, what is missing is made", func(t *testing.T) {
		if err := os.Remove(natsauth.SeedFile(dir, "audit")); err != nil {
			t.Fatal(err)
		}
		for name, key := range seeds(t, dir) {
			if (key == first[name]) == (name == "audit") {
				t.Errorf("%s: %s, before %s", name, key, first[name])
			}
		}
	})
	t.Run("the same randomness gives the same keys", func(t *testing.T) {
		a, errA := natsauth.Seeds(t.TempDir(), mrand.NewChaCha8([32]byte{7}))
		b, errB := natsauth.Seeds(t.TempDir(), mrand.NewChaCha8([32]byte{7}))
		if errA != nil || errB != nil || a["audit"] != b["audit"] || a["audit"] == a["matching"] {
			t.Errorf("%v %v, %v %v", a, errA, b, errB)
		}
	})
	t.Run("no randomness, no file", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := natsauth.Seeds(dir, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Errorf("left behind: %v", files)
		}
	})
	t.Run("a file that holds no user's key is left alone and named", func(t *testing.T) {
		account, err := nkeys.CreateAccount()
		if err != nil {
			t.Fatal(err)
		}
		seed, _ := account.Seed()
		for _, text := range [][]byte{[]byte("rubbish"), nil, seed} {
			dir := t.TempDir()
			path := natsauth.SeedFile(dir, "audit")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := natsauth.Seeds(dir, rand.Reader); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("Seeds = %v", err)
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, text) {
				t.Errorf("the file holds %q now", got)
			}
		}
	})
}

func TestRender(t *testing.T) {
	dir := t.TempDir()
	public := seeds(t, dir)
	render := func(public map[string]string) (string, error) {
		var b strings.Builder
		err := natsauth.Render(&b, public)
		return b.String(), err
	}
	text, err := render(public)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the same keys give the same bytes", func(t *testing.T) {
		if again, err := render(seeds(t, dir)); again != text || err != nil {
			t.Errorf("%s\n%v", again, err)
		}
	})
	t.Run("public keys only", func(t *testing.T) {
		for _, name := range natsauth.Names() {
			seed, err := os.ReadFile(natsauth.SeedFile(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, public[name]) || strings.Contains(text, strings.TrimSpace(string(seed))) {
				t.Errorf("%s: the public key is missing, or the secret one is there", name)
			}
		}
	})
	t.Run("a user without a key, or with a secret one, is refused", func(t *testing.T) {
		seed, _ := os.ReadFile(natsauth.SeedFile(dir, "audit"))
		for _, key := range []string{"", strings.TrimSpace(string(seed))} {
			public["audit"] = key
			if text, err := render(public); err == nil || text != "" {
				t.Errorf("Render = %q, %v", text, err)
			}
		}
	})
}

func TestOptionsRefuseWhatCannotConnect(t *testing.T) {
	dir := t.TempDir()
	seeds(t, dir)
	log := slog.New(slog.DiscardHandler)
	if _, err := natsauth.Options("stranger", natsauth.SeedFile(dir, "audit"), log); err == nil || !strings.Contains(err.Error(), "membership") {
		t.Errorf("an unknown user: %v", err)
	}
	if _, err := natsauth.Options("audit", natsauth.SeedFile(dir, "stranger"), log); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
