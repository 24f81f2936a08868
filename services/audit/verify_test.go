package audit_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kith/api/events"
	"kith/api/events/membership"
	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/services/audit"
	"kith/services/audit/merkle"

	auditevents "kith/api/events/audit"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func clock() time.Time { return start }

func codec() *es.Codec {
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(types...)
}

// bed is a log with its tree, kept up to date by hand.
type bed struct {
	t     *testing.T
	store es.Store
	tree  *merkle.Tree
	data  string // folder of the process
	dir   string // of the tree in it
	n     int
}

func newBed(t *testing.T, store es.Store) *bed {
	b := &bed{t: t, store: store, data: t.TempDir()}
	b.dir = audit.Folder(b.data)
	b.open()
	return b
}

func (b *bed) open() {
	b.t.Helper()
	tree, err := merkle.Open(b.dir, merkle.Options{Origin: "kith/log", Random: rand.Reader})
	if err != nil {
		b.t.Fatal(err)
	}
	b.tree = tree
}

// write appends n events.
func (b *bed) write(n int) {
	b.t.Helper()
	for range n {
		b.n++
		st := es.Stream{Context: membership.Context, Aggregate: membership.Unit, ID: fmt.Sprintf("u%d", b.n)}
		e := membership.UnitCreated{Code: st.ID, Name: strings.Repeat("name ", 20), Kind: "team"}
		if _, err := b.store.Append(b.t.Context(), st, 0, es.Meta{Command: es.ID("c", st.ID), Actor: "adm"}, e); err != nil {
			b.t.Fatal(err)
		}
	}
}

// hash takes what is new into the tree.
func (b *bed) hash() {
	b.t.Helper()
	last, err := b.store.Last(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var leaves []merkle.Hash
	for r, err := range b.store.(es.Ranger).Range(b.t.Context(), b.tree.Size(), last) {
		if err != nil {
			b.t.Fatal(err)
		}
		leaves = append(leaves, merkle.Leaf{Seq: r.Seq, Subject: r.Stream.Subject(), Header: r.Stored.Header, Data: r.Stored.Data}.Hash())
	}
	if err := b.tree.Append(leaves); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) sign() merkle.Signed {
	b.t.Helper()
	b.hash()
	s, _, err := b.tree.Sign(start)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bed) verify(log es.Store) api.Verification {
	b.t.Helper()
	v, err := audit.Verify(b.t.Context(), log, b.tree, clock, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// want expects a single stretch of damage whose description holds what.
func want(t *testing.T, v api.Verification, seq, to uint64, what string) {
	t.Helper()
	if v.Ok || v.Problem == nil || len(v.Problems) != 1 || v.Problem.Seq != seq || v.Problem.To != to || !strings.Contains(v.Problem.What, what) || v.Problem.Hint == "" {
		t.Errorf("found %+v %+v, want %d to %d: %s", v, v.Problems, seq, to, what)
	}
}

// altered is a log that gives something else than it holds.
type altered struct {
	Store
	change func(r es.Recorded) (es.Recorded, bool)
	last   uint64 // 0: the true one
}

func (a altered) Last(ctx context.Context) (uint64, error) {
	if a.last > 0 {
		return a.last, nil
	}
	return a.Store.Last(ctx)
}

func (a altered) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		for r, err := range a.Store.Range(ctx, after, to) {
			if a.change != nil {
				var keep bool
				if r, keep = a.change(r); !keep {
					continue
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestVerify(t *testing.T) {
	world := func(t *testing.T) (*bed, *esmem.Store) {
		store := esmem.New(codec(), clock)
		b := newBed(t, store)
		for range 3 { // signed at 20, 40 and 60; 65 hashed, 70 written
			b.write(20)
			b.sign()
		}
		b.write(5)
		b.hash()
		b.write(5)
		return b, store
	}
	flip := func(at ...uint64) func(es.Recorded) (es.Recorded, bool) {
		return func(r es.Recorded) (es.Recorded, bool) {
			for _, seq := range at {
				if r.Seq == seq {
					r.Stored.Data[9] ^= 1
				}
			}
			return r, true
		}
	}
	without := func(from, to uint64) func(es.Recorded) (es.Recorded, bool) {
		return func(r es.Recorded) (es.Recorded, bool) { return r, r.Seq < from || r.Seq > to }
	}
	t.Run("a whole log is whole", func(t *testing.T) {
		b, store := world(t)
		v := b.verify(store)
		if !v.Ok || v.Events != 70 || v.End != 70 || v.Checkpoints != 3 || v.Unsigned != 10 || v.Damaged != 0 || v.Problem != nil {
			t.Errorf("%+v", v)
		}
	})
	t.Run("an empty log is whole", func(t *testing.T) {
		b := newBed(t, esmem.New(codec(), clock))
		if v := b.verify(b.store); !v.Ok || v.Events != 0 {
			t.Errorf("%+v", v)
		}
	})
	t.Run("one changed bit is found, wherever it is", func(t *testing.T) {
		b, store := world(t)
		for seq := uint64(1); seq <= 65; seq++ {
			v := b.verify(altered{Store: store, change: flip(seq)})
			what := "not those that were signed"
			if seq > 60 {
				what = "no checkpoint covers it yet"
			}
			want(t, v, seq, seq, what)
			if v.Checkpoints != 3 || v.Damaged != 1 {
				t.Errorf("%d: %+v", seq, v)
			}
		}
	})
	t.Run("a changed header or subject is found", func(t *testing.T) {
		b, store := world(t)
		for _, change := range []func(*es.Recorded){
			func(r *es.Recorded) { r.Stored.Header["ce-actor"] = []string{"eve"} },
			func(r *es.Recorded) { r.Stored.Header["new"] = []string{""} },
			func(r *es.Recorded) { delete(r.Stored.Header, "ce-actor") },
		} {
			want(t, b.verify(altered{Store: store, change: func(r es.Recorded) (es.Recorded, bool) {
				if r.Seq == 33 {
					change(&r)
				}
				return r, true
			}}), 33, 33, "not those that were signed")
		}
	})
	t.Run("missing events are named as a range", func(t *testing.T) {
		b, store := world(t)
		for _, gap := range [][2]uint64{{1, 1}, {1, 25}, {17, 44}, {60, 60}, {66, 67}, {70, 70}, {1, 70}} {
			v := b.verify(altered{Store: store, change: without(gap[0], gap[1])})
			want(t, v, gap[0], gap[1], "does not have these events")
			if v.Damaged != gap[1]-gap[0]+1 || v.Events != 70-v.Damaged || v.Checkpoints != 3 {
				t.Errorf("without %v: %+v", gap, v)
			}
		}
	})
	t.Run("a log that was cut off is found", func(t *testing.T) {
		b, store := world(t)
		for _, last := range []uint64{1, 59, 64} {
			want(t, b.verify(altered{Store: store, last: last}), last+1, 65, "ends at")
		}
		if v := b.verify(altered{Store: store, last: 65}); !v.Ok {
			t.Errorf("%+v", v)
		}
	})
	t.Run("several damages come one by one, the first of them named", func(t *testing.T) {
		b, store := world(t)
		v := b.verify(altered{Store: store, change: flip(50, 5, 6)})
		if v.Ok || len(v.Problems) != 2 || v.Problem.Seq != 5 || v.Problem.To != 6 || v.Problems[1].Seq != 50 || v.Damaged != 3 {
			t.Errorf("%+v", v)
		}
	})
	t.Run("without its kept hashes the damage lies between two checkpoints", func(t *testing.T) {
		b, store := world(t)
		bad := altered{Store: store, change: flip(33)}
		if err := os.Remove(filepath.Join(b.dir, "hashes")); err != nil {
			t.Fatal(err)
		}
		b.open()
		v := b.verify(bad)
		want(t, v, 21, 40, "not those that were signed")
		if v.Checkpoints != 1 {
			t.Errorf("%+v", v)
		}
		if v := b.verify(store); !v.Ok || v.Checkpoints != 3 {
			t.Errorf("without damage: %+v", v)
		}
	})
	t.Run("kept hashes that are wrong are not the log's fault", func(t *testing.T) {
		b, store := world(t)
		path := filepath.Join(b.dir, "hashes")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[0] ^= 1 // the leaf of position 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		v := b.verify(store)
		want(t, v, 1, 1, "hash kept of this event is wrong")
		if v.Damaged != 0 || v.Checkpoints != 3 {
			t.Errorf("%+v", v)
		}
	})
	t.Run("log and kept hashes can be wrong in different places", func(t *testing.T) {
		b, store := world(t)
		f, err := os.OpenFile(filepath.Join(b.dir, "hashes"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte("broken"), 32*tlog.StoredHashIndex(0, 30-1)); err != nil {
			t.Fatal(err)
		}
		v := b.verify(altered{Store: store, change: flip(5)})
		if v.Checkpoints != 3 || len(v.Problems) != 2 || v.Problem.Seq != 5 || v.Damaged != 1 ||
			v.Problems[1].Seq != 30 || !strings.Contains(v.Problems[1].What, "hash kept of this event") {
			t.Errorf("%+v", v)
		}
	})
	t.Run("a forged checkpoint is found", func(t *testing.T) {
		for _, size := range []string{"40", "50", "999"} {
			b, store := world(t)
			note, err := os.ReadFile(filepath.Join(b.dir, "checkpoints", "20.note"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(b.dir, "checkpoints", size+".note"), note, 0o600); err != nil {
				t.Fatal(err)
			}
			v := b.verify(store)
			if v.Ok || !strings.Contains(v.Problem.What, "not signed with the log's key") {
				t.Errorf("%s: %+v", size, v)
			}
		}
	})
	checkpoint := es.Stream{Context: auditevents.Context, Aggregate: auditevents.Checkpoint, ID: "log"}
	t.Run("an event may only tell of a checkpoint that there is", func(t *testing.T) {
		b, store := world(t)
		other := newBed(t, esmem.New(codec(), clock))
		other.write(20)
		for note, what := range map[string]string{
			string(other.sign().Note): "not signed with the log's key",
			"":                        "not signed with the log's key",
		} {
			after, err := store.LastOf(t.Context(), checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			seq, err := store.Append(t.Context(), checkpoint, after, es.Meta{Command: "forged" + note}, auditevents.CheckpointSigned{Size: 20, Note: note})
			if err != nil {
				t.Fatal(err)
			}
			v := b.verify(store)
			if v.Ok || v.Problems[len(v.Problems)-1].To != seq || !strings.Contains(v.Problem.What, what) {
				t.Errorf("%+v", v)
			}
		}
	})
	t.Run("an event that no service wrote is found", func(t *testing.T) {
		b, store := world(t)
		seq := store.AppendRaw("evt.membership.unit.u1", es.Stored{Header: map[string][]string{"ce-id": {"x"}, "ce-command": {"c"}}, Data: []byte("{}")})
		want(t, b.verify(store), seq, seq, "id does not follow")
		seq = store.AppendRaw("evt.odd", es.Stored{})
		want(t, b.verify(store), seq-1, seq, "id does not follow")
	})
}
