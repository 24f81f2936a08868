package view_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/view"
)

type crate struct {
	Name  string    `json:"name"`
	Count int       `json:"count"`
	Full  bool      `json:"full"`
	At    time.Time `json:"at"`
	Tags  []string  `json:"tags"`
	Ports []string  `json:"ports"`
}

// A key is cut where its last list field ends, and so is the prefix of a query.
func TestOrderCut(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "\x00", "\x00\x01", "a", "a\x00", "\xff\xfe", "ä"})
	rapid.Check(t, func(t *rapid.T) {
		c := crate{Name: word.Draw(t, "name"), Count: rapid.Int().Draw(t, "count"), Full: rapid.Bool().Draw(t, "full"),
			At: time.Unix(rapid.Int64Range(-9, 9).Draw(t, "at"), 0), Tags: rapid.SliceOfN(word, 0, 3).Draw(t, "tags"), Ports: rapid.SliceOfN(word, 1, 2).Draw(t, "ports")}
		key := word.Draw(t, "key")
		for _, fields := range []string{"", "name", "-name -count", "tags", "-tags -at", "name tags -count", "-at -full tags name", "tags -name ports count"} {
			o, err := view.NewOrder(view.Index{Name: "i", Fields: strings.Fields(fields)}, &c)
			if err != nil {
				t.Fatal(err)
			}
			listed := strings.Contains(fields, "tags")
			if o.Listed() != listed {
				t.Fatalf("%q: listed is %v", fields, o.Listed())
			}
			tails := map[string]bool{}
			for _, k := range o.Keys(key, &c) {
				head, tail := o.Cut(k)
				if head+tail != k || (head != "") != listed {
					t.Fatalf("%q: %q is cut into %q and %q", fields, k, head, tail)
				}
				if h, _ := o.Cut(head); h != head {
					t.Fatalf("%q: the head %q is cut again", fields, head)
				}
				tails[tail] = true
			}
			if len(tails) > 1 {
				t.Fatalf("%q: keys of one document end differently: %v", fields, tails)
			}
			garbage := rapid.String().Draw(t, "garbage")
			if head, tail := o.Cut(garbage); head+tail != garbage {
				t.Fatalf("%q: %q is cut into %q and %q", fields, garbage, head, tail)
			}
		}
	})
}
