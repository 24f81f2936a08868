package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kith/api/sealed"
	"kith/pkg/fault"
	"kith/pkg/vault"
)

// run lets v follow the keys until the test ends, and waits until it is ready.
func run(t *testing.T, v *vault.Vault) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	await(t, v.Ready())
}

func TestAShreddedKeyIsErasedEverywhere(t *testing.T) {
	js, _ := startServer(t)
	here := vault.New(master(t), vault.NewStreamKeys(js), rand.Reader)
	there := vault.New(master(t), vault.NewStreamKeys(js), rand.Reader)
	create(t, here, "p1")
	run(t, there)
	e := seal(t, here, "e1", noted{
		Title: sealed.New("p1", sealed.Identity, "name"),
		Inner: part{Body: sealed.New("p1", sealed.Content, "words")},
	})
	if got, err := there.Open(t.Context(), e.Title); err != nil || got != "name" {
		t.Fatalf("before: got %q, %v", got, err)
	}
	for range 2 { // the second is a repetition
		if err := here.Shred(t.Context(), "p1", sealed.Identity, "erasure1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := here.Open(t.Context(), e.Title); !errors.Is(err, vault.ErrErased) {
		t.Fatalf("here: got %v, want ErrErased", err)
	}
	eventually(t, "the vault that follows has dropped the key", func() bool {
		_, err := there.Open(t.Context(), e.Title)
		return errors.Is(err, vault.ErrErased)
	})
	if text, ok, err := there.Reveal(t.Context(), e.Title); text != "" || ok || err != nil {
		t.Fatalf("revealed %q, %v, %v", text, ok, err)
	}

	t.Run("the other class stays readable", func(t *testing.T) {
		if text, ok, err := there.Reveal(t.Context(), e.Inner.Body); text != "words" || !ok || err != nil {
			t.Fatalf("revealed %q, %v, %v", text, ok, err)
		}
	})
	t.Run("nothing more is sealed", func(t *testing.T) {
		_, err := there.Seal(t.Context(), "e2", noted{Title: sealed.New("p1", sealed.Identity, "name")})
		if !errors.Is(err, vault.ErrErased) || fault.CodeOf(err) != fault.Conflict {
			t.Fatalf("got %v, want ErrErased as a conflict", err)
		}
	})
	t.Run("the person is never made again", func(t *testing.T) {
		for _, v := range []*vault.Vault{here, there, vault.New(master(t), vault.NewStreamKeys(js), rand.Reader)} {
			if err := v.Create(t.Context(), "p1"); !errors.Is(err, vault.ErrErased) {
				t.Fatalf("got %v, want ErrErased", err)
			}
		}
	})
	t.Run("a vault that starts later knows", func(t *testing.T) {
		late := vault.New(master(t), vault.NewStreamKeys(js), rand.Reader)
		run(t, late)
		if _, err := late.Open(t.Context(), e.Title); !errors.Is(err, vault.ErrErased) {
			t.Fatalf("got %v, want ErrErased", err)
		}
	})
}

func TestAfterAShredNoFileHoldsTheKey(t *testing.T) {
	js, dir := startServer(t)
	keys := vault.NewStreamKeys(js)
	v := vault.New(master(t), keys, rand.Reader)
	create(t, v, "p1", "p2", "p3")
	id := vault.ID{Person: "p2", Class: sealed.Content}
	rec, err := keys.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	forms := [][]byte{rec.Wrapped, []byte(base64.StdEncoding.EncodeToString(rec.Wrapped))}
	if n := filesWith(t, dir, forms); n == 0 {
		t.Fatal("the key is in no file before the shred: the search finds nothing")
	}
	if err := v.Shred(t.Context(), id.Person, id.Class, "erasure1"); err != nil {
		t.Fatal(err)
	}
	if n := filesWith(t, dir, forms); n != 0 {
		t.Fatalf("after the shred %d files hold the key", n)
	}
	for _, stays := range []vault.ID{{Person: "p1", Class: sealed.Content}, {Person: "p2", Class: sealed.Identity}} {
		if rec, err := keys.Get(t.Context(), stays); err != nil || rec.Wrapped == nil {
			t.Fatalf("%s: %+v, %v", stays, rec, err)
		}
	}
}

func TestAHalfDoneShredIsCompleted(t *testing.T) {
	js, _ := startServer(t)
	keys := vault.NewStreamKeys(js)
	create(t, vault.New(master(t), keys, rand.Reader), "p1")
	writer := vault.New(master(t), keys, rand.Reader)
	e := seal(t, writer, "e1", titled("p1", "secret"))

	s, err := js.Stream(t.Context(), vault.Stream)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := s.GetLastMsgForSubject(t.Context(), "key.p1.content")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SecureDeleteMsg(t.Context(), msg.Sequence); err != nil {
		t.Fatal(err)
	}
	reader := vault.New(master(t), keys, rand.Reader)
	run(t, reader) // catches up although the newest message is gone
	if _, _, err := reader.Reveal(t.Context(), e.Title); !errors.Is(err, vault.ErrNoKey) {
		t.Fatalf("between key and marker: got %v, want ErrNoKey", err)
	}
	if err := writer.Shred(t.Context(), "p1", sealed.Content, "erasure1"); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Open(t.Context(), e.Title); !errors.Is(err, vault.ErrErased) {
		t.Fatalf("completed: got %v, want ErrErased", err)
	}
}

func TestAKeyThatABackupBroughtBackIsShreddedAgain(t *testing.T) {
	js, dir := startServer(t)
	keys := vault.NewStreamKeys(js)
	v := vault.New(master(t), keys, rand.Reader)
	create(t, v, "p1")
	id := vault.ID{Person: "p1", Class: sealed.Content}
	rec, err := keys.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Shred(t.Context(), id.Person, id.Class, "erasure1"); err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(rec.Wrapped)
	if _, err := js.Publish(t.Context(), "key.p1.content", []byte(`{"key":"`+encoded+`"}`)); err != nil {
		t.Fatal(err)
	}
	if err := v.Shred(t.Context(), id.Person, id.Class, "erasure1"); err != nil {
		t.Fatal(err)
	}
	if n := filesWith(t, dir, [][]byte{[]byte(encoded)}); n != 0 {
		t.Fatalf("%d files hold the key", n)
	}
	if rec, err := keys.Get(t.Context(), id); err != nil || rec.Erasure != "erasure1" {
		t.Fatalf("got %+v, %v", rec, err)
	}
}

// filesWith counts the files below dir that hold one of forms.
func filesWith(t *testing.T, dir string, forms [][]byte) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, form := range forms {
			if bytes.Contains(b, form) {
				n++
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
