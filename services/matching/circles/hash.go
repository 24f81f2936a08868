package circles

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Hash is equal for those that know the same, however they came to know it.
func (c *Circles) Hash() string {
	var lines []string
	add := func(parts ...any) { lines = append(lines, fmt.Sprintf("%q", fmt.Sprint(parts...))) }
	named := func(terms []uint32) []string {
		out := make([]string, len(terms))
		for i, t := range terms {
			out[i] = c.names[t]
		}
		slices.Sort(out)
		return out
	}
	for id, of := range c.communities {
		add("community ", id, of.about != nil, " ", of.language, " ", of.whole)
		for t, a := range of.about {
			add("about ", id, " ", c.names[t], " ", a)
		}
		for t, n := range of.content {
			add("content ", id, " ", c.names[t], " ", n)
		}
		add("links ", id, of.links, of.spurned) // maps are printed in the order of keys
	}
	for id, q := range c.requests {
		if q.community != nil {
			add("request ", id, " ", q.community.id, " ", q.asker, " ", q.language, " ", named(q.tags), named(q.terms), q.retracted, q.mute, q.answers)
		}
	}
	for id, p := range c.people {
		if p.erased || len(p.ties) > 0 || len(p.spurned) > 0 {
			add("person ", id, " ", p.erased, p.texts, p.ties, p.spurned)
		}
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, l := range lines {
		fmt.Fprintln(h, l)
	}
	return hex.EncodeToString(h.Sum(nil))
}
