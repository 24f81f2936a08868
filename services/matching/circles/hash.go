package circles

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
)

// Hash is equal for those that know the same, however they came to know it. It
// is the sum of the hashes of all that is known, so that the order is no matter.
func (c *Circles) Hash() string {
	var sum [2]uint64
	add := func(parts ...any) {
		h := fnv.New128a()
		fmt.Fprintf(h, "%q", parts) // maps are printed in the order of keys
		b := h.Sum(nil)
		sum[0] += binary.BigEndian.Uint64(b[:8])
		sum[1] += binary.BigEndian.Uint64(b[8:])
	}
	named := func(terms []uint32) []string {
		out := make([]string, len(terms))
		for i, t := range terms {
			out[i] = c.names[t]
		}
		slices.Sort(out)
		return out
	}
	for id, of := range c.communities {
		add("community", id, of.about != nil, of.language, of.whole, of.links, of.spurned)
		for t, a := range of.about {
			add("about", id, c.names[t], fmt.Sprint(a.weight), a.word)
		}
	}
	for id, q := range c.requests {
		if q.community != nil {
			add("request", id, q.community.id, q.asker, q.language, named(q.tags), named(q.terms), q.retracted, q.mute, q.answers)
		}
	}
	sum[0] += c.counted()
	for id, p := range c.people {
		if p.erased || len(p.ties) > 0 || len(p.spurned) > 0 {
			add("person", id, p.erased, p.texts, p.ties, p.spurned)
		}
	}
	var out [16]byte
	binary.BigEndian.PutUint64(out[:8], sum[0])
	binary.BigEndian.PutUint64(out[8:], sum[1])
	return hex.EncodeToString(out[:])
}

// counted is a hash of what is counted of terms, of which there are many.
func (c *Circles) counted() (sum uint64) {
	ids := make([]uint64, len(c.byNumber))
	for i, of := range c.byNumber {
		ids[i] = hash(of.id)
	}
	for term, posts := range c.posts {
		if len(posts) == 0 {
			continue
		}
		name := hash(c.names[term])
		for _, p := range posts {
			sum += mixed(mixed(name+ids[p.community]) + uint64(p.requests))
		}
	}
	return sum
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// mixed is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
