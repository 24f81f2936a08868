package matching

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	events "kith/api/events/matching"
	"kith/pkg/es"
)

// cut is a log to which a process can append only so many introductions.
type cut struct {
	es.Store
	left int
}

var errCut = errors.New("the process is gone")

func (c *cut) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	if _, ok := e.(events.IntroductionMade); ok {
		if c.left--; c.left < 0 {
			return 0, errCut
		}
	}
	return c.Store.Append(ctx, s, after, m, e)
}

// A process that knows nothing of a round that another one left in the middle
// makes the rest of it, from the log alone.
func TestAnotherProcessGoesOnWithARound(t *testing.T) {
	const people, before = 31, 4
	first, started := organisation(t, people)
	log := first.core.Events
	everybody, err := readPast(t.Context(), log, started)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.core.Access.Apply(t.Context(), upTo(t, log, started)); err != nil {
		t.Fatal(err)
	}
	want, err := first.pairsOf(t.Context(), everybody)
	if err != nil {
		t.Fatal(err)
	}
	id := everybody.started.Stream.ID
	for i, left := range []int{before, people} {
		core := first.core
		core.Events, core.Metrics = &cut{log, left}, prometheus.NewRegistry()
		process, err := newService(t.Context(), core, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := process.introduce(t.Context(), id, started); (err != nil) != (i == 0) {
			t.Fatalf("process %d: %v", i, err)
		}
	}
	var got []string
	finished := 0
	for r, err := range log.Load(t.Context(), everybody.started.Stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch e := r.Data.(type) {
		case events.IntroductionMade:
			got = append(got, e.Introduction)
		case events.RoundFinished:
			finished++
			if e.Pairs != people/2 || e.LeftOut != 1 {
				t.Errorf("finished with %+v", e)
			}
		}
	}
	if len(got) != len(want) || finished != 1 {
		t.Fatalf("%d pairs, want %d; finished %d times", len(got), len(want), finished)
	}
	for i, e := range want {
		if got[i] != e.Introduction {
			t.Errorf("pair %d is another one", i)
		}
	}
}

// upTo is the log up to a position.
func upTo(t *testing.T, log es.Store, through uint64) (out []es.Recorded) {
	t.Helper()
	for r, err := range log.Follow(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if out = append(out, r); r.Seq >= through {
			break
		}
	}
	return out
}
