package merkle_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"kith/services/audit/merkle"
)

// bed is a signed log of 30 events.
type bed struct {
	t    testing.TB
	tree *merkle.Tree
	head merkle.Signed
}

func newBed(t testing.TB) bed {
	tree := open(t, t.TempDir())
	grow(t, tree, hashes(1, 30))
	return bed{t, tree, sign(t, tree)}
}

// export writes the events of seqs; without any, all.
func (b bed) export(from, to uint64, filter map[string]string, seqs ...int) []byte {
	b.t.Helper()
	var out bytes.Buffer
	h := merkle.Head{Format: merkle.ExportFormat, Origin: b.head.Origin, Key: b.tree.VerifierKey(),
		Checkpoint: string(b.head.Note), From: from, To: to, Filter: filter}
	x, err := merkle.NewExporter(&out, h)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(seqs) == 0 {
		for n := from; n <= to; n++ {
			seqs = append(seqs, int(n))
		}
	}
	for _, n := range seqs {
		e := merkle.Entry{Leaf: leaf(n)}
		if !h.Whole(b.head.Checkpoint) {
			if e.Proof, err = b.tree.Prove(uint64(n), e.Leaf.Hash(), b.head.Checkpoint); err != nil {
				b.t.Fatal(err)
			}
		}
		if err := x.Write(e); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

func (b bed) verify(data []byte) (merkle.Report, error) {
	return merkle.VerifyExport(bytes.NewReader(data), b.tree.VerifierKey())
}

func TestExport(t *testing.T) {
	b := newBed(t)
	whole, part := b.export(1, 30, nil), b.export(4, 20, nil)
	some := b.export(1, 30, map[string]string{"type": "x"}, 3, 7, 30)
	t.Run("verifies with what it holds", func(t *testing.T) {
		for _, c := range []struct {
			data   []byte
			events uint64
			whole  bool
		}{{whole, 30, true}, {part, 17, false}, {some, 3, false}, {b.export(30, 30, nil), 1, false}, {b.export(1, 30, map[string]string{"type": "x"}, 1), 1, false}} {
			r, err := b.verify(c.data)
			if err != nil || r.Events != c.events || r.Whole != c.whole || r.Checkpoint != b.head.Checkpoint {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})
	t.Run("verifies compressed", func(t *testing.T) {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(whole)
		_ = w.Close()
		if r, err := b.verify(z.Bytes()); err != nil || r.Events != 30 {
			t.Errorf("%+v, %v", r, err)
		}
		for cut := 1; cut < z.Len(); cut += 97 {
			if _, err := b.verify(z.Bytes()[:z.Len()-cut]); err == nil {
				t.Errorf("verified without its last %d bytes", cut)
			}
		}
	})
	t.Run("does not verify with another key", func(t *testing.T) {
		other := newBed(t)
		for _, data := range [][]byte{whole, part, other.export(1, 30, nil)} {
			wrong := other
			if bytes.Contains(data, []byte(other.tree.VerifierKey())) {
				wrong = b
			}
			if _, err := wrong.verify(data); !errors.Is(err, merkle.ErrInvalid) {
				t.Errorf("err = %v", err)
			}
		}
		if _, err := merkle.VerifyExport(bytes.NewReader(whole), "no key"); err == nil {
			t.Error("verified without a key")
		}
	})
	t.Run("every line is needed, in its place, and nothing else", func(t *testing.T) {
		for name, data := range map[string][]byte{"whole": whole, "part": part} {
			lines := bytes.SplitAfter(data, []byte("\n"))
			lines = lines[:len(lines)-1]
			for i := range lines {
				without := bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil)
				twice := bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil)
				cut := bytes.Join(lines[:i], nil)
				swapped := slices.Clone(lines)
				swapped[i], swapped[(i+1)%len(lines)] = swapped[(i+1)%len(lines)], swapped[i]
				for what, forged := range map[string][]byte{"without": without, "twice": twice, "cut before": cut, "swapped with the next": bytes.Join(swapped, nil)} {
					if _, err := b.verify(forged); !errors.Is(err, merkle.ErrInvalid) {
						t.Errorf("%s: line %d %s: %v", name, i+1, what, err)
					}
				}
			}
		}
	})
	t.Run("no field of any line can be changed", func(t *testing.T) {
		for name, data := range map[string][]byte{"whole": whole, "part": part, "some": some} {
			lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
			for _, i := range []int{0, 1, len(lines) / 2, len(lines) - 1} {
				var fields map[string]any
				if err := json.Unmarshal([]byte(lines[i]), &fields); err != nil {
					t.Fatal(err)
				}
				for field, value := range fields {
					if name == "some" && (field == "filter" || field == "from") {
						continue // say what was asked, and prove nothing
					}
					forged := maps.Clone(fields)
					forged[field] = changed(value)
					text, _ := json.Marshal(forged)
					if field == "count" {
						text = []byte(`{"count":31,"end":true}`)
					}
					line := slices.Clone(lines)
					line[i] = string(text) + "\n"
					if _, err := b.verify([]byte(strings.Join(line, "") + "\n")); !errors.Is(err, merkle.ErrInvalid) {
						t.Errorf("%s: line %d: %s changed: %v", name, i+1, field, err)
					}
				}
			}
		}
	})
	t.Run("a line without an end is not kept", func(t *testing.T) {
		endless := &letters{}
		_, err := merkle.VerifyExport(io.MultiReader(bytes.NewReader(bytes.SplitAfter(whole, []byte("\n"))[0]), endless), b.tree.VerifierKey())
		if !errors.Is(err, merkle.ErrInvalid) || endless.read > 16<<20 {
			t.Errorf("%d bytes were read: %v", endless.read, err)
		}
	})
}

// letters are 64 MiB of a line that does not end.
type letters struct{ read int }

func (l *letters) Read(p []byte) (int, error) {
	if l.read > 64<<20 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 'a'
	}
	l.read += len(p)
	return len(p), nil
}

// changed is another value of the same kind.
func changed(v any) any {
	switch v := v.(type) {
	case float64:
		return v + 1
	case bool:
		return !v
	case string:
		return strings.Replace(v, v[len(v)/2:len(v)/2+1], "_", 1)
	case []any:
		if len(v) == 0 {
			return []any{"AAAA"}
		}
		return v[1:]
	case map[string]any:
		m := maps.Clone(v)
		m["ce-more"] = []string{"1"}
		return m
	}
	return nil
}

func TestProof(t *testing.T) {
	b := newBed(t)
	l := leaf(12)
	path, err := b.tree.Prove(12, l.Hash(), b.head.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := merkle.Proof{Format: merkle.ProofFormat, Leaf: l, Proof: path, Checkpoint: string(b.head.Note)}
	check := func(p merkle.Proof) error {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got, c, err := merkle.VerifyProof(bytes.NewReader(data), b.tree.VerifierKey())
		if err == nil && (got.Seq != 12 || !bytes.Equal(got.Data, l.Data) || c != b.head.Checkpoint) {
			t.Errorf("%+v, %+v", got, c)
		}
		return err
	}
	t.Run("shows that the event is in the log", func(t *testing.T) {
		if err := check(p); err != nil {
			t.Error(err)
		}
	})
	for what, change := range map[string]func(*merkle.Proof){
		"another format":     func(p *merkle.Proof) { p.Format = "x" },
		"another position":   func(p *merkle.Proof) { p.Seq++ },
		"position 0":         func(p *merkle.Proof) { p.Seq = 0 },
		"beyond the end":     func(p *merkle.Proof) { p.Seq = 31 },
		"another subject":    func(p *merkle.Proof) { p.Subject += "x" },
		"another header":     func(p *merkle.Proof) { p.Header = map[string][]string{} },
		"other data":         func(p *merkle.Proof) { p.Data = []byte("{}") },
		"a shorter path":     func(p *merkle.Proof) { p.Proof = p.Proof[1:] },
		"a longer path":      func(p *merkle.Proof) { p.Proof = append(slices.Clone(p.Proof), merkle.Hash{}) },
		"another checkpoint": func(p *merkle.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n30\n", "\n31\n", 1) },
		"no checkpoint":      func(p *merkle.Proof) { p.Checkpoint = "" },
	} {
		t.Run("does not hold for "+what, func(t *testing.T) {
			forged := p
			change(&forged)
			if err := check(forged); !errors.Is(err, merkle.ErrInvalid) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func FuzzVerifyExport(f *testing.F) {
	b := newBed(f)
	key := b.tree.VerifierKey()
	valid := b.export(28, 30, nil)
	f.Add(valid)
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Add([]byte("{}\n{\"count\":0,\"end\":true}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := merkle.VerifyExport(bytes.NewReader(data), key)
		if err == nil && (r.Checkpoint != b.head.Checkpoint || r.Events > 30) {
			t.Errorf("verified %+v", r)
		}
		_, _, _ = merkle.VerifyProof(bytes.NewReader(data), key)
	})
}
