package viewtest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// Pure proves of a view that its Fold is what view.Definition asks for: it
// leaves every older version of a document and the events as they were, slices
// and maps included, and it gives the same content whenever the same events are folded,
// in one batch or in many, from documents in memory or from those that were
// stored as JSON. events are in the order of the log, with positions;
// they should bring every branch of the fold, several times for one document.
func Pure[D any](t *testing.T, spec view.Spec[D], events []es.Recorded) {
	t.Helper()
	for _, problem := range impurities(t, spec, events) {
		t.Error(problem)
	}
}

// version is a document as it was stored, and what its JSON was then.
type version struct {
	key  string
	seq  uint64
	doc  any
	json string
}

func impurities[D any](t *testing.T, spec view.Spec[D], events []es.Recorded) (problems []string) {
	t.Helper()
	complain := func(problem string) { problems = append(problems, "view "+spec.Name+": "+problem) }
	var kept []version
	watched := spec
	watched.Fold = func(key string, d *D, r es.Recorded) bool {
		keep := spec.Fold(key, d, r)
		if keep {
			kept = append(kept, version{key, r.Seq, d, canonical(t, d)})
		}
		return keep
	}
	before := data(events)
	one := fold(t, watched, events, 1)
	for _, v := range kept {
		if now := canonical(t, v.doc); now != v.json {
			complain(fmt.Sprintf("the version of document %q that event %d stored was changed later from %s to %s", v.key, v.seq, v.json, now))
		}
	}
	if other := fold(t, spec, events, len(events)); one != other {
		complain("folding the same events again, in one batch, gives another hash")
	}
	reread := spec
	reread.Fold = func(key string, d *D, r es.Recorded) bool {
		var stored D
		if err := json.Unmarshal([]byte(canonical(t, d)), &stored); err != nil {
			complain(fmt.Sprintf("document %q cannot be read from its JSON: %v", key, err))
		}
		*d = stored
		return spec.Fold(key, d, r)
	}
	if other := fold(t, reread, events, 1); one != other {
		complain("folding documents that were stored as JSON meanwhile gives another hash")
	}
	for i, now := range data(events) {
		if now != before[i] {
			complain(fmt.Sprintf("event %d was changed from %s to %s", events[i].Seq, before[i], now))
		}
	}
	for _, r := range events {
		first, again := spec.Keys(r), spec.Keys(r)
		if canonical(t, first) != canonical(t, again) {
			complain("Keys names other documents the second time")
		}
	}
	return problems
}

func fold[D any](t *testing.T, spec view.Spec[D], events []es.Recorded, size int) string {
	t.Helper()
	v, err := view.Open(context.Background(), viewmem.Backend{}, spec)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	for rest := events; len(rest) > 0; {
		n := min(size, len(rest))
		apply(t, v, rest[:n]...)
		rest = rest[n:]
	}
	return hash(t, v)
}

// data is the JSON of the events; empty for those that hold plain text, which
// has none.
func data(events []es.Recorded) []string {
	out := make([]string, len(events))
	for i, r := range events {
		b, err := json.Marshal(r.Data)
		if err == nil {
			out[i] = string(b)
		}
	}
	return out
}

func canonical(t *testing.T, doc any) string {
	t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatalf("marshal %T: %v", doc, err)
	}
	return string(b)
}
