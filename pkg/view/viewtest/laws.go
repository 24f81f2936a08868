package viewtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/es"
	"kith/pkg/view"
)

// events draws a log over few keys and few values, so that they meet.
func events() *rapid.Generator[[]es.Event] {
	word := rapid.SampledFrom([]string{"", "\x00", "a", "a\x00", "ab", "b", "ä"})
	keys := rapid.SliceOfN(rapid.SampledFrom([]string{"k", "k1", "k2", "l", "\x00", ""}), 1, 3)
	doc := rapid.Custom(func(t *rapid.T) thing {
		return thing{
			Name: word.Draw(t, "name"), Count: rapid.IntRange(-2, 2).Draw(t, "count"),
			Balance: rapid.Int64().Draw(t, "balance"), Size: rapid.Uint64().Draw(t, "size"), Done: rapid.Bool().Draw(t, "done"),
			At:   time.UnixMilli(rapid.Int64Range(-3, 3).Draw(t, "at")).UTC(),
			Tags: rapid.SliceOfN(word, 0, 3).Draw(t, "tags"), part: part{word.Draw(t, "inner")},
		}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) es.Event {
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			return gone{keys.Draw(t, "keys")}
		case 1:
			return noise{}
		default:
			return set{keys.Draw(t, "keys"), doc.Draw(t, "doc")}
		}
	}), 0, 40)
}

func anySplit(t *testing.T, b view.Backend) {
	rapid.Check(t, func(t *rapid.T) {
		all := log(events().Draw(t, "events")...)
		whole := opened(t, b, all...)
		split := opened(t, b)
		for rest := all; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			// A batch may bring again what was there.
			again := rapid.IntRange(0, min(3, len(all)-len(rest))).Draw(t, "again")
			from := len(all) - len(rest)
			apply(t, split, all[from-again:from+n]...)
			rest = rest[n:]
		}
		same(t, "hash", hash(t, split), hash(t, whole))
		same(t, "position", split.Position(), uint64(len(all)))
	})
}

// compare orders documents by a field as Go does.
var compare = map[string]func(a, b thing) int{
	"name":    func(a, b thing) int { return strings.Compare(a.Name, b.Name) },
	"inner":   func(a, b thing) int { return strings.Compare(a.Inner, b.Inner) },
	"count":   func(a, b thing) int { return cmp.Compare(a.Count, b.Count) },
	"balance": func(a, b thing) int { return cmp.Compare(a.Balance, b.Balance) },
	"size":    func(a, b thing) int { return cmp.Compare(a.Size, b.Size) },
	"at":      func(a, b thing) int { return a.At.Compare(b.At) },
	"done": func(a, b thing) int {
		switch {
		case a.Done == b.Done:
			return 0
		case b.Done:
			return -1
		default:
			return 1
		}
	},
}

// anyOrder holds every index against a plain map that is sorted when asked.
func anyOrder(t *testing.T, b view.Backend) {
	rapid.Check(t, func(t *rapid.T) {
		tb, model := table(t, b), map[string]thing{}
		for i, e := range events().Draw(t, "events") {
			apply(t, tb, at(i+1, e))
			switch e := e.(type) {
			case set:
				for _, k := range sorted(e.Keys) {
					model[k] = e.Thing
				}
			case gone:
				for _, k := range e.Keys {
					delete(model, k)
				}
			}
		}
		keys := make([]string, 0, len(model))
		for k := range model {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		same(t, "keys", eachKey(t, tb), keys)
		limit := rapid.IntRange(1, 4).Draw(t, "limit")
		for _, field := range allFields {
			byField := slices.Clone(keys)
			slices.SortStableFunc(byField, func(a, b string) int { return compare[field](model[a], model[b]) })
			same(t, field, keysOf(t, tb, field, limit), byField)
			falling := slices.Clone(keys)
			slices.SortStableFunc(falling, func(a, b string) int { return compare[field](model[b], model[a]) })
			same(t, "-"+field, keysOf(t, tb, "-"+field, limit), falling)
		}
		tag := rapid.SampledFrom([]string{"", "\x00", "a", "ab", "never"}).Draw(t, "tag")
		tagged := []string{}
		for _, k := range keys {
			if slices.Contains(model[k].Tags, tag) {
				tagged = append(tagged, k)
			}
		}
		slices.SortStableFunc(tagged, func(a, b string) int { return compare["at"](model[b], model[a]) })
		same(t, fmt.Sprintf("tag %q", tag), keysOf(t, tb, "tag", limit, tag), tagged)
	})
}
