package notification

import (
	"strings"

	"kith/pkg/access"
)

// Groups of people that a notification can be for. An audience is a group
// and, but for coordinators, the id of its person or community: "hosts:<id>".
const (
	groupPerson  = "person"
	groupAsker   = "asker" // of the request; place makes it a person
	groupHosts   = "hosts"
	groupMembers = "members"

	toCoordinators = "coordinators"
)

func toPerson(id string) string  { return groupPerson + ":" + id }
func toAsker(id string) string   { return groupAsker + ":" + id }
func toHosts(id string) string   { return groupHosts + ":" + id }
func toMembers(id string) string { return groupMembers + ":" + id }

// whereabouts says who asked a request and in which community. Neither ever
// changes, so views may depend on it.
type whereabouts func(request string) (asker, community string)

// known looks in access, which has folded a request before any view is given
// what happens to it.
func known(a *access.Access) whereabouts {
	return func(request string) (string, string) {
		q, _ := a.Request(request)
		return q.Asker, q.Community
	}
}

// place completes items with what the event of a request does not say itself:
// its asker as audience, and its community.
func (w whereabouts) place(items []itemDoc) []itemDoc {
	for i := range items {
		it := &items[i]
		if it.Request == "" || it.Kind == requestRaised {
			continue
		}
		asker, community := w(it.Request)
		if it.Community == "" {
			it.Community = community
		}
		if it.Audience == toAsker(it.Request) && asker != "" {
			it.ID = it.number() + "-" + toPerson(asker)
			it.Audience = toPerson(asker)
		}
	}
	return items
}

// belongs reports whether person is active and in the audience now.
func belongs(a *access.Access, person, audience string) bool {
	p, ok := a.Person(person)
	if !ok || !p.Active {
		return false
	}
	group, id, _ := strings.Cut(audience, ":")
	switch group {
	case groupPerson:
		return id == person
	case groupHosts:
		return a.Role(id, person) == access.Host
	case groupMembers:
		return a.Role(id, person) != access.None
	case toCoordinators:
		return p.Has(access.Coordinator)
	default:
		return false
	}
}

// audienceOf lists the active people who are in it now.
func audienceOf(a *access.Access, audience string) []string {
	group, id, _ := strings.Cut(audience, ":")
	switch group {
	case groupPerson:
		if a.Active(id) {
			return []string{id}
		}
	case groupHosts:
		return a.Members(id, access.Host)
	case groupMembers:
		return a.Members(id)
	case toCoordinators:
		return a.Holding(access.Coordinator)
	}
	return nil
}

// maySee reports whether the person may know of the item at all: they are in
// its audience, did not do it themselves, and see what it is about.
func maySee(a *access.Access, person string, it itemDoc) bool {
	if it.Actor == person || !belongs(a, person, it.Audience) {
		return false
	}
	k, ok := kindOf(it.Kind)
	switch {
	case !ok:
		return false
	case it.Request != "":
		return a.SeesRequest(person, it.Request)
	case k.own:
		return true
	}
	return a.SeesCommunity(person, it.Community)
}

// reason says why somebody in the audience gets the item.
func reason(it itemDoc) string {
	group, _, _ := strings.Cut(it.Audience, ":")
	switch {
	case group == groupHosts:
		return "host_of"
	case group == groupMembers:
		return "member_of"
	case group == toCoordinators:
		return "coordinator"
	}
	switch it.Kind {
	case askedToHelp:
		return "asked_to_help"
	case helpOffered, responded, nobodyFound:
		return "asker"
	case accepted, thanked:
		return "author"
	case successionAsked:
		return "core_of"
	default:
		return "concerns_you"
	}
}
