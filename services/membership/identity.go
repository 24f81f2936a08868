package membership

import (
	"time"

	"kith/pkg/access"
)

// Kinds of external key by which the organisation knows a person.
const (
	KindLogin       = access.KeyLogin       // address, or what the issuer calls the person; case does not matter
	KindStaffNumber = access.KeyStaffNumber // external_id of the organisation's files
)

// SecretPurpose is what core.Secret is asked for to get the secret of
// access.ReservationID.
const SecretPurpose = "reservation"

// People tells a process whom a token belongs to. It implements bearer.People
// on what access knows, so that it answers from memory.
type People struct {
	access *access.Access
	secret []byte
	kind   string
}

// NewPeople returns People. secret is core.Secret(SecretPurpose), kind what the
// issuer's claim holds: KindLogin or KindStaffNumber ("" is KindLogin).
func NewPeople(a *access.Access, secret []byte, kind string) People {
	if kind == "" {
		kind = KindLogin
	}
	return People{access: a, secret: secret, kind: kind}
}

// ByLogin returns the person whose login it is. A key that is reserved for a
// registration that has not been finished, or whose person has been erased,
// belongs to nobody.
func (p People) ByLogin(login string) (person string, ok bool) {
	id, ok := p.access.Reserved(access.ReservationID(p.secret, p.kind, login))
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
