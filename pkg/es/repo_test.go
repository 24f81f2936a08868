package es_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/esmem"
	"kith/pkg/es/estest"
	"kith/pkg/natsd"
)

// box is the state of the aggregate under test: what was put in, in order.
// Every event counts on from the state that it was decided on, so a decision
// on a wrong state shows.
type box struct {
	things []string
	count  int
	wrong  string
}

func fold(b *box, r es.Recorded) {
	p := r.Data.(estest.Put)
	if p.Count != b.count+1 && b.wrong == "" {
		b.wrong = fmt.Sprintf("at %d: %s was decided on %d things, there were %d", r.Seq, p.Thing, p.Count-1, b.count)
	}
	b.things = append(b.things, p.Thing)
	b.count++
}

func put(thing string) func(box) (es.Event, error) {
	return func(b box) (es.Event, error) { return estest.Put{Thing: thing, Count: b.count + 1}, nil }
}

// replica is a repository with a cache of its own, as another process has it.
func replica(s es.Store) *es.Repo[box] {
	return &es.Repo[box]{Context: "test", Aggregate: "box", Store: s, Fold: fold}
}

// stores runs a test on both logs.
func stores(t *testing.T, test func(t *testing.T, s es.Store)) {
	t.Run("memory", func(t *testing.T) { test(t, esmem.New(estest.Codec(), time.Now)) })
	t.Run("jetstream", func(t *testing.T) { test(t, jetStream(t)) })
}

func jetStream(t *testing.T) es.Store {
	t.Helper()
	server, err := natsd.Start(natsd.Config{Dir: t.TempDir(), DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := esjs.Provision(context.Background(), js, esjs.ProvisionConfig{}); err != nil {
		t.Fatal(err)
	}
	return esjs.Open(js, estest.Codec(), time.Now)
}

func execute(t *testing.T, r *es.Repo[box], id, command string) uint64 {
	t.Helper()
	seq, err := r.Execute(context.Background(), id, estest.Command(command), put(command))
	if err != nil {
		t.Fatalf("%s on %s: %v", command, id, err)
	}
	return seq
}

func wantThings(t *testing.T, r *es.Repo[box], id string, want ...string) {
	t.Helper()
	b, seq, err := r.Load(context.Background(), id)
	if err != nil || b.wrong != "" || !slices.Equal(b.things, want) {
		t.Errorf("%s holds %v at %d, %v %s; want %v", id, b.things, seq, err, b.wrong, want)
	}
}

func TestACommandTwiceIsACommandOnce(t *testing.T) {
	ctx := context.Background()
	stores(t, func(t *testing.T, s es.Store) {
		t.Run("for the whole life of the aggregate, in every replica", func(t *testing.T) {
			a := replica(s)
			at := map[string]uint64{}
			var all []string
			for i := range 300 {
				c := strconv.Itoa(i)
				at[c], all = execute(t, a, "life", c), append(all, c)
			}
			for _, r := range []*es.Repo[box]{a, replica(s)} {
				for c, seq := range at {
					if got := execute(t, r, "life", c); got != seq {
						t.Fatalf("command %s is at %d, was at %d", c, got, seq)
					}
				}
				wantThings(t, r, "life", all...)
			}
		})
		t.Run("when a stale replica repeats it behind another's event", func(t *testing.T) {
			a, b := replica(s), replica(s)
			execute(t, a, "stale", "1")
			wantThings(t, b, "stale", "1") // b has it cached
			execute(t, a, "stale", "2")
			want := execute(t, a, "stale", "3")
			if got := execute(t, b, "stale", "3"); got != want {
				t.Errorf("b's repetition is at %d, want %d", got, want)
			}
			execute(t, b, "stale", "4")
			wantThings(t, b, "stale", "1", "2", "3", "4")
			wantThings(t, a, "stale", "1", "2", "3", "4")
		})
		t.Run("when its answer was lost", func(t *testing.T) {
			for _, before := range []bool{true, false} {
				id := fmt.Sprintf("lost-%t", before)
				flaky := &lossy{Store: s}
				r := replica(flaky)
				execute(t, r, id, "1")
				flaky.lose(before)
				if _, err := r.Execute(ctx, id, estest.Command("2"), put("2")); !errors.Is(err, es.ErrUnavailable) {
					t.Fatalf("Execute = %v, want unavailable", err)
				}
				execute(t, r, id, "2")
				wantThings(t, r, id, "1", "2")
				wantThings(t, replica(s), id, "1", "2")
			}
		})
		t.Run("when it decides otherwise the second time", func(t *testing.T) {
			a, b := replica(s), replica(s)
			execute(t, a, "other", "1")
			wantThings(t, b, "other", "1")
			want := execute(t, a, "other", "2")
			got, err := b.Execute(ctx, "other", estest.Command("2"), put("another"))
			if got != want || err != nil {
				t.Errorf("Execute = %d, %v; want %d", got, err, want)
			}
			wantThings(t, b, "other", "1", "2") // what is stored, not what b decided
		})
		t.Run("when its repetition is refused in a stale replica", func(t *testing.T) {
			a, b := replica(s), replica(s)
			execute(t, a, "refused", "1")
			wantThings(t, b, "refused", "1")
			want := execute(t, a, "refused", "2")
			got, err := b.Execute(ctx, "refused", estest.Command("2"), func(box) (es.Event, error) { return nil, errors.New("no") })
			if got != want || err != nil {
				t.Errorf("Execute = %d, %v; want %d", got, err, want)
			}
		})
	})
}

func TestACommandIDWithOtherContentIsReused(t *testing.T) {
	stores(t, func(t *testing.T, s es.Store) {
		a, stale := replica(s), replica(s)
		execute(t, a, "a", "1")
		wantThings(t, stale, "a", "1")
		execute(t, a, "a", "2")
		m := estest.Command("2")
		m.Request = "other"
		for name, r := range map[string]*es.Repo[box]{"the same replica": a, "a stale one": stale, "a new one": replica(s)} {
			if _, err := r.Execute(context.Background(), "a", m, put("2")); !errors.Is(err, es.ErrReused) {
				t.Errorf("%s: Execute = %v", name, err)
			}
			wantThings(t, r, "a", "1", "2")
		}
	})
}

func TestConflictsAreDecidedAnew(t *testing.T) {
	stores(t, func(t *testing.T, s es.Store) {
		const writers, each = 4, 25
		replicas := []*es.Repo[box]{replica(s), replica(s)}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					c := fmt.Sprintf("%d-%d", w, i)
					for {
						_, err := replicas[w%2].Execute(context.Background(), "a", estest.Command(c), put(c))
						if err == nil {
							break
						}
						if !errors.Is(err, es.ErrConflict) { // gave up, which may be
							t.Error(err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		b, _, err := replica(s).Load(context.Background(), "a")
		if err != nil || b.count != writers*each || b.wrong != "" {
			t.Errorf("%d things, %v, %s; want %d", b.count, err, b.wrong, writers*each)
		}
	})
}

func TestOnlyACurrentStateRefuses(t *testing.T) {
	ctx := context.Background()
	refuse := errors.New("there must be two")
	stores(t, func(t *testing.T, s es.Store) {
		a, b := replica(s), replica(s)
		execute(t, a, "a", "1")
		wantThings(t, b, "a", "1")
		if _, err := b.Execute(ctx, "a", estest.Command("x"), func(box) (es.Event, error) { return nil, refuse }); !errors.Is(err, refuse) {
			t.Errorf("Execute = %v, want the refusal", err)
		}
		two := execute(t, a, "a", "2")
		seq, err := b.Execute(ctx, "a", estest.Command("3"), func(st box) (es.Event, error) {
			if st.count < 2 {
				return nil, refuse
			}
			return put("3")(st)
		})
		if err != nil || seq <= two {
			t.Errorf("Execute = %d, %v", seq, err)
		}
		seq, err = a.Execute(ctx, "a", estest.Command("4"), func(st box) (es.Event, error) {
			if st.count < 3 {
				return put("4")(st) // decided on the past: conflicts
			}
			return nil, nil
		})
		if err != nil || seq != two+1 {
			t.Errorf("a decision for nothing = %d, %v; want %d", seq, err, two+1)
		}
		wantThings(t, a, "a", "1", "2", "3")
	})
}

func TestTheCacheIsBounded(t *testing.T) {
	stores(t, func(t *testing.T, s es.Store) {
		counted := &lossy{Store: s}
		r := replica(counted)
		r.CacheBytes = 4 << 10
		for round := range 3 {
			for a := range 20 {
				execute(t, r, "a"+strconv.Itoa(a), strconv.Itoa(round))
			}
		}
		for a := range 20 {
			wantThings(t, r, "a"+strconv.Itoa(a), "0", "1", "2")
		}
		if n := counted.loads.Load(); n < 60 {
			t.Errorf("%d loads: nothing was evicted", n)
		}
		counted.loads.Store(0)
		for i := range 50 {
			execute(t, r, "hot", strconv.Itoa(i))
		}
		if n := counted.loads.Load(); n != 0 {
			t.Errorf("%d loads of one that was created here and stays in use, want none", n)
		}
	})
}

func TestWhatCannotBeReadStopsItsAggregate(t *testing.T) {
	s := esmem.New(estest.Codec(), time.Now)
	r := replica(s)
	execute(t, r, "a", "1")
	s.AppendRaw(estest.Box("a").Subject(), es.Stored{Data: []byte("{")})
	for _, r := range []*es.Repo[box]{r, replica(s)} {
		if _, err := r.Execute(context.Background(), "a", estest.Command("2"), put("2")); err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("Execute = %v", err)
		}
	}
	if last, _ := s.Last(context.Background()); last != 2 {
		t.Errorf("the log ends at %d", last)
	}
	execute(t, r, "b", "1")
}

// sealer seals with no cipher at all, and remembers for which events.
type sealer struct {
	events []string
	err    error
}

func (s *sealer) Seal(_ context.Context, eventID string, e es.Event) (es.Event, error) {
	s.events = append(s.events, eventID)
	if s.err != nil {
		return nil, s.err
	}
	v, err := sealed.Map(e, func(path string, t sealed.Text) (sealed.Text, error) {
		person, class, plain, _ := t.Plain()
		return sealed.Seal(sealed.Box{Person: person, Class: class, Event: eventID, Field: path, Bytes: []byte(plain)}), nil
	})
	return v.(es.Event), err
}

func TestEventsAreSealedForTheirID(t *testing.T) {
	ctx := context.Background()
	stores(t, func(t *testing.T, s es.Store) {
		seal := &sealer{}
		r := replica(s)
		r.Seal = seal
		id := es.EventID(r.Stream("a"), "1")
		noted := func(b box) (es.Event, error) {
			return estest.Put{Thing: "1", Count: b.count + 1, Note: sealed.New("p", sealed.Content, "words")}, nil
		}
		if _, err := r.Execute(ctx, "a", estest.Command("1"), noted); err != nil {
			t.Fatal(err)
		}
		for rec, err := range s.Load(ctx, r.Stream("a"), 0) {
			if err != nil || rec.ID != id {
				t.Fatalf("stored as %s, %v; want %s", rec.ID, err, id)
			}
			if b, err := rec.Data.(estest.Put).Note.Box(); err != nil || b.Event != id || b.Field != "note" || string(b.Bytes) != "words" {
				t.Errorf("stored note %+v, %v", b, err)
			}
		}
		if !slices.Equal(seal.events, []string{id}) {
			t.Errorf("sealed for %v, want %s", seal.events, id)
		}
		seal.err = errors.New("no key")
		if _, err := r.Execute(ctx, "a", estest.Command("2"), noted); !errors.Is(err, seal.err) {
			t.Errorf("without a key: %v", err)
		}
		wantThings(t, r, "a", "1")
	})
}
