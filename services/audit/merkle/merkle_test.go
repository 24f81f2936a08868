package merkle_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"kith/services/audit/merkle"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func leaf(n int) merkle.Leaf {
	return merkle.Leaf{
		Seq: uint64(n), Subject: fmt.Sprintf("evt.box.box.%d", n%5),
		Header: map[string][]string{"ce-id": {fmt.Sprint(n)}, "ce-type": {"box.put"}}, Data: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

func hashes(from, to int) (out []merkle.Hash) {
	for n := from; n <= to; n++ {
		out = append(out, leaf(n).Hash())
	}
	return out
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func open(t fataler, dir string) *merkle.Tree {
	t.Helper()
	tree, err := merkle.Open(dir, merkle.Options{Origin: "example.org/log", Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func grow(t fataler, tree *merkle.Tree, leaves []merkle.Hash) {
	t.Helper()
	if err := tree.Append(leaves); err != nil {
		t.Fatal(err)
	}
}

func sign(t fataler, tree *merkle.Tree) merkle.Signed {
	t.Helper()
	s, _, err := tree.Sign(now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLeaf(t *testing.T) {
	t.Run("has the documented layout", func(t *testing.T) {
		l := merkle.Leaf{Seq: 1, Subject: "s", Header: map[string][]string{"b": {"2", "1"}, "a": {""}}, Data: []byte("d")}
		want := "0000000000000001" + "0000000173" + "00000003" + "0000000161" + "00000000" +
			"0000000162" + "0000000132" + "0000000162" + "0000000131" + "0000000164"
		if got := hex.EncodeToString(l.Append(nil)); got != want {
			t.Errorf("encoded\n%s, want\n%s", got, want)
		}
	})
	t.Run("differs whenever anything differs", rapid.MakeCheck(func(t *rapid.T) {
		text := rapid.StringMatching(`[ab]{0,2}`)
		draw := func(name string) merkle.Leaf {
			h := map[string][]string{}
			for range rapid.IntRange(0, 2).Draw(t, name) {
				k := text.Draw(t, "name")
				h[k] = append(h[k], text.Draw(t, "value"))
			}
			return merkle.Leaf{Seq: rapid.Uint64Range(1, 2).Draw(t, "seq"), Subject: text.Draw(t, "subject"), Header: h, Data: []byte(text.Draw(t, "data"))}
		}
		a, b := draw("a"), draw("b")
		same := fmt.Sprintf("%d %q %q %q", a.Seq, a.Subject, a.Header, a.Data) == fmt.Sprintf("%d %q %q %q", b.Seq, b.Subject, b.Header, b.Data)
		if (a.Hash() == b.Hash()) != same {
			t.Fatalf("%+v and %+v", a, b)
		}
	}))
}

func TestTree(t *testing.T) {
	t.Run("proves inclusion and growth at every size", rapid.MakeCheck(func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "merkle")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		tree := open(t, dir)
		defer tree.Close()
		var signed []merkle.Signed
		size := 0
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			next := size + rapid.IntRange(1, 70).Draw(t, "events")
			grow(t, tree, hashes(size+1, next))
			size = next
			s := sign(t, tree)
			if head, err := tlog.TreeHash(int64(size), tree); err != nil || head != s.Root || s.Size != uint64(size) {
				t.Fatalf("head of %d is %v, %v; signed %v of %d", size, head, err, s.Root, s.Size)
			}
			signed = append(signed, s)
		}
		for i, s := range signed {
			seq := rapid.Uint64Range(1, s.Size).Draw(t, "seq")
			if _, err := tree.Prove(seq, leaf(int(seq)).Hash(), s.Checkpoint); err != nil {
				t.Fatal(err)
			}
			if _, err := tree.Prove(seq, leaf(int(seq)+1).Hash(), s.Checkpoint); err == nil {
				t.Fatal("another event was proved")
			}
			for _, later := range signed[i:] {
				p, err := tlog.ProveTree(int64(later.Size), int64(s.Size), tree)
				if err != nil {
					t.Fatal(err)
				}
				if err := tlog.CheckTree(p, int64(later.Size), later.Root, int64(s.Size), s.Root); err != nil {
					t.Fatal(err)
				}
			}
		}
	}))
	t.Run("a rewritten past has another head from there on", rapid.MakeCheck(func(t *rapid.T) {
		size := rapid.IntRange(1, 200).Draw(t, "size")
		changed := rapid.IntRange(1, size).Draw(t, "changed")
		var was, is merkle.Frontier
		for n := 1; n <= size; n++ {
			l := leaf(n)
			was.Append(l.Hash(), nil)
			if n == changed {
				l.Data[len(l.Data)-2] ^= 1
			}
			is.Append(l.Hash(), nil)
			if (was.Root() == is.Root()) != (n < changed) {
				t.Fatalf("heads of %d with a change at %d", n, changed)
			}
		}
	}))
	t.Run("the same size is signed once", func(t *testing.T) {
		tree := open(t, t.TempDir())
		grow(t, tree, hashes(1, 3))
		one, fresh, err := tree.Sign(now)
		if err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		two, fresh, err := tree.Sign(now.Add(time.Hour))
		if err != nil || fresh || !bytes.Equal(one.Note, two.Note) {
			t.Errorf("signed again: %s, %v, %v", two.Note, fresh, err)
		}
	})
	t.Run("nothing is signed of nothing", func(t *testing.T) {
		if s, _, err := open(t, t.TempDir()).Sign(now); err == nil {
			t.Errorf("signed %s", s.Note)
		}
	})
	t.Run("the key is made once and secret", func(t *testing.T) {
		dir := t.TempDir()
		key := open(t, dir).VerifierKey()
		if again := open(t, dir).VerifierKey(); again != key {
			t.Errorf("%s became %s", key, again)
		}
		path := filepath.Join(dir, "signing.key")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if public, err := os.ReadFile(filepath.Join(dir, "verifier.key")); err != nil || strings.TrimSpace(string(public)) != key {
			t.Errorf("public key %s, %v", public, err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err := merkle.Open(dir, merkle.Options{Random: rand.Reader, Origin: "example.org/log"}); err == nil || !strings.Contains(err.Error(), "put it back") {
				t.Errorf("the key was lost, and Open said %v", err)
			}
		}()
		if _, err := merkle.Open(dir, merkle.Options{}); err == nil {
			t.Error("a key that others can read was used")
		}
	})
}

func TestRestart(t *testing.T) {
	// world has 20 events hashed, the first 13 of them signed.
	world := func(t *testing.T) (dir string, head merkle.Signed) {
		dir = t.TempDir()
		tree := open(t, dir)
		grow(t, tree, hashes(1, 13))
		head = sign(t, tree)
		grow(t, tree, hashes(14, 20))
		if err := tree.Close(); err != nil {
			t.Fatal(err)
		}
		return dir, head
	}
	// finish hashes the rest and compares with a tree that was never stopped.
	finish := func(t *testing.T, tree *merkle.Tree) {
		t.Helper()
		grow(t, tree, hashes(int(tree.Size())+1, 40))
		var want merkle.Frontier
		for _, h := range hashes(1, 40) {
			want.Append(h, nil)
		}
		s := sign(t, tree)
		if s.Root != want.Root() || s.Size != 40 {
			t.Errorf("head of %d is %v, want %v", s.Size, s.Root, want.Root())
		}
		if _, err := tree.Prove(7, leaf(7).Hash(), s.Checkpoint); err != nil {
			t.Error(err)
		}
	}
	t.Run("goes on after the newest checkpoint", func(t *testing.T) {
		dir, head := world(t)
		tree := open(t, dir)
		if tree.Size() != 13 || tree.Reset() {
			t.Errorf("resumed at %d, reset %v", tree.Size(), tree.Reset())
		}
		if s, ok := tree.Newest(); !ok || !bytes.Equal(s.Note, head.Note) {
			t.Errorf("newest is %s", s.Note)
		}
		finish(t, tree)
	})
	t.Run("a torn tail is hashed again", func(t *testing.T) {
		for _, cut := range []int64{1, 31, 33, 200} {
			dir, _ := world(t)
			path := filepath.Join(dir, "hashes")
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()-cut); err != nil {
				t.Fatal(err)
			}
			tree := open(t, dir)
			if tree.Size() != 13 {
				t.Errorf("cut by %d: resumed at %d", cut, tree.Size())
			}
			finish(t, tree)
		}
	})
	t.Run("hashes that do not give the signed head are derived again", func(t *testing.T) {
		for name, damage := range map[string]func(t *testing.T, path string){
			"removed":   func(t *testing.T, path string) { _ = os.Remove(path) },
			"too short": func(t *testing.T, path string) { _ = os.Truncate(path, 100) },
			"changed": func(t *testing.T, path string) {
				data, _ := os.ReadFile(path)
				data[len(data)/2+3] ^= 1 // a subtree of the signed head
				for i := range data {
					data[i] ^= 1
				}
				_ = os.WriteFile(path, data, 0o600)
			},
		} {
			dir, _ := world(t)
			damage(t, filepath.Join(dir, "hashes"))
			tree := open(t, dir)
			if tree.Size() != 0 || !tree.Reset() {
				t.Errorf("%s: resumed at %d, reset %v", name, tree.Size(), tree.Reset())
			}
			finish(t, tree)
		}
	})
	t.Run("another past is not signed", func(t *testing.T) {
		dir, _ := world(t)
		_ = os.Remove(filepath.Join(dir, "hashes"))
		tree := open(t, dir)
		other := hashes(1, 20)
		other[4][0] ^= 1
		grow(t, tree, other)
		if _, _, err := tree.Sign(now); !errors.Is(err, merkle.ErrContradiction) {
			t.Errorf("Sign = %v", err)
		}
		if !errors.Is(tree.Broken(), merkle.ErrContradiction) {
			t.Errorf("Broken = %v", tree.Broken())
		}
	})
	t.Run("a forged checkpoint is passed over", func(t *testing.T) {
		dir, head := world(t)
		forged := bytes.Replace(head.Note, []byte("\n13\n"), []byte("\n99\n"), 1)
		if err := os.WriteFile(filepath.Join(dir, "checkpoints", "99.note"), forged, 0o600); err != nil {
			t.Fatal(err)
		}
		tree := open(t, dir)
		if s, _ := tree.Newest(); s.Size != 13 {
			t.Errorf("newest is of %d", s.Size)
		}
		if _, err := tree.Checkpoint(99); !errors.Is(err, merkle.ErrCheckpoint) {
			t.Errorf("Checkpoint = %v", err)
		}
	})
	t.Run("reading only changes nothing", func(t *testing.T) {
		dir, _ := world(t)
		before, _ := os.ReadFile(filepath.Join(dir, "hashes"))
		tree, err := merkle.Open(dir, merkle.Options{ReadOnly: true})
		if err != nil || tree.Size() != 13 {
			t.Fatal(tree, err)
		}
		if after, _ := os.ReadFile(filepath.Join(dir, "hashes")); !bytes.Equal(before, after) {
			t.Error("the file changed")
		}
		if _, err := merkle.Open(t.TempDir(), merkle.Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("opened a folder that is empty: %v", err)
		}
	})
}

func TestCheckpoint(t *testing.T) {
	tree := open(t, t.TempDir())
	grow(t, tree, hashes(1, 13))
	s := sign(t, tree)
	t.Run("says what was signed", func(t *testing.T) {
		c, err := merkle.OpenCheckpoint(s.Note, tree.Verifier())
		if err != nil || c != s.Checkpoint || c.Size != 13 || c.Origin != "example.org/log" || !c.Time.Equal(now) {
			t.Errorf("%+v, %v", c, err)
		}
		lines := strings.Split(string(s.Note), "\n")
		if lines[0] != "example.org/log" || lines[1] != "13" || lines[4] != "" || !strings.HasPrefix(lines[5], "— example.org/log ") {
			t.Errorf("the note is\n%s", s.Note)
		}
	})
	t.Run("no byte of it can be changed", func(t *testing.T) {
		for i := range s.Note {
			forged := bytes.Clone(s.Note)
			forged[i] ^= 1
			if c, err := merkle.OpenCheckpoint(forged, tree.Verifier()); err == nil {
				t.Errorf("byte %d changed, still %+v", i, c)
			}
		}
	})
	t.Run("another key of the same name signs nothing", func(t *testing.T) {
		if _, err := merkle.OpenCheckpoint(s.Note, open(t, t.TempDir()).Verifier()); !errors.Is(err, merkle.ErrCheckpoint) {
			t.Errorf("OpenCheckpoint = %v", err)
		}
	})
	t.Run("even the key cannot sign nonsense", func(t *testing.T) {
		secret, public, err := merkle.NewKey(rand.Reader, "example.org/log")
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := note.NewVerifier(public)
		if err != nil {
			t.Fatal(err)
		}
		const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		for text, ok := range map[string]bool{
			"example.org/log\n7\n" + root + "\n":                               true,
			"example.org/log\n7\n" + root + "\nan extension\n":                 true,
			"example.com/log\n7\n" + root + "\n":                               false,
			"example.org/log\n07\n" + root + "\n":                              false,
			"example.org/log\n-7\n" + root + "\n":                              false,
			"example.org/log\n9223372036854775808\n" + root + "\n":             false,
			"example.org/log\n7\n" + root[4:] + "\n":                           false,
			"example.org/log\n7\nnot base64\n":                                 false,
			"example.org/log\n7\n":                                             false,
			"example.org/log\n7\n" + root + "\ntime of day\n":                  false,
			"example.org/log\n7\n" + root + strings.Repeat("\nx", 4000) + "\n": false,
		} {
			signed, err := note.Sign(&note.Note{Text: text}, signer)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := merkle.OpenCheckpoint(signed, verifier); (err == nil) != ok || err != nil && !errors.Is(err, merkle.ErrCheckpoint) {
				t.Errorf("%.80q: %v", text, err)
			}
		}
	})
}
