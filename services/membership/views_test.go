package membership

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/vault"
	"kith/pkg/view/viewtest"
)

// history is every event of the service, some several times, on one aggregate
// of each kind.
func history() []es.Recorded {
	text := func(s string) sealed.Text {
		return sealed.Seal(sealed.Box{Person: "p", Class: sealed.Identity, Event: "e", Field: "f", Bytes: []byte(s)})
	}
	x := events.Tie{Community: "c", Person: "p"}
	var log []es.Recorded
	add := func(aggregate string, all ...es.Event) {
		for _, e := range all {
			seq := uint64(len(log) + 1)
			log = append(log, es.Recorded{
				Seq: seq, Stream: es.Stream{Context: events.Context, Aggregate: aggregate, ID: "p"}, Type: e.EventType(), Data: e,
				Time: time.Unix(int64(seq), 0).UTC(), Meta: es.Meta{Command: fmt.Sprint(seq), Actor: "a"},
			})
		}
	}
	add(events.Person, events.PersonRegistered{Name: text("Ada"), Unit: "u"}, events.PersonMoved{Unit: "v"}, events.PersonMoved{Unit: "w"},
		events.ProfileChanged{CanHelp: text("x"), Languages: []string{"de"}, Visibility: map[string]string{"about": "nobody"}},
		events.PersonChanged{Name: text("Ada L")}, events.PersonDeactivated{}, events.PersonReactivated{}, events.ProfileChanged{Availability: "away"})
	add(events.Membership, events.MembershipRequested{Tie: x, Message: text("m")}, events.MembershipRequestWithdrawn{Tie: x},
		events.MembershipRequested{Tie: x}, events.MembershipRequestDeclined{Tie: x, Reason: text("r")},
		events.MembershipInvited{Tie: x, Message: text("i")}, events.MembershipInvitationDeclined{Tie: x},
		events.MembershipInvited{Tie: x}, events.MembershipInvitationWithdrawn{Tie: x},
		events.MembershipJoined{Tie: x, Via: "open", Role: roleMember}, events.MembershipLeft{Tie: x},
		events.MembershipJoined{Tie: x, Via: "open", Role: roleMember}, events.MembershipRoleChanged{Tie: x, Role: roleHost},
		events.MembershipRemoved{Tie: x, Reason: text("r")})
	add(events.Token, events.TokenIssued{Person: "p", Name: text("t")}, events.TokenRevoked{Person: "p"}, events.TokenIssued{Person: "p"})
	add(events.Reservation, events.ReservationMade{Person: "p", Kind: KindLogin}, events.ReservationReleased{Person: "p"}, events.ReservationMade{Person: "q", Kind: KindLogin})
	log = append(log, es.Recorded{Seq: uint64(len(log) + 1), Stream: log[0].Stream, Data: es.Unreadable{}})
	return log
}

func TestViewsArePure(t *testing.T) {
	log := history()
	viewtest.Pure(t, peopleView(), log)
	viewtest.Pure(t, tiesView(), log)
	viewtest.Pure(t, tokensView(), log)
	viewtest.Pure(t, reservationsView(), log)
	erased := append(log, es.Recorded{Seq: uint64(len(log) + 1), Stream: log[0].Stream, Data: events.PersonErased{}})
	viewtest.Pure(t, peopleView(), erased)
}

func TestTieKeepsThePast(t *testing.T) {
	var d tieDoc
	for _, r := range history() {
		if r.Stream.Aggregate == events.Membership {
			foldTieDoc("p", &d, r)
		}
	}
	if d.Status != statusPast || len(d.Past) != 2 || d.Past[0].End != endLeft || d.Past[1].End != endRemoved ||
		d.Past[1].Role != roleHost || d.Past[1].Reason.IsZero() || d.Past[1].By != "a" {
		t.Errorf("document is %+v", d)
	}
}

func TestErasedPersonLeavesNothingInTheView(t *testing.T) {
	var d personDoc
	for _, r := range history() {
		if r.Stream.Aggregate == events.Person {
			foldPersonDoc("p", &d, r)
		}
	}
	foldPersonDoc("p", &d, es.Recorded{Data: events.PersonErased{}})
	if !d.Name.IsZero() || d.Profile.Languages != nil || d.Affiliations != nil || !d.Erased || d.Active {
		t.Errorf("document is %+v", d)
	}
}

func TestNamesIndex(t *testing.T) {
	log := history()
	var fail error
	open := func(_ context.Context, s sealed.Text) (string, error) {
		b, _ := s.Box()
		return string(b.Bytes), fail
	}
	t.Run("a missing key is an error, and the batch can be applied again", func(t *testing.T) {
		n := newNames(open)
		fail = vault.ErrNoKey
		if err := n.Apply(t.Context(), log); err == nil || n.Position() != 0 {
			t.Fatalf("applied to %d: %v", n.Position(), err)
		}
		fail = nil
		if err := n.Apply(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		if p, ok := n.get("p"); !ok || p.Name != "Ada L" || p.Unit != "w" || !p.Active {
			t.Errorf("knows %+v", p)
		}
	})
	t.Run("whose key is destroyed is left out, though the erasure comes later", func(t *testing.T) {
		n := newNames(open)
		fail = fmt.Errorf("open: %w", vault.ErrErased)
		defer func() { fail = nil }()
		if err := n.Apply(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		if _, ok := n.get("p"); ok {
			t.Error("an erased person is known")
		}
	})
	t.Run("a twin folded anew has the same hash", func(t *testing.T) {
		n := newNames(open)
		for _, r := range log {
			if err := n.Apply(t.Context(), []es.Recorded{r}); err != nil {
				t.Fatal(err)
			}
		}
		twin, _ := n.Fresh(t.Context())
		if err := twin.Apply(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		one, _ := n.Hash(t.Context())
		other, _ := twin.Hash(t.Context())
		if one != other {
			t.Error("the hashes differ")
		}
	})
}

func TestDepths(t *testing.T) {
	deep := map[string]string{"0": ""}
	for i := 1; i < 100_000; i++ {
		deep[fmt.Sprint(i)] = fmt.Sprint(i - 1)
	}
	if got := depths(deep)["99999"]; got != 99_999 {
		t.Errorf("the deepest lies at %d", got)
	}
	got := depths(map[string]string{"a": "b", "b": "c", "c": "b", "d": "a", "e": "", "f": "e", "g": "unknown"})
	for code, want := range map[string]int{"a": -1, "b": -1, "c": -1, "d": -1, "e": 0, "f": 1, "g": 0} {
		if got[code] != want {
			t.Errorf("%s lies at %d, want %d", code, got[code], want)
		}
	}
}

// people11500 is a file as a large authority has it.
func people11500() []byte {
	var b strings.Builder
	b.WriteString("external_id;name;email;unit_id;site;language;active\n")
	for i := range 11_500 {
		fmt.Fprintf(&b, "%d;Person Nummer %d;person.%d@example.org;%d;Bonn;de;true\n", i, i, i, i%120)
	}
	return []byte(b.String())
}

func BenchmarkReadPeople(b *testing.B) {
	units := map[string]string{}
	for i := range 120 {
		units[fmt.Sprint(i)] = "u"
	}
	body := people11500()
	for b.Loop() {
		bad := newProblems(false)
		rows, err := readPeople(body, units, "de", bad)
		if err != nil || bad.total > 0 || len(rows) != 11_500 {
			b.Fatal(len(rows), bad.total, err)
		}
	}
}

// BenchmarkImportPeople creates 11,500 people on a log in memory, then compares
// the same file with them.
func BenchmarkImportPeople(b *testing.B) {
	s := newBench(b)
	ctx := b.Context()
	units := map[string]string{}
	for i := range 120 {
		units[fmt.Sprint(i)] = unitID(fmt.Sprint(i))
	}
	rows, err := readPeople(people11500(), units, "de", newProblems(false))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		start := time.Now()
		bad := newProblems(false)
		plan, err := s.planPeople(ctx, rows, false, bad)
		if err != nil || bad.total > 0 {
			b.Fatal(err, bad.listed)
		}
		planned := time.Since(start)
		steps := toDo(plan.steps)
		for _, st := range steps {
			if _, err := st.apply(ctx, es.Meta{Command: "import"}); err != nil {
				b.Fatal(err)
			}
		}
		b.Logf("planned in %v, %d steps, %d unchanged, %d events in %v", planned, len(steps), len(plan.steps)-len(steps), s.folded(), time.Since(start))
	}
}
