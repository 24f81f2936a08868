package vault_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kith/pkg/vault"
)

func TestMasterKeyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	made, err := vault.CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("only the owner may read it", func(t *testing.T) {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("got %v, %v", info.Mode(), err)
		}
	})
	t.Run("what was created is loaded", func(t *testing.T) {
		loaded, err := vault.LoadMaster(path)
		if err != nil || !bytes.Equal(loaded.Secret("x"), made.Secret("x")) {
			t.Fatalf("another key came back: %v", err)
		}
	})
	t.Run("nothing is overwritten", func(t *testing.T) {
		before, _ := os.ReadFile(path)
		if _, err := vault.CreateMaster(path); !errors.Is(err, fs.ErrExist) {
			t.Fatalf("got %v, want ErrExist", err)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Fatal("the file has changed")
		}
	})
	t.Run("a missing file is named", func(t *testing.T) {
		_, err := vault.LoadMaster(path + ".missing")
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "master.key.missing") {
			t.Fatalf("got %v", err)
		}
	})
	for name, content := range map[string]string{"empty": "", "no base64": "correct horse!", "too short": "c2hvcnQ="} {
		t.Run("refuses a file that is "+name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "bad.key")
			if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := vault.LoadMaster(bad)
			if err == nil || !strings.Contains(err.Error(), "32 bytes in base64") {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestSecretsDifferByPurposeAndMaster(t *testing.T) {
	a := master(t)
	b, err := vault.NewMaster([]byte(strings.Repeat("z", 32)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range [][]byte{a.Secret("one"), a.Secret("two"), b.Secret("one")} {
		if len(s) != 32 || seen[string(s)] {
			t.Fatalf("%d bytes, or a secret twice", len(s))
		}
		seen[string(s)] = true
	}
}

func TestTheMasterKeyIsNeverPrinted(t *testing.T) {
	m := master(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if got := fmt.Sprintf(verb, m); strings.Contains(got, "kkkk") || strings.Contains(got, "6b6b") {
			t.Errorf("%s shows %s", verb, got)
		}
	}
}

func TestAnotherMasterKeyIsNoticedAtOnce(t *testing.T) {
	keys := vault.NewMemoryKeys()
	create(t, vault.New(master(t), keys, rand.Reader), "p1")
	wrong, err := vault.NewMaster([]byte(strings.Repeat("z", 32)))
	if err != nil {
		t.Fatal(err)
	}
	v := vault.New(wrong, keys, rand.Reader)
	if err := v.Run(t.Context()); !errors.Is(err, vault.ErrMaster) {
		t.Fatalf("run: got %v, want ErrMaster", err)
	}
	if err := v.Create(t.Context(), "p1"); !errors.Is(err, vault.ErrMaster) {
		t.Fatalf("create: got %v, want ErrMaster", err)
	}
	if _, err := v.Seal(t.Context(), "e1", titled("p1", "x")); !errors.Is(err, vault.ErrMaster) {
		t.Fatalf("seal: got %v, want ErrMaster", err)
	}
}
