// Package natsauth says which user of the NATS server may do what, and turns
// that into the server's configuration, into keys, and into connections.
//
// The streams are in the account KITH, and every service is in an account of its
// own that imports the requests which the service may make. Two walls stand
// between a stolen key and the log. The user's permissions refuse at once, by
// name, what is not on the service's list. The account makes the list hold: a
// client may name any subject for an answer, a stream's deletion or another's
// event among them, and in one shared account the answer would be taken for
// that command. Here it ends in the service's own account.
//
// What is left to somebody with a service's key: to append what the service may
// append, to read the log (texts are sealed, but who holds the service's host
// has the master key as well), and to remove dead letters.
package natsauth

import (
	"fmt"
	"slices"
)

// Users that are no services, in the account of the streams.
const (
	// Provision creates the streams, and reads and writes nothing in them.
	Provision = "provision"
	// Restore may do everything. It is not part of the manifest: it is let in for
	// the time of a restore.
	Restore = "restore"
)

// User is one user of the server: a service, or Provision.
type User struct {
	Name string // of the service; also the context of its events, evt.<Name>.>
	// Reactors are the names of the service's reactors, which are those of its
	// durable consumers and part of the subjects of its dead letters.
	Reactors []string
	Keys     Keys
	Sessions bool // it keeps who is signed in
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
		{Name: "matching", Reactors: []string{"matching-router", "matching-taker", "matching-welcomer"}},
		{Name: "notification", Reactors: []string{"notification-mail"}},
		{Name: "audit"},
		{Name: "portal", Sessions: true},
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

// Services are the users that are services, with an account of their own.
func Services() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return !service(name) })
}

// service reports whether a user is one, with an account of its own.
func service(user string) bool { return user != Provision && user != Restore }

// find returns a user by name, or an error that lists those there are.
func find(name string) (User, error) {
	for _, u := range append(Manifest(), User{Name: Restore}) {
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
