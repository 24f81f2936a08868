package react

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"kith/pkg/es"
	"kith/pkg/view"
)

// Progress knows from the log how far each reactor has come: the highest
// position of an event that caused an effect of it. It is folded like a view
// and kept in memory; one serves all reactors of a process.
type Progress struct {
	mu       sync.RWMutex
	highest  map[string]uint64
	position uint64
}

var _ view.Rebuilder = (*Progress)(nil)

// NewProgress knows nothing until it is folded.
func NewProgress() *Progress { return &Progress{highest: map[string]uint64{}} }

// Name is "reactors".
func (p *Progress) Name() string { return "reactors" }

// Apply folds a batch. It never fails.
func (p *Progress) Apply(_ context.Context, batch []es.Recorded) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range batch {
		if r.Seq <= p.position {
			continue
		}
		p.position = r.Seq
		name, ok := strings.CutPrefix(r.Meta.Actor, actorPrefix)
		// An effect comes after its cause; whatever claims otherwise is no
		// trace, and believing it would skip events.
		if !ok || r.Meta.CauseSeq >= r.Seq {
			continue
		}
		if r.Meta.CauseSeq > p.highest[name] {
			p.highest[name] = r.Meta.CauseSeq
		}
	}
	return nil
}

// Position is the last event folded.
func (p *Progress) Position() uint64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.position
}

// Of is the position of the last event of which reactor has left an effect in
// the log, 0 if it has left none.
func (p *Progress) Of(reactor string) uint64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.highest[reactor]
}

// Hash is equal for equal content.
func (p *Progress) Hash(context.Context) (string, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(p.highest)) {
		fmt.Fprintf(h, "%q %d\n", name, p.highest[name])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fresh returns an empty twin.
func (p *Progress) Fresh(context.Context) (view.Rebuilder, error) { return NewProgress(), nil }

// Swap takes over what twin, made by Fresh, has folded.
func (p *Progress) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*Progress)
	if !ok {
		return fmt.Errorf("react: %T is no twin of the progress", twin)
	}
	t.mu.RLock()
	highest, position := maps.Clone(t.highest), t.position
	t.mu.RUnlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.highest, p.position = highest, position
	return nil
}
