package matching

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
)

// surroundingsPast takes every branch of the fold, with two communities.
func surroundingsPast() []es.Recorded {
	var all []es.Recorded
	add := func(context, aggregate, id string, e es.Event) {
		all = append(all, es.Recorded{Seq: uint64(len(all) + 1), Stream: es.Stream{Context: context, Aggregate: aggregate, ID: id}, Data: e})
	}
	settings := community.Settings{Name: "Root phones", Purpose: "We root phones.", Language: "en", Topics: []string{"Root"}}
	for _, id := range []string{"c", "d"} {
		add("community", "community", id, community.CommunityFounded{Settings: settings})
		add("community", "community", id, community.CommunitySettingsChanged{Settings: settings})
		for n := range 8 {
			q := fmt.Sprint("q", id, n)
			add("community", "request", q, community.RequestRaised{Community: id, Asker: "ann", Title: sealedBy("ann", q), Tags: []string{"root"}})
			add("community", "request", q, community.RequestResponded{Response: "r", Author: "ben"})
			add("community", "request", q, community.RequestCorrected{Title: sealedBy("ann", q+"x"), Tags: []string{"phone"}})
			switch n % 4 {
			case 0:
				add("community", "request", q, community.ResponseRetracted{Response: "r"})
			case 1:
				add("community", "request", q, community.RequestRetracted{})
			}
		}
	}
	tie := membership.Tie{Community: "c", Person: "eve"}
	add("membership", "membership", "m", membership.MembershipInvited{Tie: tie})
	add("membership", "membership", "n", membership.MembershipRequested{Tie: membership.Tie{Community: "d", Person: "eve"}})
	add("membership", "membership", "m", membership.MembershipJoined{Tie: tie})
	add("community", "link", "l", community.LinkProposed{Ends: community.Ends{Proposer: "c", Other: "d"}})
	for _, p := range []string{"ben", "eve"} {
		add("membership", "person", p, membership.ProfileChanged{WantToLearn: sealedBy(p, p), Languages: []string{"de"}})
	}
	add("matching", "suggestion", "s", events.SuggestionDismissed{Person: "eve", Community: "c"})
	add("matching", "suggestion", "t", events.LinkSuggestionDismissed{Community: "c", Other: "d"})
	add("matching", "suggestion", "u", events.SplitSuggestionDismissed{Community: "c", Until: time.Unix(9, 0)})
	add("membership", "person", "ben", membership.PersonErased{Texts: true})
	return all
}

// However the log comes, twice, in pieces, or before Fill, what is known is the same.
func TestSurroundingsFoldToTheSame(t *testing.T) {
	ctx, past := t.Context(), surroundingsPast()
	fold := func(size int, late, twice bool) string {
		t.Helper()
		x := newSurroundings(newIndex(&reader{}, slog.New(slog.DiscardHandler)))
		if !late {
			x.Fill(ctx)
		}
		for at := 0; at < len(past); at += size {
			from := at
			if twice && at > 0 {
				from = at - 1
			}
			for range 2 {
				if err := x.Apply(ctx, past[from:min(at+size, len(past))]); err != nil {
					t.Fatal(err)
				}
				if !twice {
					break
				}
			}
		}
		x.Fill(ctx)
		sum, err := x.Hash(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if x.Position() != uint64(len(past)) {
			t.Errorf("position %d of %d", x.Position(), len(past))
		}
		return sum
	}
	want := fold(len(past), false, false)
	for name, got := range map[string]string{
		"one by one": fold(1, false, false), "in pieces, each twice": fold(7, false, true),
		"before Fill": fold(5, true, false), "before Fill, each twice": fold(64, true, true),
	} {
		if got != want {
			t.Errorf("%s it is something else", name)
		}
	}
	for cut := range past { // every event says something
		x := newSurroundings(newIndex(&reader{}, slog.New(slog.DiscardHandler)))
		x.Fill(ctx)
		if err := x.Apply(ctx, append(append([]es.Recorded(nil), past[:cut]...), past[cut+1:]...)); err != nil {
			t.Fatal(err)
		}
		sum, _ := x.Hash(ctx)
		if past[cut].Stream.ID == "ben" && cut < len(past)-1 {
			continue // was erased later
		}
		switch past[cut].Data.(type) {
		case community.CommunityFounded, community.CommunitySettingsChanged, // the other one says the same
			membership.MembershipJoined, community.RequestCorrected, community.RequestResponded: // what came before or after is what counts
			continue
		}
		if sum == want {
			t.Errorf("without %T at %d it is the same", past[cut].Data, cut+1)
		}
	}
}

// A missing key holds it up and loses nothing; a rebuilt one is the same.
func TestSurroundingsWaitForKeys(t *testing.T) {
	ctx := t.Context()
	r := &reader{}
	x := newSurroundings(newIndex(r, slog.New(slog.DiscardHandler)))
	x.Fill(ctx)
	r.broken.Store(true)
	if err := x.Apply(ctx, surroundingsPast()); err == nil || x.Position() != 0 {
		t.Errorf("it went on to %d", x.Position())
	}
	r.broken.Store(false)
	for range 2 {
		if err := x.Apply(ctx, surroundingsPast()); err != nil {
			t.Fatal(err)
		}
	}
	twin, err := x.Fresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Apply(ctx, surroundingsPast()); err != nil {
		t.Fatal(err)
	}
	one, _ := x.Hash(ctx)
	two, _ := twin.Hash(ctx)
	if one != two || one == "" {
		t.Error("the twin holds something else")
	}
	if err := x.Swap(ctx, twin); err != nil || x.Position() != twin.Position() {
		t.Errorf("swapped to %d, %v", x.Position(), err)
	}
}

// BenchmarkFoldSurroundings folds 50,000 sealed requests as BenchmarkFold does.
func BenchmarkFoldSurroundings(b *testing.B) {
	const requests, batch = 50_000, 512
	v, events := sealedHistory(b, requests)
	for b.Loop() {
		x := newSurroundings(newIndex(v, slog.New(slog.DiscardHandler)))
		x.Fill(b.Context())
		for i := 0; i < len(events); i += batch {
			if err := x.Apply(b.Context(), events[i:min(i+batch, len(events))]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/requests, "µs/request")
}
