package access

import "time"

// People tells a process whom a token belongs to. It implements bearer.People
// on what access knows, so that it answers from memory.
type People struct {
	access *Access
	secret []byte
	kind   string
}

// NewPeople returns People. secret is the deployment's secret for
// ReservationPurpose, kind what the issuer's claim holds: KeyLogin or
// KeyStaffNumber ("" is KeyLogin).
func NewPeople(a *Access, secret []byte, kind string) People {
	if kind == "" {
		kind = KeyLogin
	}
	return People{access: a, secret: secret, kind: kind}
}

// ByLogin returns the person whose login it is. A key that is reserved for a
// registration that has not been finished, or whose person has been erased,
// belongs to nobody.
func (p People) ByLogin(login string) (person string, ok bool) {
	id, ok := p.access.Reserved(ReservationID(p.secret, p.kind, login))
	if !ok {
		return "", false
	}
	if known, ok := p.access.Person(id); !ok || known.Erased {
		return "", false
	}
	return id, true
}

// Token returns an API token that was issued and not revoked.
func (p People) Token(id string) (person, hash string, expires time.Time, ok bool) {
	return p.access.Token(id)
}

// Active reports whether the person may act.
func (p People) Active(person string) bool { return p.access.Active(person) }

// Erased reports whether the person was erased.
func (p People) Erased(person string) bool { return p.access.Erased(person) }
