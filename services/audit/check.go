package audit

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/app"
)

// checkedTail is how many of the newest events the light check compares.
const checkedTail = 16

// check is the light check: the log must reach as far as it was hashed and
// signed, and its newest events must be those that were hashed. Damage is
// loud, and stays known until a verification finds nothing.
func (s *service) check(ctx context.Context) error {
	newest, _ := s.tree.Newest()
	size := s.tree.Size() // before the log's end: what is hashed was in the log
	last, err := s.core.Events.Last(ctx)
	if err != nil {
		return err
	}
	bad, err := s.tailDamage(ctx, max(newest.Size, size), size, last)
	if err != nil {
		return err
	}
	if err := s.tree.Broken(); err != nil {
		bad = err.Error()
	}
	if bad != "" {
		s.damaged.Store(true)
		s.core.Log.Error("audit: THE LOG IS DAMAGED; verify it", "found", bad, "checkpoint", newest.Size, "hashed", size, "end", last)
	}
	return nil
}

func (s *service) tailDamage(ctx context.Context, had, size, last uint64) (string, error) {
	if last < had {
		return fmt.Sprintf("it ends at %d, though it held %d events", last, had), nil
	}
	next := uint64(1)
	if size > checkedTail {
		next = size - checkedTail + 1
	}
	for r, err := range s.log.Range(ctx, next-1, size) {
		if err != nil {
			return "", err
		}
		if r.Seq != next {
			break
		}
		kept, err := s.tree.Leaf(r.Seq)
		if err != nil {
			return "", err
		}
		if leafOf(r).Hash() != kept {
			return fmt.Sprintf("the event at %d is not the one that was hashed", r.Seq), nil
		}
		next++
	}
	if next <= size {
		return fmt.Sprintf("the event at %d is missing", next), nil
	}
	return "", nil
}

// measure exports what an operator must watch.
func (s *service) measure(r prometheus.Registerer) error {
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kith_audit_" + name, Help: help}, f)
	}
	for _, c := range []prometheus.Collector{
		gauge("checkpoint_age_seconds", "Seconds since the newest checkpoint was signed; 0 before the first.", func() float64 {
			newest, ok := s.tree.Newest()
			if !ok {
				return 0
			}
			return s.core.Now().Sub(newest.Time).Seconds()
		}),
		gauge("tree_size", "Events hashed.", func() float64 { return float64(s.tree.Size()) }),
		gauge("unsigned_events", "Events behind the newest checkpoint.", func() float64 { return float64(s.unsigned()) }),
		gauge("damage", "1 if a check found that the log is not what it was.", func() float64 {
			if s.damaged.Load() {
				return 1
			}
			return 0
		}),
	} {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("audit: metrics: %w", err)
		}
	}
	return nil
}

// unsigned is how many hashed events no checkpoint covers.
func (s *service) unsigned() uint64 {
	newest, _ := s.tree.Newest()
	if size := s.tree.Size(); size > newest.Size {
		return size - newest.Size
	}
	return 0
}

// newestCheckpoint is app.Module.Checkpoint.
func (s *service) newestCheckpoint() (app.Checkpoint, bool) {
	newest, ok := s.tree.Newest()
	return app.Checkpoint{Size: newest.Size, Time: newest.Time, Damaged: s.damaged.Load()}, ok
}
