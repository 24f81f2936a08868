package membership

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/fault"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// breaking is a log that cannot be reached at chosen appends, before or after
// the event was stored, and keys that fail when told to.
type breaking struct {
	es.Store
	appends int
	failAt  int  // of appends, from 1; 0: never
	stored  bool // whether that append is stored all the same
}

func (b *breaking) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	b.appends++
	if b.appends != b.failAt {
		return b.Store.Append(ctx, s, after, m, e)
	}
	if b.stored {
		if _, err := b.Store.Append(ctx, s, after, m, e); err != nil {
			return 0, err
		}
	}
	return 0, es.ErrUnavailable
}

type breakingKeys struct {
	vault.Keys
	fail atomic.Bool
}

func (b *breakingKeys) Create(ctx context.Context, id vault.ID, wrapped []byte) (vault.Record, error) {
	if b.fail.Load() {
		return vault.Record{}, errors.New("no keys today")
	}
	return b.Keys.Create(ctx, id, wrapped)
}

type bench struct {
	*service
	t     testing.TB
	store *breaking
	keys  *breakingKeys
}

// newBench is the service without HTTP, on a log and keys that can break.
func newBench(t testing.TB) *bench {
	t.Helper()
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: &breaking{Store: esmem.New(es.NewCodec(types...), time.Now)}, keys: &breakingKeys{Keys: vault.NewMemoryKeys()}}
	log, acc := slog.New(slog.DiscardHandler), access.New()
	core := app.Core{
		Events: b.store, Views: viewmem.Backend{}, Access: acc, Vault: vault.New(master, b.keys, rand.Reader), Log: log,
		Metrics: prometheus.NewRegistry(), Now: time.Now, Random: rand.Reader, Secret: master.Secret,
	}
	core.Follower = view.NewFollower(b.store, log, time.Now, acc)
	if b.service, err = newService(t.Context(), core, Config{Administrators: []string{"root@x.org"}}); err != nil {
		t.Fatal(err)
	}
	core.Follower.Add(b.folders()...)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = core.Follower.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return b
}

// folded waits until everything in the log has been folded.
func (b *bench) folded() uint64 {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	if err := b.core.Follower.CatchUp(ctx); err != nil {
		b.t.Fatal(err)
	}
	last, err := b.store.Last(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return last
}

// nobody fails the test if anything of a half registered person can be seen.
func (b *bench) nobody() {
	b.t.Helper()
	b.folded()
	people := access.NewPeople(b.core.Access, b.secret, KindLogin)
	if _, ok := people.ByLogin("ada@x.org"); ok {
		b.t.Error("the login leads to somebody")
	}
	all, err := b.allPeople(b.t.Context())
	if found, _, _ := b.names.search("", "", 9, func(*namedPerson) bool { return true }); err != nil || len(all)+len(found) > 0 {
		b.t.Errorf("views show %d people, the index %d, %v", len(all), len(found), err)
	}
}

func TestNothingIsHalfDone(t *testing.T) {
	ada := record{name: "Ada", email: "ada@x.org", staffNumber: "1", language: "en"}
	keys := keysOf("1", "ada@x.org", "email")
	for step, name := range []string{"the staff number is reserved", "the login is reserved", "the person is registered"} {
		for _, stored := range []bool{false, true} {
			for _, retry := range []string{"first", "second"} {
				outcome := map[bool]string{false: "lost", true: "stored, its answer lost"}[stored]
				t.Run(name+", "+outcome+", repeated by the "+retry+" command", func(t *testing.T) {
					b := newBench(t)
					b.store.failAt, b.store.stored = step+1, stored
					_, err := b.register(t.Context(), es.Meta{Command: "first", Request: "r"}, ada, keys)
					if !errors.Is(err, es.ErrUnavailable) {
						t.Fatalf("failed with %v", err)
					}
					if step < 2 || !stored {
						b.nobody()
					}
					reg, err := b.register(t.Context(), es.Meta{Command: retry, Request: "r"}, ada, keys)
					if err != nil {
						t.Fatal(err)
					}
					if last := b.folded(); last != 3 {
						t.Errorf("the log has %d events", last)
					}
					got, ok := access.NewPeople(b.core.Access, b.secret, KindLogin).ByLogin("ADA@x.org")
					if !ok || got != reg.person || !b.core.Access.Active(got) {
						t.Errorf("the login leads to %q, registered was %q", got, reg.person)
					}
				})
			}
		}
	}
	t.Run("keys cannot be made", func(t *testing.T) {
		b := newBench(t)
		b.keys.fail.Store(true)
		if _, err := b.register(t.Context(), es.Meta{Command: "first"}, ada, keys); err == nil {
			t.Fatal("registered without keys")
		}
		b.nobody()
		b.keys.fail.Store(false)
		if _, err := b.register(t.Context(), es.Meta{Command: "second"}, ada, keys); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRegister(t *testing.T) {
	t.Run("keys that lead to two people are refused, naming one", func(t *testing.T) {
		b := newBench(t)
		for _, k := range []struct{ command, number, login string }{{"a", "1", "a@x.org"}, {"b", "2", "b@x.org"}} {
			if _, err := b.register(t.Context(), es.Meta{Command: k.command}, record{name: k.command}, keysOf(k.number, k.login, "email")); err != nil {
				t.Fatal(err)
			}
		}
		before := b.folded()
		_, err := b.register(t.Context(), es.Meta{Command: "c"}, record{name: "c"}, keysOf("1", "b@x.org", "email"))
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.Conflict || f.Fields[0].Field != "email" {
			t.Errorf("failed with %v", err)
		}
		if b.folded() != before {
			t.Error("something was written")
		}
	})
	t.Run("a changed address is free again", func(t *testing.T) {
		b := newBench(t)
		reg, err := b.register(t.Context(), es.Meta{Command: "a"}, record{name: "a", email: "old@x.org"}, keysOf("", "old@x.org", "email"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.changeRecord(t.Context(), es.Meta{Command: "b"}, reg.person, record{name: "a", email: "new@x.org"}, "old@x.org"); err != nil {
			t.Fatal(err)
		}
		other, err := b.register(t.Context(), es.Meta{Command: "c"}, record{name: "c", email: "old@x.org"}, keysOf("", "old@x.org", "email"))
		if err != nil || !other.created || other.person == reg.person {
			t.Errorf("registered %+v, %v", other, err)
		}
	})
}

func TestApplyConfigured(t *testing.T) {
	b := newBench(t)
	apply := func() uint64 {
		t.Helper()
		if err := b.applyConfigured(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b.folded()
	}
	first := apply()
	t.Run("again it appends nothing", func(t *testing.T) {
		if again := apply(); again != first {
			t.Errorf("%d events became %d", first, again)
		}
	})
	t.Run("who is named no longer loses the role, and gets it back", func(t *testing.T) {
		b.cfg.Administrators = nil
		apply()
		if got := b.core.Access.Holding(access.Administrator); len(got) != 0 {
			t.Errorf("administrators are %v", got)
		}
		b.cfg.Administrators = []string{"root@x.org"}
		apply()
		if got := b.core.Access.Holding(access.Administrator); len(got) != 1 {
			t.Errorf("administrators are %v", got)
		}
	})
	t.Run("whom an administrator made stays", func(t *testing.T) {
		reg, err := b.register(t.Context(), es.Meta{Command: "x"}, record{name: "x"}, keysOf("", "x@x.org", "email"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.roles.Execute(t.Context(), reg.person, es.Meta{Command: "y", Actor: "somebody"}, func(s roles) (es.Event, error) {
			return s.Grant(roleAdministrator, "somebody", sealed.Text{})
		})
		if err != nil {
			t.Fatal(err)
		}
		b.cfg.Administrators = nil
		b.folded()
		apply()
		if got := b.core.Access.Holding(access.Administrator); len(got) != 1 || got[0] != reg.person {
			t.Errorf("administrators are %v", got)
		}
	})
}

func TestImportGoesOnWhereItStopped(t *testing.T) {
	b := newBench(t)
	file := "external_id,name,email,unit_id,site,language,active\n1,A,a@x.org,,,en,true\n2,B,b@x.org,,,en,true\n3,C,c@x.org,,,en,true\n"
	rows, err := readPeople([]byte(file), nil, "en", newProblems(false))
	if err != nil {
		t.Fatal(err)
	}
	carryOut := func(command string) (planned int, err error) {
		t.Helper()
		b.folded()
		plan, err := b.planPeople(t.Context(), rows, false, newProblems(false))
		if err != nil {
			t.Fatal(err)
		}
		steps := toDo(plan.steps)
		for _, st := range steps {
			if _, err := st.apply(t.Context(), es.Meta{Command: command}); err != nil {
				return len(steps), err
			}
		}
		return len(steps), nil
	}
	b.store.failAt = 5 // the login of the second
	if _, err := carryOut("first"); !errors.Is(err, es.ErrUnavailable) {
		t.Fatalf("failed with %v", err)
	}
	if n, err := carryOut("second"); n != 2 || err != nil {
		t.Errorf("planned %d, %v", n, err)
	}
	if n, _ := carryOut("third"); n != 0 || b.folded() != 9 {
		t.Errorf("planned %d, the log has %d events", n, b.folded())
	}
}

// An erasure that comes between a changed address and its event leaves the
// address to nobody.
func TestAddressOfSomebodyErasedMeanwhileIsFree(t *testing.T) {
	b := newBench(t)
	reg, err := b.register(t.Context(), es.Meta{Command: "a"}, record{name: "a", email: "a@x.org"}, keysOf("", "a@x.org", "email"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.persons.Execute(t.Context(), reg.person, es.Meta{Command: "e"}, func(p person) (es.Event, error) { return p.Erase(false) }); err != nil {
		t.Fatal(err)
	}
	if _, err := b.changeRecord(t.Context(), es.Meta{Command: "b"}, reg.person, record{name: "a", email: "b@x.org"}, "a@x.org"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("failed with %v", err)
	}
	b.folded()
	if _, ok := b.core.Access.Reserved(access.ReservationID(b.secret, KindLogin, "b@x.org")); ok {
		t.Error("the new address is still reserved")
	}
}
