package es_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/es/estest"
)

// lossy is a log whose next answer can be lost, before or after the event is
// stored. It counts loads.
type lossy struct {
	es.Store
	loads          atomic.Int64
	before, behind bool
}

func (l *lossy) lose(before bool) { l.before, l.behind = before, !before }

func (l *lossy) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	before, behind := l.before, l.behind
	l.before, l.behind = false, false
	if before {
		return 0, es.ErrUnavailable
	}
	seq, err := l.Store.Append(ctx, s, after, m, e)
	if behind {
		return 0, es.ErrUnavailable
	}
	return seq, err
}

func (l *lossy) Load(ctx context.Context, s es.Stream, after uint64) iter.Seq2[es.Recorded, error] {
	l.loads.Add(1)
	return l.Store.Load(ctx, s, after)
}

// TestAnyInterleaving: whatever order commands come in through two replicas,
// repeated and with lost answers, each takes effect once, at one position, and
// every decision was made on the state just before it.
func TestAnyInterleaving(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { interleave(rt, esmem.New(estest.Codec(), time.Now), "") })
	})
	t.Run("jetstream", func(t *testing.T) {
		s := jetStream(t)
		var round atomic.Int64
		rapid.Check(t, func(rt *rapid.T) { interleave(rt, s, strconv.FormatInt(round.Add(1), 10)+"-") })
	})
}

func interleave(t *rapid.T, s es.Store, prefix string) {
	ctx := context.Background()
	logs := []*lossy{{Store: s}, {Store: s}}
	replicas := []*es.Repo[box]{replica(logs[0]), replica(logs[1])}
	replicas[0].CacheBytes = 1 << 10 // forgets all but one
	type key struct{ id, command string }
	at := map[key]uint64{}
	tried := map[key]bool{}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		who := rapid.IntRange(0, 1).Draw(t, "replica")
		k := key{prefix + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "box"), strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "command"))}
		switch rapid.IntRange(0, 5).Draw(t, "fault") {
		case 0:
			logs[who].lose(true)
		case 1:
			logs[who].lose(false)
		}
		tried[k] = true
		seq, err := replicas[who].Execute(ctx, k.id, estest.Command(k.command), put(k.command))
		logs[who].before, logs[who].behind = false, false
		if errors.Is(err, es.ErrUnavailable) {
			continue
		}
		if err != nil {
			t.Fatalf("%v: %v", k, err)
		}
		if was, ok := at[k]; ok && was != seq {
			t.Fatalf("%v is at %d, was at %d", k, seq, was)
		}
		at[k] = seq
	}
	// Whoever got no answer asks again, until every command has its position.
	for k := range tried {
		seq, err := replicas[0].Execute(ctx, k.id, estest.Command(k.command), put(k.command))
		if was, ok := at[k]; err != nil || ok && was != seq {
			t.Fatalf("in the end %v is at %d, %v; was at %d", k, seq, err, was)
		}
		at[k] = seq
	}
	for _, id := range []string{"a", "b", "c"} {
		var want []key
		for k := range at {
			if k.id == prefix+id {
				want = append(want, k)
			}
		}
		slices.SortFunc(want, func(x, y key) int { return int(at[x]) - int(at[y]) })
		for _, r := range append(replicas, replica(s)) {
			b, _, err := r.Load(ctx, prefix+id)
			if err != nil || b.wrong != "" || len(b.things) != len(want) {
				t.Fatalf("%s holds %v, %v, %s; want %v", id, b.things, err, b.wrong, want)
			}
			for i, k := range want {
				if b.things[i] != k.command {
					t.Fatalf("%s holds %v, want %v", id, b.things, want)
				}
			}
		}
	}
}
