package mydata

import (
	"context"
	"fmt"
	"slices"

	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/vault"
)

// World is what an archive is put together from.
type World struct {
	Log    es.Store
	Range  es.Ranger // of the same log
	Access *access.Access
	Vault  *vault.Vault
}

// Archive is where the log has what concerns a person, up to a position.
type Archive struct {
	w       World
	person  string
	through uint64
	asID    []byte // the person as a value in stored data
	asOwner []byte // the person as owner of a sealed text in stored data

	found     map[string][]uint64 // part → positions, ascending
	stands    map[answer]uint64   // others' responses to the person's requests → position of their words
	takenBack map[string]bool     // requests with thanks to the person → retracted

	registered, renamed, profiled uint64 // positions of what says who the person is now

	names names
}

// Collect finds what concerns person in the log, from its beginning to position
// through, from 1, which the log MUST have and w.Access MUST have folded. Returns
// es.ErrGap for a log that does not give every event.
func Collect(ctx context.Context, w World, person string, through uint64) (*Archive, error) {
	a := &Archive{
		w: w, person: person, through: through,
		asID: []byte(`"` + person + `"`), asOwner: []byte(`"v1:` + person + `:`),
		found: map[string][]uint64{}, stands: map[answer]uint64{}, takenBack: map[string]bool{},
		names: newNames(w),
	}
	// Following costs half of what a range does, and holds up no writer.
	next := uint64(1)
	for r, err := range w.Log.Follow(ctx, 0) {
		switch {
		case err != nil:
			return nil, err
		case r.Seq != next:
			return nil, missing(next)
		}
		if part := a.tell(r).part; part != "" {
			a.found[part] = append(a.found[part], r.Seq)
		}
		a.learn(r)
		if next++; next > through {
			break
		}
	}
	return a, nil
}

func missing(seq uint64) error {
	return fmt.Errorf("%w: the event at %d is missing", es.ErrGap, seq)
}

// learnPerson notes where the log says who the person is.
func (a *Archive) learnPerson(r es.Recorded) {
	if r.Stream.ID != a.person {
		return
	}
	switch r.Data.(type) {
	case membership.PersonRegistered:
		a.registered, a.renamed = r.Seq, r.Seq
	case membership.PersonChanged:
		a.renamed = r.Seq
	case membership.ProfileChanged:
		a.profiled = r.Seq
	}
}

// has reports whether the event at seq was found to concern the person.
func (a *Archive) has(seq uint64) bool {
	for _, positions := range a.found {
		if _, ok := slices.BinarySearch(positions, seq); ok {
			return true
		}
	}
	return false
}

// count is how many events concern the person.
func (a *Archive) count() (n int) {
	for _, positions := range a.found {
		n += len(positions)
	}
	return n
}

// near is how many events between two that are wanted are read along, rather
// than asking the log anew.
const near = 64

// each reads the events at positions, which are ascending, one after another.
func (a *Archive) each(ctx context.Context, positions []uint64, f func(es.Recorded) error) error {
	for len(positions) > 0 {
		n := 1
		for n < len(positions) && positions[n]-positions[n-1] <= near {
			n++
		}
		if err := a.stretch(ctx, positions[:n], f); err != nil {
			return err
		}
		positions = positions[n:]
	}
	return nil
}

func (a *Archive) stretch(ctx context.Context, positions []uint64, f func(es.Recorded) error) error {
	i := 0
	for r, err := range a.w.Range.Range(ctx, positions[0]-1, positions[len(positions)-1]) {
		if err != nil {
			return err
		}
		if r.Seq < positions[i] {
			continue
		}
		if r.Seq > positions[i] {
			break
		}
		if err := f(r); err != nil {
			return err
		}
		if i++; i == len(positions) {
			return nil
		}
	}
	return missing(positions[i])
}
