package membership

import (
	"strings"
	"time"

	events "kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// maxTokenLife bounds how long an API token can live.
const maxTokenLife = 366 * 24 * time.Hour

// token is an API token that acts for its person.
type token struct {
	person, hash string
	revoked      bool
}

func foldToken(t *token, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.TokenIssued:
		t.person, t.hash = e.Person, e.Hash
	case events.TokenRevoked:
		t.revoked = true
	}
}

// Issue creates the token. Returns Invalid unless its name is a line of text and
// expires is within 366 days from now.
func (t token) Issue(person, name, hash string, expires, now time.Time) (es.Event, error) {
	name = strings.TrimSpace(name)
	switch {
	case t.person != "":
		return nil, fault.New(fault.Conflict, "This token exists already.")
	case name == "":
		return nil, fault.InvalidField("name", "must not be empty")
	case fault.WrongLine(name) != "":
		return nil, fault.InvalidField("name", fault.WrongLine(name))
	case !expires.After(now):
		return nil, fault.InvalidField("expires", "must be in the future")
	case expires.Sub(now) > maxTokenLife:
		return nil, fault.InvalidField("expires", "must be within 366 days")
	}
	return events.TokenIssued{Person: person, Name: identity(person, name), Hash: hash, Expires: expires.UTC()}, nil
}

// Revoke ends the token; whose it is decides who may, anyone else learns nothing.
func (t token) Revoke(by string, administrator bool) (es.Event, error) {
	switch {
	case t.person == "" || t.person != by && !administrator:
		return nil, fault.New(fault.NotFound, "There is no token with this id.")
	case t.revoked:
		return nil, nil
	}
	return events.TokenRevoked{Person: t.person}, nil
}
