package view_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
)

func TestRebuild(t *testing.T) {
	t.Run("under load gives the same and the view goes on", func(t *testing.T) {
		s, v, d := newStore(), tallies(t), &diary{name: "d"}
		s.note(t, 3000)
		f := follower(s, v, d)
		run(t, f)
		var load sync.WaitGroup
		load.Go(func() {
			for range 300 {
				s.note(t, 10)
			}
		})
		if err := f.Wait(within(t), 2000); err != nil {
			t.Fatal(err)
		}
		var end uint64
		var rebuilds sync.WaitGroup
		for range 2 { // two at a time
			rebuilds.Go(func() {
				for range 3 {
					progressed := uint64(0)
					out, err := f.Rebuild(within(t), "tallies", func(done, total uint64) {
						if done <= progressed || done > total {
							t.Errorf("progress %d of %d after %d", done, total, progressed)
						}
						progressed = done
					})
					if err != nil || out.View != "tallies" || out.Before != out.After || out.Events < 2000 || progressed != out.Events {
						t.Errorf("rebuilt %+v, progress %d, error %v", out, progressed, err)
					}
				}
			})
		}
		rebuilds.Wait()
		load.Wait()
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		end, _ = s.Last(t.Context())
		count := 0
		page, err := v.Find(t.Context(), view.Query{Index: "sum", Limit: 100}, nil)
		for _, doc := range page.Items {
			count += doc.Count
		}
		if err != nil || uint64(count) != end || v.Position() != end {
			t.Fatalf("%d events counted at %d of %d, error %v", count, v.Position(), end, err)
		}
		if !slices.Equal(d.seen, upTo(int(end))) {
			t.Fatal("another folder saw events twice or not at all")
		}
	})

	t.Run("shows and heals a view that went wrong", func(t *testing.T) {
		s, v, sound := newStore(), tallies(t), tallies(t)
		s.note(t, 100)
		wrong := es.Recorded{Seq: 1, Data: noted{77}} // not what the log says
		if err := v.Apply(t.Context(), []es.Recorded{wrong}); err != nil {
			t.Fatal(err)
		}
		f := follower(s, v)
		run(t, f)
		if err := f.CatchUp(within(t)); err != nil {
			t.Fatal(err)
		}
		for r, err := range s.Store.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if err := sound.Apply(t.Context(), []es.Recorded{r}); err != nil {
				t.Fatal(err)
			}
			if r.Seq == 100 {
				break
			}
		}
		want, _ := sound.Hash(t.Context())
		out, err := f.Rebuild(within(t), "tallies", nil)
		if err != nil || out.Before == out.After || out.After != want || out.Events != 100 {
			t.Fatalf("rebuilt %+v, error %v; %s was expected", out, err, want)
		}
		if out, err = f.Rebuild(within(t), "tallies", nil); err != nil || out.Before != want || out.After != want {
			t.Fatalf("rebuilt again %+v, error %v", out, err)
		}
	})

	t.Run("of an unknown name or of a folder without a twin fails", func(t *testing.T) {
		f := follower(newStore(), tallies(t), &diary{name: "diary"})
		for _, name := range []string{"nothing", "", "diary"} {
			if _, err := f.Rebuild(within(t), name, nil); !errors.Is(err, view.ErrQuery) {
				t.Fatalf("rebuild %q: %v", name, err)
			}
		}
		if got := f.Rebuildable(); !slices.Equal(got, []string{"tallies"}) {
			t.Fatalf("rebuildable: %q", got)
		}
	})

	t.Run("with an empty log", func(t *testing.T) {
		f := follower(newStore(), tallies(t))
		run(t, f)
		out, err := f.Rebuild(within(t), "tallies", nil)
		if err != nil || out.Events != 0 || out.Before != out.After {
			t.Fatalf("rebuilt %+v, error %v", out, err)
		}
	})

	t.Run("that cannot read the whole log leaves the view alone", func(t *testing.T) {
		for name, follow := range map[string]func(*store) func(context.Context, uint64) iter.Seq2[es.Recorded, error]{
			"an error": func(s *store) func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
				return func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
					return func(yield func(es.Recorded, error) bool) { yield(es.Recorded{}, errTorn) }
				}
			},
			"a sudden end": func(s *store) func(context.Context, uint64) iter.Seq2[es.Recorded, error] {
				return func(ctx context.Context, after uint64) iter.Seq2[es.Recorded, error] {
					return func(yield func(es.Recorded, error) bool) {
						for r, err := range s.Store.Follow(ctx, after) {
							if r.Seq > 600 || !yield(r, err) {
								return
							}
						}
					}
				}
			},
		} {
			s, v := newStore(), tallies(t)
			s.note(t, 700)
			f := follower(s, v)
			stop := run(t, f)
			if err := f.CatchUp(within(t)); err != nil {
				t.Fatal(err)
			}
			before, _ := v.Hash(t.Context())
			_ = stop() // a rebuild needs no Run
			s.follow = follow(s)
			if out, err := f.Rebuild(within(t), "tallies", nil); err == nil {
				t.Fatalf("%s: rebuilt %+v", name, out)
			}
			if after, _ := v.Hash(t.Context()); after != before || v.Position() != 700 {
				t.Fatalf("%s: the view has changed", name)
			}
			s.follow = nil
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := f.Rebuild(ended, "tallies", nil); !errors.Is(err, context.Canceled) {
				t.Fatalf("rebuild with an ended context: %v", err)
			}
			if out, err := f.Rebuild(within(t), "tallies", nil); err != nil || out.Before != out.After || out.Events != 700 {
				t.Fatalf("rebuilt %+v, error %v", out, err)
			}
		}
	})

	t.Run("goes on while another folder fails", func(t *testing.T) {
		s, v := newStore(), tallies(t)
		s.note(t, 50)
		f := follower(s, v, &diary{name: "failing", apply: func(context.Context, []es.Recorded) error { return errTorn }})
		stop := run(t, f)
		eventually(t, "a batch is folded", func() bool { return v.Position() > 0 })
		out, err := f.Rebuild(within(t), "tallies", nil)
		if err != nil || out.Before != out.After || out.Events != v.Position() {
			t.Fatalf("rebuilt %+v, error %v", out, err)
		}
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run: %v", err)
		}
	})

	t.Run("gives up waiting for a folder that is stuck when its context ends", func(t *testing.T) {
		s, v := newStore(), tallies(t)
		s.note(t, 1)
		stuck := &diary{name: "stuck", apply: func(ctx context.Context, _ []es.Recorded) error { <-ctx.Done(); return ctx.Err() }}
		f := follower(s, v, stuck)
		run(t, f)
		eventually(t, "the folder is stuck", func() bool { n, _ := stuck.calls(); return n > 0 })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := f.Rebuild(ctx, "tallies", nil); done <- err }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatalf("rebuild: %v", err)
		}
	})
}
