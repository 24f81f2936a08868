package matching

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/vault"
)

// BenchmarkFold folds 50,000 sealed requests with three responses each: 90 and
// 60 words, half of them stop words, of a vocabulary in which few words are
// frequent, by 5,000 people.
func BenchmarkFold(b *testing.B) {
	const requests, batch = 50_000, 512
	before := heap()
	v, events := sealedHistory(b, requests)
	var x *index
	b.ReportAllocs()
	for b.Loop() {
		x = newIndex(v, slog.New(slog.DiscardHandler))
		x.Fill(b.Context())
		for i := 0; i < len(events); i += batch {
			if err := x.Apply(b.Context(), events[i:min(i+batch, len(events))]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/requests, "µs/request")
	clear(events)
	b.ReportMetric(float64(heap()-before)/requests, "B/request")
	runtime.KeepAlive(x)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func sealedHistory(b *testing.B, requests int) (*vault.Vault, []es.Recorded) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	master, err := vault.NewMaster(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	v := vault.New(master, vault.NewMemoryKeys(), rand.NewChaCha8([32]byte{}))
	people := make([]string, 5000)
	for i := range people {
		people[i] = fmt.Sprintf("018f3c2a-7b1e-7c3d-9a4b-%012d", i)
		if err := v.Create(b.Context(), people[i]); err != nil {
			b.Fatal(err)
		}
	}
	words := vocabulary(random, 40_000)
	zipf := rand.NewZipf(random, 1.1, 8, uint64(len(words)-1))
	stop := strings.Fields("the and a to of in is it we for on with this that have be are not do how what can my our from")
	prose := func(n int) string {
		var t bytes.Buffer
		for i := range n {
			word := stop[random.IntN(len(stop))]
			if random.IntN(2) > 0 {
				word = words[zipf.Uint64()]
			}
			if i%12 == 0 {
				word = strings.ToUpper(word[:1]) + word[1:]
			}
			t.WriteString(word)
			if i%12 == 11 {
				t.WriteByte('.')
			}
			t.WriteByte(' ')
		}
		return t.String()
	}
	var out []es.Recorded
	record := func(id string, data es.Event) {
		s := es.Stream{Context: community.Context, Aggregate: community.Request, ID: id}
		event := es.EventID(s, fmt.Sprint(len(out)))
		data, err := v.Seal(b.Context(), event, data)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, es.Recorded{Seq: uint64(len(out) + 1), ID: event, Stream: s, Data: data})
	}
	who := func() string { return people[random.IntN(len(people))] }
	text := func(person string, n int) sealed.Text { return sealed.New(person, sealed.Content, prose(n)) }
	for i := range requests {
		id, asker := fmt.Sprintf("018f3c2b-0000-7000-8000-%012d", i), who()
		record(id, community.RequestRaised{Community: fmt.Sprint("c", i%200), Asker: asker, Kind: community.Problem, Language: "en",
			Title: text(asker, 10), Body: text(asker, 60), Tried: text(asker, 20),
			Tags: []string{words[zipf.Uint64()%500], words[zipf.Uint64()%500]}})
		for j := range 3 {
			author := who()
			record(id, community.RequestResponded{Response: fmt.Sprintf("018f3c2c-0000-7000-%04d-%012d", j, i), Author: author, Body: text(author, 60)})
		}
	}
	return v, out
}

// vocabulary are words of two to four syllables with the endings that stemmers know.
func vocabulary(random *rand.Rand, n int) []string {
	syllables := strings.Fields("ba be bo ca co cre da de di dra fa fe fi flo ga ge gra ha he hu ja ka ki la le li lo ma me mi mo na ne no pa pe pla po pri qua ra re ri ro sa se si so sta ta te ti to tra va ve vi wa we zo")
	endings := []string{"", "s", "ing", "ed", "er", "ation", "ness", "ly"}
	out := make([]string, n)
	for i := range out {
		for range 2 + random.IntN(3) {
			out[i] += syllables[random.IntN(len(syllables))]
		}
		out[i] += endings[random.IntN(len(endings))]
	}
	return out
}
