package matching

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/services/matching/pairing"
)

// history is a log that is folded while it grows.
type history struct {
	t    *testing.T
	past *past
	all  []es.Recorded
}

func (h *history) add(r es.Recorded) {
	h.t.Helper()
	r.Seq = uint64(len(h.all)) + 1
	r.Time = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(r.Seq) * time.Minute)
	h.all = append(h.all, r)
	if err := h.past.fold(h.t.Context(), r); err != nil {
		h.t.Fatal(err)
	}
}

// round makes a round and returns its pairs and whom it leaves out.
func (h *history) round(n, apart int) (pairs []pairing.Pair, left []string) {
	id := fmt.Sprint("r", n)
	h.add(on(events.Round, id, events.RoundStarted{Week: n, Apart: apart, Seed: id}))
	pairs, left = pairing.Round(h.past.people(), pairing.Rules{Seed: id, Share: h.past.access.Share})
	for _, p := range pairs {
		h.add(on(events.Round, id, events.IntroductionMade{Introduction: p.A + p.B, People: []string{p.A, p.B}}))
	}
	h.add(on(events.Round, id, events.RoundFinished{Pairs: len(pairs), LeftOut: len(left)}))
	return pairs, left
}

// Over thirty rounds in which people come, go, move and say no: nobody meets
// again within the rounds that are kept apart, nobody of their own unit, nobody
// who said "not this time", nobody before their interval is over; and of two who
// are left out, neither could have met the other.
func TestThirtyRoundsFromTheLog(t *testing.T) {
	const apart = 6
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 7))
		h := &history{t: t, past: newPast()}
		intervals := []string{"", events.IntroduceWeekly, events.IntroduceWeekly, events.IntroduceFortnightly, events.IntroduceMonthly}
		for i := range 40 {
			id := fmt.Sprintf("p%02d", i)
			h.add(on(membership.Person, id, membership.PersonRegistered{Unit: fmt.Sprint("u", r.IntN(4)), Language: "de"}))
			h.add(on(events.Meeting, id, events.MeetingPreferencesChanged{BuddyCap: 2, Introductions: intervals[r.IntN(len(intervals))]}))
		}
		met, last, refused := map[couple]int{}, map[string]int{}, map[couple]bool{}
		for n := 1; n <= 30; n++ {
			somebody := fmt.Sprintf("p%02d", r.IntN(40))
			switch r.IntN(4) {
			case 0:
				h.add(on(membership.Person, somebody, membership.PersonMoved{Unit: fmt.Sprint("u", r.IntN(4))}))
			case 1:
				h.add(on(membership.Person, somebody, membership.PersonDeactivated{}))
			case 2:
				h.add(on(membership.Person, somebody, membership.PersonReactivated{}))
			default:
				h.add(on(events.Meeting, somebody, events.MeetingPreferencesChanged{BuddyCap: 2, Introductions: events.IntroduceWeekly, Paused: r.IntN(2) == 0}))
			}
			pairs, left := h.round(n, apart)
			unit := func(id string) string { p, _ := h.past.access.Person(id); return p.Unit }
			for _, p := range pairs {
				c := coupleOf(p.A, p.B)
				if when, ok := met[c]; ok && n-when <= apart || refused[c] || unit(p.A) == unit(p.B) {
					t.Fatalf("round %d: %v, who met in %d", n, c, when)
				}
				for _, id := range c {
					w := h.past.wishes[id]
					if when, ok := last[id]; !w.Introduced || !h.past.access.Active(id) || ok && n-when < weeksOf(w.Introductions) {
						t.Fatalf("round %d: %s wants %q and was introduced in %d", n, id, w.Introductions, when)
					}
					last[id] = n
				}
				met[c] = n
			}
			for i, a := range left {
				for _, b := range left[i+1:] {
					when, ok := met[coupleOf(a, b)]
					if unit(a) != unit(b) && !refused[coupleOf(a, b)] && (!ok || n-when > apart) {
						t.Errorf("round %d: %s and %s are left out, and could meet", n, a, b)
					}
				}
			}
			if len(pairs) > 0 {
				p := pairs[r.IntN(len(pairs))]
				refused[coupleOf(p.A, p.B)] = true
				h.add(on(events.Introduction, p.A+p.B, events.IntroductionAnswered{Person: p.B, Other: p.A, Answer: events.IntroductionNotNow}))
			}
		}
		// The same log, folded again, is the same past.
		again := newPast()
		for _, rec := range h.all {
			if err := again.fold(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(again.people(), h.past.people()) || !reflect.DeepEqual(again.rounds, h.past.rounds) {
			t.Error("the log folded again says something else")
		}
	}
}
