package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"time"

	"kith/pkg/text"
	"kith/services/matching/engine"
)

// nearest is how many requests a search finds, as many as vote in ranking.
const nearest = 200

// measure builds an organisation and asks it questions that it has not had,
// one after the other.
func (b *bench) measure(s size) {
	note("%s: %d people, %d requests, %d responses", s.name, s.people, s.requests, s.responses)
	o := newOrganisation(s, b.seed)
	var f folder
	var took folded
	b.profiled(s.name+"-build", func() {
		f, took = build(o, nil, b.along, func(f folder, responses int) { b.alongside(s, f, responses) })
	})
	b.heapProfile(s.name)
	b.report(s.name+"_requests", float64(s.requests), "requests")
	b.report(s.name+"_responses", float64(took.responses), "responses")
	b.report(s.name+"_build", took.wall.Seconds(), "s")
	b.report(s.name+"_build_read_cpu", took.read.Seconds(), "s")
	b.report(s.name+"_build_fold_cpu", took.fold.Seconds(), "s")
	b.report(s.name+"_events_cpu", float64(took.events)/(took.read+took.fold).Seconds(), "events/s")
	b.report(s.name+"_heap", float64(took.bytes)/(1<<20), "MiB")
	b.report(s.name+"_heap_per_response", float64(took.bytes)/float64(took.responses), "B")
	b.report(s.name+"_resident", memory("VmRSS"), "MiB")
	b.report(s.name+"_resident_most", memory("VmHWM"), "MiB")
	asks := b.asks(o, f)
	b.profiled(s.name+"-search", func() {
		b.times(s.name+"_search", clock(asks, func(a *engine.Ask) { f.search(a, nil) }))
		b.times(s.name+"_search_closed", clock(asks, func(a *engine.Ask) { f.search(a, outsider(a.Community)) }))
	})
	b.profiled(s.name+"-rank", func() {
		b.times(s.name+"_rank", clock(asks, func(a *engine.Ask) { f.rank(a, nil) }))
		b.times(s.name+"_rank_closed", clock(asks, func(a *engine.Ask) { f.rank(a, outsider(a.Community)) }))
	})
	fmt.Printf("# %s finds %s\n", s.name, f.finds(asks[:min(len(asks), compared)]))
	b.visible(s, o, f)
	runtime.KeepAlive(f)
}

// alongside measures what is built so far: how things grow. Its questions are of an
// organisation like the one that is built, which goes on meanwhile.
func (b *bench) alongside(s size, f folder, responses int) {
	o := newOrganisation(s, b.seed)
	o.words.drawn = uint64(responses) * wordsDrawn
	o.words.grow()
	name := fmt.Sprintf("%s_at_%d", s.name, responses)
	b.report(name+"_heap", float64(heap())/(1<<20), "MiB")
	b.report(name+"_resident", memory("VmRSS"), "MiB")
	asks := b.asks(o, f)
	clock(asks[:len(asks)/4], func(a *engine.Ask) { f.rank(a, nil) }) // until those who make it up wait
	b.times(name+"_search", clock(asks, func(a *engine.Ask) { f.search(a, nil) }))
	b.times(name+"_rank", clock(asks, func(a *engine.Ask) { f.rank(a, nil) }))
	b.times(name+"_rank_closed", clock(asks, func(a *engine.Ask) { f.rank(a, outsider(a.Community)) }))
}

// wordsDrawn is how many words there are in an answer, with its part of a question,
// of which nobody knows whether they have been said before.
const wordsDrawn = 20

// asks are new questions.
func (b *bench) asks(o *organisation, f folder) []engine.Ask {
	all := make([]engine.Ask, b.queries)
	for i := range all {
		q := o.question()
		all[i] = engine.Ask{
			Community: communityID(q.community), Asker: personID(q.asker), Language: text.English, Tags: q.tags, At: o.week.at(o.requests + i),
			Terms: f.analyser.Terms(text.English, text.Field{Text: q.title, Weight: titleWeight}, text.Field{Text: q.body, Weight: 1}),
		}
	}
	return all
}

// outsider sees what is open and the community that they ask in.
func outsider(own string) func(community, request string) bool {
	return func(community, _ string) bool { return community == own || !closed(community) }
}

func everybody(string) bool { return true }

// search is the search for similar requests alone.
func (f folder) search(a *engine.Ask, sees func(community, request string) bool) []engine.Similar {
	return f.engine.Similar(a.Language, a.Terms, a.Tags, "", nearest, sees, everybody)
}

// rank is all that is done to find helpers, until the next ranking. Everybody works
// somewhere.
func (f *folder) rank(a *engine.Ask, sees func(community, request string) bool) []engine.Candidate {
	f.ranked = f.engine.AppendRank(f.ranked[:0], *a, engine.Rules{Weights: f.engine.WeightsFor(*a, sees), Policy: engine.DefaultPolicy(), Cap: 5, Window: 7 * 24 * time.Hour},
		engine.People{May: everybody, Unit: func(person string) string { return person[len(person)-2:] }, Sees: sees})
	return f.ranked
}

// compared is how many questions say what is found.
const compared = 200

// finds is equal where the same is found for all of asks, with the same figures to
// the bit: so that one version can be compared with another.
func (f *folder) finds(asks []engine.Ask) string {
	sum := sha256.New()
	for i := range asks {
		for _, sees := range []func(community, request string) bool{nil, outsider(asks[i].Community)} {
			fmt.Fprintf(sum, "%v\n%v\n", f.search(&asks[i], sees), f.rank(&asks[i], sees))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// visible measures how long it takes until an answer to a request of before is
// seen by a search.
func (b *bench) visible(s size, o *organisation, f folder) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := make([]spent, 0, 200)
	for i := range 200 {
		e := event{kind: answered, request: requestID(s.requests - 1 - i*s.requests/400), response: responseID(o.last + i + 1),
			person: personID(i), at: o.week.at(s.requests), body: o.words.prose(o.random, &subject{second: 1}, 60) + " " + rareWord(i)}
		ask := engine.Ask{Terms: f.analyser.Terms(text.English, text.Field{Text: rareWord(i), Weight: 1})}
		watch := begin()
		f.read(&e)
		f.fold(&e)
		found := f.search(&ask, nil)
		if len(found) == 1 && found[0].Request == e.request {
			times = append(times, watch.spent())
		}
	}
	b.report(s.name+"_visible_share", float64(len(times))/200, "of 1")
	if len(times) > 0 {
		b.times(s.name+"_visible", times)
	}
}

// rareWord is the nth of words that no text has.
func rareWord(n int) string { return "x" + word(uint64(maxWords+n)) + "x" }

// growth compares each size with the one before, ten times smaller.
func (b *bench) growth() {
	all := sizes()
	for i := 1; i < len(all); i++ {
		for _, what := range []string{"heap", "build_fold_cpu", "search_cpu_p50", "search_cpu_p99", "search_closed_cpu_p99", "rank_cpu_p50", "rank_cpu_p99", "rank_closed_cpu_p99"} {
			small, ok := b.value(all[i-1].name + "_" + what)
			large, also := b.value(all[i].name + "_" + what)
			if ok && also && small > 0 {
				b.report("growth_"+all[i].name+"_"+what, large/small, "times")
			}
		}
	}
}
