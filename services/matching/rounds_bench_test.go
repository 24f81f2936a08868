package matching

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events"
	matched "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/vault"
	"kith/pkg/view/viewmem"
)

// BenchmarkIntroduce makes the first round of an organisation of 11,500 people who
// all want to be introduced, on a log in memory: reading the log, opening the
// profiles, pairing, and an event for each pair.
func BenchmarkIntroduce(b *testing.B) {
	const people = 11_500
	for b.Loop() {
		b.StopTimer()
		s, started := organisation(b, people)
		begin := time.Now()
		b.StartTimer()
		p, err := readPast(b.Context(), s.core.Events, started)
		if err != nil {
			b.Fatal(err)
		}
		read := time.Since(begin)
		made, err := s.pairsOf(b.Context(), p)
		if err != nil {
			b.Fatal(err)
		}
		paired := time.Since(begin)
		for _, e := range made {
			m := es.Meta{Command: es.ID(e.People...), Actor: "reactor:bench"}
			if _, err := s.roundsRepo.Execute(b.Context(), p.started.Stream.ID, m, func(o round) (es.Event, error) { return o.Introduce(e) }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(made)), "pairs")
		b.ReportMetric(float64(read.Milliseconds()), "ms-read")
		b.ReportMetric(float64((paired - read).Milliseconds()), "ms-pair")
		b.ReportMetric(float64((time.Since(begin) - paired).Milliseconds()), "ms-append")
	}
}

// organisation is a log in which people want to be introduced, and a round has
// just started.
func organisation(b testing.TB, people int) (*service, uint64) {
	b.Helper()
	ctx := b.Context()
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	log := esmem.New(es.NewCodec(types...), func() time.Time { return now })
	master, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		b.Fatal(err)
	}
	core := app.Core{Events: log, Views: viewmem.Backend{}, Access: access.New(), Vault: vault.New(master, vault.NewMemoryKeys(), rand.Reader),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: func() time.Time { return now }}
	s, err := newService(ctx, core, Config{})
	if err != nil {
		b.Fatal(err)
	}
	r := mathrand.New(mathrand.NewPCG(1, 1))
	zipf := mathrand.NewZipf(r, 1.2, 8, 1999)
	topics := func() string {
		var out []string
		for range 3 {
			out = append(out, fmt.Sprintf("subject%d area%d", zipf.Uint64(), zipf.Uint64()))
		}
		return strings.Join(out, "\n")
	}
	var last uint64
	add := func(aggregate, id string, context string, e es.Event) {
		stream := es.Stream{Context: context, Aggregate: aggregate, ID: id}
		after, err := log.LastOf(ctx, stream)
		if err != nil {
			b.Fatal(err)
		}
		m := es.Meta{Command: es.ID(id, e.EventType()), Actor: id}
		sealedEvent, err := core.Vault.Seal(ctx, es.EventID(stream, m.Command), e)
		if err != nil {
			b.Fatal(err)
		}
		if last, err = log.Append(ctx, stream, after, m, sealedEvent); err != nil {
			b.Fatal(err)
		}
	}
	for i := range people {
		id := fmt.Sprintf("p%05d", i)
		if err := core.Vault.Create(ctx, id); err != nil {
			b.Fatal(err)
		}
		add(membership.Person, id, membership.Context, membership.PersonRegistered{Name: sealed.New(id, sealed.Identity, id), Unit: fmt.Sprint("u", r.IntN(people/25+4)), Language: "de"})
		add(membership.Person, id, membership.Context, membership.ProfileChanged{
			CanHelp: sealed.New(id, sealed.Identity, topics()), WantToLearn: sealed.New(id, sealed.Identity, topics()), Availability: "available"})
		add(matched.Meeting, id, matched.Context, matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
	}
	round, e := s.cfg.roundOf(now)
	add(matched.Round, round, matched.Context, e)
	return s, last
}
