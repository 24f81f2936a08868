package membership

import (
	"context"
	"errors"
	"hash/maphash"
	"strconv"
	"strings"
	"sync"

	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// key is an external key by which the organisation knows a person; field is
// what the caller named it.
type key struct{ kind, value, field string }

// keysOf are the keys of a person, the one that lasts longest first.
func keysOf(staffNumber, login, loginField string) []key {
	var keys []key
	if staffNumber != "" {
		keys = append(keys, key{KindStaffNumber, staffNumber, "staff_number"})
	}
	if login != "" {
		keys = append(keys, key{KindLogin, login, loginField})
	}
	return keys
}

// stripes let registrations with the same first key wait for each other within
// this process. Between processes the reservations alone decide, and the worst
// that can come of it is an address that leads to the same person twice.
type stripes struct {
	seed maphash.Seed
	mu   [64]sync.Mutex
}

func (s *stripes) lock(id string) (unlock func()) {
	mu := &s.mu[maphash.String(s.seed, id)%uint64(len(s.mu))]
	mu.Lock()
	return mu.Unlock
}

// registration is how register ended.
type registration struct {
	person  string
	created bool
	seq     uint64
}

// register brings a person into the organisation: it reserves the keys, makes
// the person's cryptographic keys, and registers them. The id comes from the
// command, or from a reservation that is there already, so that whoever repeats
// this after a crash at any point, by the same command or another, finishes
// it; until the last step nobody sees a person.
//
// A person whom the keys lead to already is returned with created false;
// nothing is changed then. Returns Conflict if the keys lead to two people, and
// es.ErrReused if the command has registered somebody else.
func (s *service) register(ctx context.Context, m es.Meta, r record, keys []key) (registration, error) {
	if len(keys) > 0 {
		defer s.stripes.lock(access.ReservationID(s.secret, keys[0].kind, keys[0].value))()
	}
	id, err := s.holder(ctx, m, keys)
	if err != nil {
		return registration{}, err
	}
	p, seq, err := s.persons.Load(ctx, id)
	switch {
	case err != nil:
		return registration{}, err
	case p.erased:
		return registration{}, beingErased()
	case p.registered && p.registration != m.Command:
		return registration{person: id, seq: seq}, nil
	case p.registered:
		seq, err := s.persons.Execute(ctx, id, m, func(p person) (es.Event, error) { return p.Register(id, r) })
		return registration{person: id, created: true, seq: seq}, err
	}
	for _, k := range keys {
		if _, err := s.reserve(ctx, m, id, k); err != nil {
			return registration{}, err
		}
	}
	if err := s.core.Vault.Create(ctx, id); err != nil {
		return registration{}, err
	}
	seq, err = s.persons.Execute(ctx, id, m, func(p person) (es.Event, error) { return p.Register(id, r) })
	return registration{person: id, created: true, seq: seq}, err
}

// holder is the person whom the keys belong to, or the id of the one who will
// come to be with them.
func (s *service) holder(ctx context.Context, m es.Meta, keys []key) (string, error) {
	found := ""
	for _, k := range keys {
		state, _, err := s.reservations.Load(ctx, access.ReservationID(s.secret, k.kind, k.value))
		if err != nil {
			return "", err
		}
		if state.person != "" && found != "" && state.person != found {
			return "", taken(k.field)
		}
		if state.person != "" {
			found = state.person
		}
	}
	if found != "" {
		return found, nil
	}
	var first reservation
	if len(keys) > 0 {
		var err error
		if first, _, err = s.reservations.Load(ctx, access.ReservationID(s.secret, keys[0].kind, keys[0].value)); err != nil {
			return "", err
		}
	}
	return first.personID(m.Command), nil
}

// reserve ties a key to person. The generation is part of the command: one that
// is repeated after the key was released reserves it again.
func (s *service) reserve(ctx context.Context, m es.Meta, person string, k key) (uint64, error) {
	id := access.ReservationID(s.secret, k.kind, k.value)
	now, _, err := s.reservations.Load(ctx, id)
	if err != nil {
		return 0, err
	}
	return s.reservations.Execute(ctx, id, sub(m, "reserve", strconv.Itoa(now.generation)), func(state reservation) (es.Event, error) {
		return state.Reserve(person, k.kind, k.field)
	})
}

func (s *service) release(ctx context.Context, m es.Meta, person, id string) error {
	_, err := s.reservations.Execute(ctx, id, m, func(state reservation) (es.Event, error) {
		return state.Release(person)
	})
	return err
}

// changeRecord replaces name, address and language of a person whose address
// was oldEmail. The new address is reserved before and the old one released
// after the change, so that there is always one that leads to the person.
func (s *service) changeRecord(ctx context.Context, m es.Meta, id string, r record, oldEmail string) (uint64, error) {
	before := access.ReservationID(s.secret, KindLogin, oldEmail)
	after := access.ReservationID(s.secret, KindLogin, r.email)
	if r.email != "" {
		if _, err := s.reserve(ctx, m, id, key{KindLogin, r.email, "email"}); err != nil {
			return 0, err
		}
	}
	seq, err := s.persons.Execute(ctx, id, m, func(p person) (es.Event, error) { return p.Change(id, r) })
	if code := fault.CodeOf(err); before != after && (code == fault.Conflict || code == fault.NotFound) {
		// Erased meanwhile: the address must not stay with somebody who is gone.
		return 0, errors.Join(err, s.release(ctx, sub(m, "undo"), id, after))
	}
	if err != nil || oldEmail == "" || before == after {
		return seq, err
	}
	return seq, s.release(ctx, sub(m, "release"), id, before)
}

// sub is the meta data of a further command within m: repeating m repeats it.
func sub(m es.Meta, parts ...string) es.Meta {
	m.Command = es.ID(append([]string{m.Command}, parts...)...)
	return m
}

// openUnit returns Invalid naming field unless id is a unit in use; "" is none.
func (s *service) openUnit(id, field string) error {
	if id == "" {
		return nil
	}
	if u, ok := s.core.Access.Unit(id); !ok || u.Closed {
		return fault.InvalidField(field, "must be the id of a unit in use")
	}
	return nil
}

// emailTaken says that the address of r belongs to somebody else than its
// staff number, "" if not.
func (s *service) emailTaken(r record) string {
	if r.email == "" {
		return ""
	}
	byEmail, _ := s.core.Access.Reserved(access.ReservationID(s.secret, KindLogin, r.email))
	byNumber, _ := s.core.Access.Reserved(access.ReservationID(s.secret, KindStaffNumber, r.staffNumber))
	if byEmail != "" && byNumber != "" && byEmail != byNumber {
		return "belongs to another person"
	}
	return ""
}

// twice says that value was there before, "" if not or if it is empty.
func twice(seen map[string]bool, value string) string {
	value = strings.ToLower(value)
	if value == "" || !seen[value] {
		seen[value] = true
		return ""
	}
	return "is there twice"
}
