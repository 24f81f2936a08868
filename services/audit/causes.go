package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"kith/pkg/es"
	"kith/pkg/view"
)

// causes is an index of what reactors did, by what they did it for. It lives in
// memory only, 16 bytes for each such event. It is safe for concurrent use and
// implements view.Rebuilder.
type causes struct {
	mu       sync.RWMutex
	links    []link // sorted
	position uint64
}

// link is the position of an event and that of the one that caused it.
type link struct{ cause, effect uint64 }

func (l link) compare(other link) int {
	return cmp.Or(cmp.Compare(l.cause, other.cause), cmp.Compare(l.effect, other.effect))
}

// Name is "audit-causes".
func (c *causes) Name() string { return "audit-causes" }

// Position is the last event folded.
func (c *causes) Position() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.position
}

// Apply folds a batch. Reactors go through the log in its order, so a new link belongs
// at the end or near it.
func (c *causes) Apply(_ context.Context, batch []es.Recorded) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range batch {
		if r.Seq <= c.position {
			continue
		}
		c.position = r.Seq
		if r.Meta.CauseSeq == 0 {
			continue
		}
		l := link{r.Meta.CauseSeq, r.Seq}
		at, _ := slices.BinarySearchFunc(c.links, l, link.compare)
		c.links = slices.Insert(c.links, at, l)
	}
	return nil
}

// of are the positions of what an event caused, after position after and up to
// position to, in order, and how far the log has been folded.
func (c *causes) of(cause, after, to uint64) (effects []uint64, position uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, _ := slices.BinarySearchFunc(c.links, link{cause, after + 1}, link.compare)
	for _, l := range c.links[at:] {
		if l.cause != cause || l.effect > to {
			break
		}
		effects = append(effects, l.effect)
	}
	return effects, c.position
}

// Hash implements view.Rebuilder.
func (c *causes) Hash(context.Context) (string, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h := sha256.New()
	var b [16]byte
	for _, l := range c.links {
		binary.BigEndian.PutUint64(b[:8], l.cause)
		binary.BigEndian.PutUint64(b[8:], l.effect)
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fresh implements view.Rebuilder.
func (c *causes) Fresh(context.Context) (view.Rebuilder, error) { return &causes{}, nil }

// Swap implements view.Rebuilder.
func (c *causes) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*causes)
	if !ok {
		return fmt.Errorf("audit: %s cannot take over a %T", c.Name(), twin)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links, c.position = t.links, t.position
	return nil
}

// caused yields the events after position after, up to position to, that the one at
// cause caused. What the index has not folded yet, as at a start, is looked for in the log.
func (s *service) caused(ctx context.Context, cause, after, to uint64) func(yield func(es.Recorded, error) bool) {
	return func(yield func(es.Recorded, error) bool) {
		effects, folded := s.causes.of(cause, after, to)
		for len(effects) > 0 {
			n := 1 // those in a row are read at once
			for n < len(effects) && effects[n] == effects[0]+uint64(n) {
				n++
			}
			for r, err := range s.log.Range(ctx, effects[0]-1, effects[n-1]) {
				if !yield(r, err) || err != nil {
					return
				}
			}
			effects = effects[n:]
		}
		if after = max(after, folded); after >= to {
			return
		}
		for r, err := range s.log.Range(ctx, after, to) {
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
