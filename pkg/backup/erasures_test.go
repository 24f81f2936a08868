package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kith/api/sealed"
	"kith/pkg/backup"
	"kith/pkg/es"
	"kith/pkg/vault"
)

func TestErasedPeopleDoNotComeBack(t *testing.T) {
	ctx := context.Background()
	b, dir := newBed(t, 0), t.TempDir()
	for _, p := range []string{"ann", "bob", "cem"} {
		b.person(p)
	}
	b.things(3)
	ann, bob, bobs := b.key("ann", sealed.Identity), b.key("bob", sealed.Identity), b.key("bob", sealed.Content)
	b.backup(dir)
	if holds(read(t, dir), ann) == "" {
		t.Fatal("the backup has no key of ann")
	}
	older := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}

	b.erase("ann", false)
	m := b.backup(dir)
	if at := holds(read(t, dir), ann); at != "" {
		t.Errorf("the key of an erased person is still in %s", at)
	}
	if m.Keys.Records != 6 { // a marker in its place
		t.Errorf("%d keys", m.Keys.Records)
	}
	t.Run("of the log", func(t *testing.T) {
		to := newBed(t, 0)
		out, err := backup.Restore(ctx, dir, backup.Target{JS: to.js})
		if err != nil || out.Keys != 5 || len(out.Again) != 0 {
			t.Fatalf("%+v, %v", out, err)
		}
		to.wants("ann.identity ann.content bob.identity", vault.ErrErased, nil, nil)
	})

	// bob goes after the backup, with his texts; only the list is brought up to date.
	b.erase("bob", true)
	e, err := backup.RunErasures(ctx, dir, b.source())
	if err != nil || len(e.People) != 2 || e.Through != 5 {
		t.Fatalf("%+v, %v", e, err)
	}
	if err := verify(t, dir); err != nil {
		t.Error(err)
	}
	t.Run("after the backup, by its list", func(t *testing.T) {
		to := newBed(t, 0)
		out, err := backup.Restore(ctx, dir, backup.Target{JS: to.js})
		if err != nil || len(out.Again) != 1 || out.Again[0].Person != "bob" || !out.Again[0].Texts {
			t.Fatalf("%+v, %v", out, err)
		}
		to.wants("ann.identity bob.identity bob.content cem.identity", vault.ErrErased, vault.ErrErased, vault.ErrErased, nil)
	})
	t.Run("after an older copy, by a list that was kept elsewhere", func(t *testing.T) {
		to := newBed(t, 0)
		list, err := backup.LoadErasures(backup.ErasuresIn(dir))
		if err != nil {
			t.Fatal(err)
		}
		out, err := backup.Restore(ctx, older, backup.Target{JS: to.js, Erasures: list.People})
		if err != nil || out.Keys != 3 || len(out.Again) != 2 {
			t.Fatalf("%+v, %v", out, err)
		}
		to.wants("ann.identity ann.content bob.identity bob.content cem.identity", vault.ErrErased, nil, vault.ErrErased, vault.ErrErased, nil)
		for _, key := range [][]byte{ann, bob, bobs} {
			for _, line := range to.standing("KEYS") {
				if strings.Contains(line, string(key)) {
					t.Error("a key of an erased person was stored")
				}
			}
		}
	})

	t.Run("and the list goes on with the log that was restored", func(t *testing.T) {
		to := newBed(t, 0)
		to.n = b.n
		if _, err := backup.Restore(ctx, dir, backup.Target{JS: to.js}); err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		to.erase("cem", false) // at the position that bob's erasure had
		to.things(3)
		for _, run := range []func(){func() {
			if _, err := backup.RunErasures(ctx, copied, to.source()); err != nil {
				t.Fatal(err)
			}
		}, func() { to.backup(copied) }} {
			run()
			if err := verify(t, copied); err != nil {
				t.Error(err)
			}
			e, err := backup.LoadErasures(backup.ErasuresIn(copied))
			var got []string
			for _, x := range e.People {
				got = append(got, fmt.Sprint(x.Person, x.Seq))
			}
			if want := []string{"ann4", "bob0", "cem5"}; err != nil || !slices.Equal(got, want) {
				t.Errorf("the list is %v, %v, want %v", got, err, want)
			}
		}
		once := newBed(t, 0)
		out, err := backup.Restore(ctx, copied, backup.Target{JS: once.js})
		if err != nil || len(out.Again) != 1 || out.Again[0].Person != "bob" {
			t.Fatalf("%+v, %v", out, err)
		}
		once.wants("bob.content cem.identity", vault.ErrErased, vault.ErrErased)
	})

	t.Run("a key that vanished while the backup ran is marked, and not lost", func(t *testing.T) {
		// The order is in the log behind the copy, the key gone, the marker not yet there.
		dir := t.TempDir()
		s := b.source()
		s.Progress = func(done, total uint64) {
			if done != total {
				return
			}
			b.append(es.Stream{Context: "test", Aggregate: "person", ID: "cem"}, gone{})
			keys, err := b.js.Stream(ctx, vault.Stream)
			if err != nil {
				t.Fatal(err)
			}
			m, err := keys.GetLastMsgForSubject(ctx, "key.cem.identity")
			if err != nil {
				t.Fatal(err)
			}
			if err := keys.SecureDeleteMsg(ctx, m.Sequence); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := backup.Run(ctx, dir, s); err != nil {
			t.Fatal(err)
		}
		to := newBed(t, 0)
		out, err := backup.Restore(ctx, dir, backup.Target{JS: to.js})
		if err != nil || len(out.Again) != 1 || out.Again[0].Person != "cem" {
			t.Fatalf("%+v, %v", out, err)
		}
		to.wants("cem.identity cem.content", vault.ErrErased, nil)
	})
}

// wants checks what the keys of the ids say: nil for a key that stands.
func (b *bed) wants(ids string, want ...error) {
	b.t.Helper()
	keys := vault.NewStreamKeys(b.js)
	for i, id := range strings.Fields(ids) {
		person, class, _ := strings.Cut(id, ".")
		rec, err := keys.Get(context.Background(), vault.ID{Person: person, Class: sealed.Class(class)})
		if err != nil {
			b.t.Errorf("%s: %v", id, err)
			continue
		}
		if want[i] == nil != (rec.Erasure == "") {
			b.t.Errorf("%s is %+v, want %v", id, rec, want[i])
		}
		v := b.vault()
		if err := v.Create(context.Background(), person); want[i] != nil && !errors.Is(err, want[i]) {
			b.t.Errorf("%s: the vault says %v, want %v", id, err, want[i])
		}
	}
}
