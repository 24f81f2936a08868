package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kith/api/sealed"
)

// ID names one key: whose it is and what it seals.
type ID struct {
	Person string
	Class  sealed.Class
}

// String is "<person>.<class>".
func (id ID) String() string { return id.Person + "." + string(id.Class) }

// classes are the keys that every person has.
var classes = [...]sealed.Class{sealed.Identity, sealed.Content}

// valid returns an error unless the id can be part of a subject and names a
// known class. Wire strings are untrusted, so this comes before any look-up.
func (id ID) valid() error {
	if id.Class != sealed.Identity && id.Class != sealed.Content {
		return fmt.Errorf("vault: unknown class of key %q", id.Class)
	}
	if id.Person == "" || len(id.Person) > 64 || strings.ContainsFunc(id.Person, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) {
		return fmt.Errorf("vault: bad person id %q", id.Person)
	}
	return nil
}

// Record is what is kept under an ID: a wrapped key, or the marker that it was
// destroyed. Exactly one field is set.
type Record struct {
	Wrapped []byte // the data key, encrypted with the master key
	Erasure string // id of the event that ordered the destruction
}

// Errors of keys and vaults. They are wrapped in faults where a caller can act
// on them; test with errors.Is.
var (
	// ErrErased: the key was destroyed by an erasure. What it sealed cannot be
	// opened by anybody any more.
	ErrErased = errors.New("vault: the key was destroyed by an erasure")
	// ErrNoKey: there is no key and no erasure either. It is a fault of the
	// system, or of timing, and worth a retry; it never reads as erased.
	ErrNoKey = errors.New("vault: the key is missing although nobody erased it")
	// ErrTampered: the text does not open. It was changed, or moved from
	// another person, event or field.
	ErrTampered = errors.New("vault: the sealed text was changed or moved")
	// ErrMaster: the key was wrapped by another master key.
	ErrMaster = errors.New("vault: the keys belong to another master key")
)

// Keys stores wrapped keys. Implementations MUST be safe for concurrent use and
// MUST pass the conformance tests of this package.
type Keys interface {
	// Create stores wrapped unless there is a record already, and returns the
	// record that stands: of several creators all get the winner's.
	Create(ctx context.Context, id ID, wrapped []byte) (Record, error)

	// Get returns the record, or ErrNoKey.
	Get(ctx context.Context, id ID) (Record, error)

	// Erase destroys the key so that its bytes are in none of the store's
	// files, and only then leaves a marker with the erasure's event id.
	// It MAY be repeated, and completes what was left half done: in between, Get
	// returns ErrNoKey. The first marker stands.
	Erase(ctx context.Context, id ID, erasure string) error

	// Follow calls apply for every record that stands, calls caughtUp once,
	// and then apply for every new record until ctx ends, when it returns nil.
	// A destroyed key may still be seen before its marker. apply and caughtUp
	// are never called concurrently; an error of apply ends Follow with it.
	Follow(ctx context.Context, apply func(ID, Record) error, caughtUp func()) error
}
