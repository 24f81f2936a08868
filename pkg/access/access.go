package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kith/pkg/es"
	"kith/pkg/view"
)

// Access is the fold, safe for concurrent use. It implements view.Rebuilder.
type Access struct {
	position atomic.Uint64
	mu       sync.RWMutex
	s        *state
}

// New returns an empty Access.
func New() *Access { return &Access{s: newState()} }

// Name is "access".
func (a *Access) Name() string { return "access" }

// Position is the last event folded: what Meta.Access of a command records.
func (a *Access) Position() uint64 { return a.position.Load() }

// Apply folds a batch.
func (a *Access) Apply(_ context.Context, batch []es.Recorded) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range batch {
		if r.Seq > a.position.Load() {
			a.s.fold(r)
			a.position.Store(r.Seq)
		}
	}
	return nil
}

// Hash is canonical over all that Access knows.
func (a *Access) Hash(context.Context) (string, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	h := sha256.New()
	// Maps marshal in the order of their keys. The unexported parts are
	// spelled out; those of communities are memberOf, turned round.
	enc := json.NewEncoder(h)
	for _, part := range []any{a.s.persons, a.s.logins, a.s.units, a.s.codes, a.s.communities, a.s.memberOf, a.s.requests, a.s.links} {
		if err := enc.Encode(part); err != nil {
			return "", fmt.Errorf("hash access: %w", err)
		}
	}
	for _, id := range sortedKeys(a.s.communities) {
		if err := enc.Encode(a.s.communities[id].settled); err != nil {
			return "", fmt.Errorf("hash access: %w", err)
		}
	}
	for _, id := range sortedKeys(a.s.requests) {
		q := a.s.requests[id]
		if err := enc.Encode([]any{id, q.raised, q.routed}); err != nil {
			return "", fmt.Errorf("hash access: %w", err)
		}
	}
	for _, id := range sortedKeys(a.s.tokens) {
		t := a.s.tokens[id]
		if err := enc.Encode([]any{id, t.person, t.hash, t.expires}); err != nil {
			return "", fmt.Errorf("hash access: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fresh returns an empty twin.
func (a *Access) Fresh(context.Context) (view.Rebuilder, error) { return New(), nil }

// Swap takes over what the twin knows.
func (a *Access) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*Access)
	if !ok {
		return fmt.Errorf("access: cannot take over a %T", twin)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s = t.s
	a.position.Store(t.Position())
	return nil
}

// Person returns what is known of a person.
func (a *Access) Person(id string) (Person, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	p, ok := a.s.persons[id]
	if !ok {
		return Person{}, false
	}
	return *p, true
}

// People returns every person, in the order of ids.
func (a *Access) People() []Person {
	a.mu.RLock()
	defer a.mu.RUnlock()
	all := make([]Person, 0, len(a.s.persons))
	for _, id := range sortedKeys(a.s.persons) {
		all = append(all, *a.s.persons[id])
	}
	return all
}

// Active reports whether the person may act at all.
func (a *Access) Active(person string) bool {
	p, ok := a.Person(person)
	return ok && p.Active
}

// Erased reports whether the person was erased.
func (a *Access) Erased(person string) bool {
	p, _ := a.Person(person)
	return p.Erased
}

// Reserved returns whom an external key belongs to; id is its reservation's.
func (a *Access) Reserved(id string) (person string, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	person, ok = a.s.logins[id]
	return person, ok
}

// Token returns an API token that has not been revoked; it may have expired.
func (a *Access) Token(id string) (person, hash string, expires time.Time, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	t, ok := a.s.tokens[id]
	return t.person, t.hash, t.expires, ok
}

// Unit returns a unit by id.
func (a *Access) Unit(id string) (Unit, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	u, ok := a.s.units[id]
	if !ok {
		return Unit{}, false
	}
	return *u, true
}

// UnitByCode returns a unit by the id that the organisation's files use.
func (a *Access) UnitByCode(code string) (Unit, bool) {
	a.mu.RLock()
	id, ok := a.s.codes[code]
	a.mu.RUnlock()
	if !ok {
		return Unit{}, false
	}
	return a.Unit(id)
}

// Units returns every unit, in the order of ids.
func (a *Access) Units() []Unit {
	a.mu.RLock()
	defer a.mu.RUnlock()
	all := make([]Unit, 0, len(a.s.units))
	for _, id := range sortedKeys(a.s.units) {
		all = append(all, *a.s.units[id])
	}
	return all
}

// Community returns a community by id.
func (a *Access) Community(id string) (Community, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	c, ok := a.s.communities[id]
	if !ok || !c.founded() {
		return Community{}, false
	}
	out := *c
	out.membership = nil
	return out, true
}

// Role is the person's role in the community, None for non-members and for
// people who are not active.
func (a *Access) Role(community, person string) Role {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.s.role(community, person)
}

func (s *state) role(community, person string) Role {
	c, p := s.communities[community], s.persons[person]
	if c == nil || p == nil || !p.Active {
		return None
	}
	return c.membership[person]
}

// Members returns the active members of a community who have one of the
// roles, or any role if none is named, in the order of ids.
func (a *Access) Members(community string, roles ...Role) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	c := a.s.communities[community]
	if c == nil {
		return nil
	}
	var out []string
	for person, role := range c.membership {
		if p := a.s.persons[person]; p == nil || !p.Active {
			continue
		}
		if len(roles) == 0 || has(roles, role) {
			out = append(out, person)
		}
	}
	slices.Sort(out)
	return out
}

// Holding returns the active people who have a role in the organisation, in
// the order of ids.
func (a *Access) Holding(role OrgRole) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []string
	for id := range a.s.holders[role] {
		if a.s.persons[id].Active {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// CommunitiesOf returns the communities of a person with the role in each.
func (a *Access) CommunitiesOf(person string) map[string]Role {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make(map[string]Role, len(a.s.memberOf[person]))
	for c, r := range a.s.memberOf[person] {
		out[c] = r
	}
	return out
}

// Share reports whether two people have a community in common.
func (a *Access) Share(one, other string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for c := range a.s.memberOf[one] {
		if _, ok := a.s.memberOf[other][c]; ok {
			return true
		}
	}
	return false
}

// Request returns a help request.
func (a *Access) Request(id string) (Request, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	q, ok := a.s.requests[id]
	if !ok || !q.raised {
		return Request{}, false
	}
	out := *q
	out.routed = nil
	return out, true
}

func has(roles []Role, role Role) bool {
	for _, r := range roles {
		if r == role {
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
