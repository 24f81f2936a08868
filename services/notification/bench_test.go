package notification

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

const (
	benchEvents      = 200_000
	benchPeople      = 10_000
	benchCommunities = 200
	benchBatch       = 256
)

// written is an event as it lies in the log.
type written struct {
	seq     uint64
	subject string
	es.Stored
}

// story writes events as an organisation lives: a request is raised, five are
// asked to help, some respond, one response is accepted and thanked, and now
// and then somebody joins.
func story(b *testing.B, c *es.Codec) []written {
	b.Helper()
	log := make([]written, 0, benchEvents)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	add := func(actor, aggregate, id string, context string, e es.Event) {
		seq := uint64(len(log) + 1)
		s := es.Stream{Context: context, Aggregate: aggregate, ID: id}
		m := es.Meta{Command: es.ID("command", strconv.FormatUint(seq, 10)), Request: es.ID("body", id), Correlation: es.ID("story", id), Actor: actor, Access: seq - 1}
		env, err := c.EncodeEnvelope(s, m, start.Add(time.Duration(seq)*time.Second), e)
		if err != nil {
			b.Fatal(err)
		}
		log = append(log, written{seq, s.Subject(), env.Stored})
	}
	person := func(n int) string { return es.ID("person", strconv.Itoa(n*7919%benchPeople)) }
	for n := 0; len(log) < benchEvents; n++ {
		request, in, asker := es.ID("request", strconv.Itoa(n)), es.ID("community", strconv.Itoa(n*31%benchCommunities)), person(n)
		title := sealed.Seal(sealed.Box{Person: asker, Class: sealed.Content, Event: request, Field: "title", Bytes: make([]byte, 40)})
		add(asker, community.Request, request, community.Context, community.RequestRaised{Community: in, Asker: asker, Kind: "problem", Title: title})
		proposed := matching.HelpersProposed{Request: request, Community: in, Asker: asker, Kind: "problem", Round: 1, Policy: "1"}
		for i := range 5 {
			proposed.Helpers = append(proposed.Helpers, matching.ProposedHelper{Person: person(n*5 + i + 1), Score: 0.5})
		}
		add("reactor:matching-router", matching.Proposal, request, matching.Context, proposed)
		for i := range 1 + n%2 {
			helper, response := person(n*5+i+1), es.ID(request, strconv.Itoa(i))
			add(helper, community.Request, request, community.Context, community.RequestResponded{Response: response, Author: helper, Body: title})
		}
		helper, response := person(n*5+1), es.ID(request, "0")
		add(asker, community.Request, request, community.Context, community.ResponseAccepted{Response: response, Author: helper})
		add(asker, community.Request, request, community.Context, community.Thanked{Response: response, From: asker, To: helper})
		if n%4 == 0 {
			tie := membership.Tie{Community: in, Person: person(n * 13)}
			add(tie.Person, membership.Membership, es.ID(in, tie.Person), membership.Context, membership.MembershipJoined{Tie: tie, Via: membership.ViaOpen, Role: "member"})
		}
	}
	return log[:benchEvents]
}

// read decodes the log, so that no event shares memory with another.
func read(c *es.Codec, log []written) []es.Recorded {
	out := make([]es.Recorded, len(log))
	for i, w := range log {
		out[i] = c.DecodeEnvelope(w.seq, w.subject, w.Stored)
	}
	return out
}

func liveHeap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkItems folds 200,000 events into the inbox. live-B/event is what the
// view keeps, ids that came with the events included.
func BenchmarkItems(b *testing.B) {
	c := codec()
	log := story(b, c)
	a := access.New()
	if err := a.Apply(b.Context(), read(c, log)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var live, entries float64
	for range b.N {
		b.StopTimer()
		before := liveHeap()
		events := read(c, log)
		v, err := view.Open(b.Context(), viewmem.Backend{}, itemsView(known(a)))
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for rest := events; len(rest) > 0; {
			n := min(benchBatch, len(rest))
			if err := v.Apply(b.Context(), rest[:n]); err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
		b.StopTimer()
		if entries == 0 {
			for i := range events {
				entries += float64(len(nowhere.items(events[i])))
			}
		}
		live = liveHeap() - before
		runtime.KeepAlive(v)
		b.StartTimer()
	}
	b.ReportMetric(benchEvents*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(live/benchEvents, "live-B/event")
	b.ReportMetric(live/entries, "live-B/item")
}
