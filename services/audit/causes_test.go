package audit_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"

	"kith/api/events/community"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/services/audit"
)

// counted is a log that counts the events that are read of it by position.
type counted struct {
	Store
	read *atomic.Int64
}

func (c counted) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		for r, err := range c.Store.Range(ctx, after, to) {
			c.read.Add(1)
			if !yield(r, err) {
				return
			}
		}
	}
}

// react appends a unit because of the event at cause.
func (h house) react(cause uint64, code string) uint64 {
	h.t.Helper()
	seq, err := h.App.Core.Events.Append(h.t.Context(), stream(membership.Context, membership.Unit, code), 0,
		es.Meta{Command: code, Cause: "e", CauseSeq: cause, Actor: "reactor:x"}, membership.UnitCreated{Code: code, Name: code, Kind: "team"})
	if err != nil {
		h.t.Fatal(err)
	}
	return seq
}

func TestEffectsAreFoundWithoutTheLog(t *testing.T) {
	var read atomic.Int64
	h := beginOn(t, audit.Config{}, func(s Store) es.Store { return counted{s, &read} })
	first := h.seqOf(stream(community.Context, community.Request, "q-open"))
	second := h.seqOf(stream(community.Context, community.Request, "q-closed"))
	effects := map[uint64][]uint64{}
	for i := range 9 { // the second's first: reactors may lag behind each other
		for _, cause := range []uint64{second, first} {
			effects[cause] = append(effects[cause], h.react(cause, fmt.Sprintf("u%d-%d", cause, i)))
		}
		for n := range 60 {
			h.Append("ada", stream(community.Context, community.Charter, "open"), community.CharterRevised{Version: 60*i + n + 1, Purpose: "p"})
		}
	}
	last, err := h.App.Core.Events.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.App.Core.Follower.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	for cause, want := range effects {
		query := fmt.Sprintf("caused_by=%d&to=%d", cause, last)
		before := read.Load()
		if got := h.walk(query); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", cause, got, want)
		}
		if n := read.Load() - before; n > 2*int64(len(want)) {
			t.Errorf("%d events were read to find %d", n, len(want))
		}
		if got := h.walk(query + "&limit=4"); !slices.Equal(got, want) {
			t.Errorf("%d in pages: %v, want %v", cause, got, want)
		}
		if got := h.walk(fmt.Sprintf("%s&from=%d", query, want[3])); !slices.Equal(got, want[3:]) {
			t.Errorf("%d from %d: %v, want %v", cause, want[3], got, want[3:])
		}
		slices.Reverse(want)
		if got := h.walk(query + "&limit=4&order=newest"); !slices.Equal(got, want) {
			t.Errorf("%d backwards: %v, want %v", cause, got, want)
		}
	}
	if got := h.walk(fmt.Sprintf("caused_by=%d&actor=ada", first)); len(got) != 0 {
		t.Errorf("ada is no reactor: %v", got)
	}
}

func TestCausesFoldedAnew(t *testing.T) {
	h := begin(t, audit.Config{})
	cause := h.seqOf(stream(community.Context, community.Request, "q-open"))
	last := h.react(cause, "u1")
	if err := h.App.Core.Follower.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	all, err := h.App.Core.Follower.Rebuild(t.Context(), "audit-causes", nil)
	if err != nil || all.Before != all.After || all.Before == fmt.Sprintf("%x", sha256.Sum256(nil)) {
		t.Errorf("%+v %v", all, err)
	}
	if got := h.walk(fmt.Sprintf("caused_by=%d", cause)); !slices.Equal(got, []uint64{last}) {
		t.Errorf("%v, want %d", got, last)
	}
}
