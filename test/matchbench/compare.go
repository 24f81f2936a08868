package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"kith/pkg/text"
	"kith/services/matching/engine"
)

// documents is the size at which searches are compared, and similar requests
// are looked for while somebody types.
const documents = 100_000

// document is a request with all answers to it, as terms.
type document struct {
	id     string
	counts map[string]int
}

// collector gathers what each request says in the end, as the engine has it.
type collector struct {
	analyser *text.Analyser
	at       map[string]int
	all      []document
}

func (c *collector) see(e *event) {
	switch e.kind {
	case raised:
		c.at[e.request] = len(c.all)
		c.all = append(c.all, document{e.request, map[string]int{}})
		c.add(e.request, e.tags, text.Field{Text: e.title, Weight: titleWeight}, text.Field{Text: e.body, Weight: 1})
	case answered:
		c.add(e.request, nil, text.Field{Text: e.body, Weight: 1})
	}
}

func (c *collector) add(request string, tags []string, fields ...text.Field) {
	counts := c.all[c.at[request]].counts
	for _, t := range c.analyser.Terms(text.English, fields...) {
		counts[strings.Clone(t.Text)] += int(t.Weight)
	}
	for _, tag := range tags {
		counts["#"+tag] += titleWeight
	}
}

// hundredThousand measures what is measured at 100,000 requests. Nothing in
// this log is corrected or retracted, so that others need only add.
func (b *bench) hundredThousand(ctx context.Context) error {
	s := size{"typing", 38_000, documents, documents * 10 / 3, 300, 600}
	note("%d requests, %d responses, to compare with others", s.requests, s.responses)
	o := newOrganisation(s, b.seed)
	o.final = true
	c := &collector{analyser: text.NewAnalyser(), at: map[string]int{}}
	see := c.see
	if !b.compares() {
		see = nil
	}
	f, _ := build(o, see, 0, nil)
	if b.wanted(partTyping) {
		b.typing(o, f)
	}
	if !b.compares() {
		return nil
	}
	return b.compare(ctx, f, c.all, b.weightiest(c.all, b.asks(o, f)))
}

// shown is how many similar requests are shown while somebody types.
const shown = 5

// typing asks after each word of new questions, as the portal does.
func (b *bench) typing(o *organisation, f folder) {
	var prefixes []string
	for len(prefixes) < b.queries {
		q := o.question()
		all := strings.Fields(q.title + " " + q.body)
		for n := 2; n <= min(len(all), 40); n++ {
			prefixes = append(prefixes, strings.Join(all[:n], " "))
		}
	}
	b.profiled(partTyping, func() {
		b.times(partTyping, clock(prefixes, func(typed *string) {
			language := f.analyser.Language("", *typed)
			terms := f.analyser.Terms(language, text.Field{Text: *typed, Weight: 1})
			f.engine.Similar(language, terms, nil, "", shown, outsider(""), everybody)
		}))
	})
}

// longest is how many terms of a question are searched for, as by the engine.
const longest = 24

// weightiest leaves the terms that weigh most in each question, by rarity and
// how often they are said, so that all searches are for the same.
func (b *bench) weightiest(all []document, asks []engine.Ask) [][]text.Term {
	having := map[string]int{}
	for _, d := range all {
		for t := range d.counts {
			having[t]++
		}
	}
	out := make([][]text.Term, 0, len(asks))
	for _, a := range asks {
		terms := slices.Clone(a.Terms)
		for _, tag := range a.Tags {
			if t := (text.Term{Text: "#" + tag, Weight: titleWeight}); !slices.Contains(terms, t) {
				terms = append(terms, t)
			}
		}
		terms = slices.DeleteFunc(terms, func(t text.Term) bool { return having[t.Text] == 0 })
		weight := func(t text.Term) float64 {
			n := float64(having[t.Text])
			return float64(t.Weight) * math.Log(1+(float64(len(all))-n+0.5)/(n+0.5))
		}
		slices.SortFunc(terms, func(a, b text.Term) int {
			return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a.Text, b.Text))
		})
		out = append(out, terms[:min(len(terms), longest)])
	}
	return out
}

// searcher finds the nearest documents of any of the terms, the best first.
type searcher interface {
	add(ctx context.Context, all []document) error
	search(ctx context.Context, terms []text.Term) (ids []string, err error)
	Close() error
}

const (
	warmUp    = 20  // questions that are asked first and not counted
	mostAsked = 500 // then, of one that takes long
)

var errNotThere = errors.New("is not there")

// compare asks each the same questions, one after the other.
func (b *bench) compare(ctx context.Context, f folder, all []document, queries [][]text.Term) error {
	ours := make([][]string, len(queries))
	i := 0
	times := clock(queries, func(terms *[]text.Term) {
		found := f.engine.Similar(text.English, *terms, nil, "", nearest, nil, everybody)
		ours[i] = make([]string, len(found))
		for j, hit := range found {
			ours[i][j] = hit.Request
		}
		i++
	})
	b.times("compare_kith", times)
	dir, err := os.MkdirTemp("", "matchbench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, other := range []struct {
		name, part string
		open       func(ctx context.Context, dir string) (searcher, error)
	}{{"bleve_memory", partBleve, openBleveMemory}, {"bleve_disk", partBleve, openBleveDisk}, {"postgres", partPostgres, openPostgres}} {
		if !b.wanted(other.part) {
			continue
		}
		err := b.against(ctx, other.name, dir, other.open, all, queries, ours)
		if errors.Is(err, errNotThere) {
			fmt.Printf("# %s: not measured: %v\n", other.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", other.name, err)
		}
	}
	return nil
}

func (b *bench) against(ctx context.Context, name, dir string, open func(context.Context, string) (searcher, error), all []document, queries [][]text.Term, ours [][]string) error {
	s, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	start := time.Now()
	note("%s: adds %d documents", name, len(all))
	if err := s.add(ctx, all); err != nil {
		return err
	}
	b.report(name+"_build", time.Since(start).Seconds(), "s")
	note("%s: is asked", name)
	for i := range min(len(queries), warmUp) {
		if _, err := s.search(ctx, queries[i]); err != nil {
			return err
		}
	}
	i, same, of := 0, 0, 0
	times := clock(queries[:min(len(queries), mostAsked)], func(terms *[]text.Term) {
		var found []string
		if err == nil {
			found, err = s.search(ctx, *terms)
		}
		top := ours[i][:min(len(ours[i]), 10)]
		of += len(top)
		for _, id := range found[:min(len(found), 10)] {
			if slices.Contains(top, id) {
				same++
			}
		}
		i++
	})
	if err != nil {
		return err
	}
	if name == partPostgres {
		for i := range times {
			times[i].cpu = 0 // it is the server's that counts, which is not known here
		}
	}
	b.times(name, times)
	b.report(name+"_overlap", float64(same)/float64(max(of, 1)), "of 1")
	for _, q := range []string{"_p50", "_p99", "_cpu_p50", "_cpu_p99"} {
		theirs, _ := b.value(name + q)
		kith, _ := b.value("compare_kith" + q)
		if theirs > 0 && kith > 0 {
			b.report(name+q+"_times", theirs/kith, "times")
		}
	}
	return nil
}
