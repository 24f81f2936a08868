// Package natsauth says which user of the NATS server may do what, and turns
// that into the server's configuration, into keys, and into connections.
//
// The permissions stop mistakes and wrong wiring: a service that publishes what
// is another's, takes from another's consumer or touches a stream is refused.
// They do not stop a hostile program. The server checks where a client
// publishes, not where it asks the answer to be sent: a client that may read a
// message can have it sent to a subject on which it may not publish, the
// deletion of a stream included. Whoever holds a service's seed has to be
// trusted with the whole account.
package natsauth

import (
	"fmt"
	"slices"
)

// Provision is the administrative user: it creates the streams and reads and
// writes nothing in them.
const Provision = "provision"

// User is one user of the server: a service, or Provision.
type User struct {
	Name string // of the service; also the context of its events, evt.<Name>.>
	// Reactors are the names of the service's reactors, which are those of its
	// durable consumers and part of the subjects of its dead letters.
	Reactors []string
	Keys     Keys
}

// Keys is what a user may do with the keys of people.
type Keys int

// Rights to keys.
const (
	ReadKeys  Keys = iota // read and follow
	WriteKeys             // also create and overwrite
)

// Manifest is the one list of users and of what tells them apart. What every
// service may do is written in Permissions.
//
// Names of reactors are listed, not matched by "matching-*", because a wildcard
// of NATS is a whole token. A reactor that is missing here may neither
// acknowledge nor leave dead letters: its events come again and again.
func Manifest() []User {
	return []User{
		{Name: "membership", Keys: WriteKeys, Reactors: []string{"membership-founder", "membership-erasure", "membership-pending"}},
		{Name: "community", Reactors: []string{"community-succession", "community-erasure"}},
		{Name: "matching", Reactors: []string{"matching-router"}},
		{Name: "notification", Reactors: []string{"notification-mail"}},
		{Name: "audit"},
		{Name: Provision},
	}
}

// Names are the users of the manifest, in its order.
func Names() []string {
	var names []string
	for _, u := range Manifest() {
		names = append(names, u.Name)
	}
	return names
}

// find returns a user by name, or an error that lists those there are.
func find(name string) (User, error) {
	for _, u := range Manifest() {
		if u.Name == name {
			return u, nil
		}
	}
	return User{}, fmt.Errorf("natsauth: there is no user %q, only %v", name, Names())
}

// foreign are the reactors of everybody else, sorted.
func (u User) foreign() []string {
	var names []string
	for _, other := range Manifest() {
		if other.Name != u.Name {
			names = append(names, other.Reactors...)
		}
	}
	slices.Sort(names)
	return names
}
