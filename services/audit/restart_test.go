package audit_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/view"
	"kith/services/audit"

	auditevents "kith/api/events/audit"
)

// process is the module alone, driven by hand.
type process struct {
	t       *testing.T
	m       app.Module
	metrics *prometheus.Registry
	log     *bytes.Buffer
}

func run(t *testing.T, store es.Store, data string) process {
	t.Helper()
	p := process{t: t, metrics: prometheus.NewRegistry(), log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(p.log, nil))
	acc := access.New()
	var err error
	p.m, err = audit.New(t.Context(), app.Core{
		Events: store, Access: acc, Follower: view.NewFollower(store, log, clock, acc), Log: log,
		Metrics: p.metrics, Now: clock, Random: rand.Reader, Data: data,
	}, audit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// follow gives the folder the log from the start, as a process does whose
// other folders are in memory.
func (p process) follow(store *esmem.Store) error {
	var batch []es.Recorded
	last, _ := store.Last(p.t.Context())
	for r, err := range store.Range(p.t.Context(), 0, last) {
		if err != nil {
			return err
		}
		batch = append(batch, r)
	}
	return p.m.Folders[0].Apply(p.t.Context(), batch)
}

func (p process) tick(name string) error {
	for _, d := range p.m.Due {
		if d.Name == name {
			return d.Tick(p.t.Context(), clock().Add(time.Hour))
		}
	}
	p.t.Fatalf("nothing is due by the name of %s", name)
	return nil
}

func (p process) damage() bool {
	p.t.Helper()
	if err := p.tick("audit-check"); err != nil {
		p.t.Fatal(err)
	}
	return metric(p.t, p.metrics, "kith_audit_damage") == 1
}

// deaf is a log that takes no events while it is deaf.
type deaf struct {
	*esmem.Store
	deaf bool
}

func (d *deaf) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	if d.deaf {
		return 0, es.ErrUnavailable
	}
	return d.Store.Append(ctx, s, after, m, e)
}

func told(t *testing.T, store es.Store) (sizes []uint64) {
	t.Helper()
	for r, err := range store.Load(t.Context(), stream(auditevents.Context, auditevents.Checkpoint, "log"), 0) {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, r.Data.(auditevents.CheckpointSigned).Size)
	}
	return sizes
}

func TestProcessRestarts(t *testing.T) {
	t.Run("it goes on after what it has signed, and passes over what it has seen", func(t *testing.T) {
		store, data := esmem.New(codec(), clock), t.TempDir()
		b := newBed(t, store)
		b.write(10)
		p := run(t, store, data)
		if err := p.follow(store); err != nil {
			t.Fatal(err)
		}
		if err := p.tick("audit-checkpoint"); err != nil {
			t.Fatal(err)
		}
		b.write(5)
		again := run(t, store, data)
		if at := again.m.Folders[0].Position(); at != 10 {
			t.Errorf("resumed at %d", at)
		}
		for range 2 {
			if err := again.follow(store); err != nil {
				t.Fatal(err)
			}
		}
		if at := again.m.Folders[0].Position(); at != 16 || again.damage() {
			t.Errorf("at %d", at)
		}
	})
	t.Run("a checkpoint that nobody was told of is told of once", func(t *testing.T) {
		mem, data := esmem.New(codec(), clock), t.TempDir()
		store := &deaf{Store: mem}
		newBed(t, store).write(10)
		p := run(t, store, data)
		if err := p.follow(mem); err != nil {
			t.Fatal(err)
		}
		store.deaf = true
		if err := p.tick("audit-checkpoint"); !errors.Is(err, es.ErrUnavailable) {
			t.Fatalf("tick = %v", err)
		}
		store.deaf = false
		for range 2 {
			again := run(t, store, data)
			for range 2 {
				if err := again.tick("audit-checkpoint"); err != nil {
					t.Fatal(err)
				}
			}
			if sizes := told(t, store); len(sizes) != 1 || sizes[0] != 10 {
				t.Errorf("told of %v", sizes)
			}
		}
	})
	t.Run("a position left out is refused", func(t *testing.T) {
		store := esmem.New(codec(), clock)
		newBed(t, store).write(3)
		p := run(t, store, t.TempDir())
		for r, err := range store.Range(t.Context(), 1, 2) {
			if err != nil {
				t.Fatal(err)
			}
			if err := p.m.Folders[0].Apply(t.Context(), []es.Recorded{r}); !errors.Is(err, es.ErrGap) {
				t.Errorf("Apply = %v", err)
			}
		}
	})
}

func TestLightCheck(t *testing.T) {
	world := func(t *testing.T) (*esmem.Store, string) {
		store, data := esmem.New(codec(), clock), t.TempDir()
		newBed(t, store).write(30)
		p := run(t, store, data)
		if err := p.follow(store); err != nil {
			t.Fatal(err)
		}
		if err := p.tick("audit-checkpoint"); err != nil {
			t.Fatal(err)
		}
		if p.damage() || p.log.Len() > 0 {
			t.Fatalf("a whole log is damaged: %s", p.log)
		}
		return store, data
	}
	for what, log := range map[string]func(*esmem.Store) es.Store{
		"a log that was cut off": func(s *esmem.Store) es.Store { return altered{Store: s, last: 29} },
		"a missing event": func(s *esmem.Store) es.Store {
			return altered{Store: s, change: func(r es.Recorded) (es.Recorded, bool) { return r, r.Seq != 25 }}
		},
		"a missing last event": func(s *esmem.Store) es.Store {
			return altered{Store: s, change: func(r es.Recorded) (es.Recorded, bool) { return r, r.Seq != 30 }}
		},
		"a changed event": func(s *esmem.Store) es.Store {
			return altered{Store: s, change: func(r es.Recorded) (es.Recorded, bool) {
				if r.Seq == 30 {
					r.Stored.Data[3] ^= 1
				}
				return r, true
			}}
		},
	} {
		t.Run(what+" is loud", func(t *testing.T) {
			store, data := world(t)
			p := run(t, log(store), data)
			if !p.damage() || !strings.Contains(p.log.String(), "DAMAGED") {
				t.Errorf("nothing was found: %s", p.log)
			}
		})
	}
}
