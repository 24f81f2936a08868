package notification

import (
	"strings"
	"time"

	"kith/pkg/access"
	"kith/pkg/es"
)

// Groups of people that a notification can be for. An audience is a group
// and the id of its person or community: "hosts:<id>".
const (
	groupPerson       = "person"
	groupAsker        = "asker" // of the request; news makes it a person
	groupHosts        = "hosts"
	groupMembers      = "members"
	groupCoordinators = "coordinators" // of the organisation: no id

	toCoordinators = groupCoordinators + ":"
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

// news is the document of r with all its audiences: of a response, the asker.
func (w whereabouts) news(r es.Recorded) (itemDoc, bool) {
	d, ok := newsOf(r)
	if ok && strings.HasPrefix(d.To[0], groupAsker+":") {
		if asker, community := w(d.Request); asker != "" {
			d.To[0], d.Community = asker, community
		}
	}
	return d, ok
}

// items are the notifications that r gives rise to, one for each audience.
func (w whereabouts) items(r es.Recorded) []item {
	d, ok := w.news(r)
	if !ok {
		return nil
	}
	items := make([]item, len(d.To))
	for i, audience := range d.To {
		items[i] = w.item(d, spelled(audience))
		items[i].Event = r.ID
	}
	return items
}

// item is the document as one of its audiences gets it, completed with the
// community of its request.
func (w whereabouts) item(d itemDoc, audience string) item {
	k := kinds[d.Kind]
	it := item{Seq: d.Seq, Kind: k.name, Audience: audience, Community: d.Community, Request: d.Request,
		Response: d.Response, Link: d.Link, Person: d.Person, Actor: d.Actor, Time: time.Unix(0, d.Time).UTC()}
	if k.personal != "" && strings.HasPrefix(audience, groupPerson+":") {
		it.Kind, it.Person = k.personal, ""
	}
	if k.mutual && len(d.To) == 2 {
		it.Person = d.To[0]
		if toPerson(it.Person) == audience {
			it.Person = d.To[1]
		}
	}
	switch {
	case it.Link != "":
		_, it.Community, _ = strings.Cut(audience, ":") // each side's own
	case it.Community == "" && it.Request != "":
		_, it.Community = w(it.Request)
	}
	return it
}

// inDoc is an audience as documents name it: a person by the id alone, of which
// there is one copy for all documents.
func inDoc(audience string) string { return strings.TrimPrefix(audience, groupPerson+":") }

// spelled is the inverse of inDoc. No id has a colon.
func spelled(inDoc string) string {
	if strings.Contains(inDoc, ":") {
		return inDoc
	}
	return toPerson(inDoc)
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
	case groupCoordinators:
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
	case groupCoordinators:
		return a.Holding(access.Coordinator)
	}
	return nil
}

// maySee reports whether the person may know of the item at all: they are in
// its audience, did not do it themselves, and see what it is about.
func maySee(a *access.Access, person string, it item) bool {
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
func reason(it item) string {
	group, _, _ := strings.Cut(it.Audience, ":")
	switch {
	case group == groupHosts:
		return "host_of"
	case group == groupMembers:
		return "member_of"
	case group == groupCoordinators:
		return "coordinator"
	}
	switch it.Kind {
	case askedToHelp:
		return "asked_to_help"
	case askedToFind:
		return "finds_help"
	case helpOffered, responded, nobodyFound, nobodyAnswered:
		return "asker"
	case accepted, thanked:
		return "author"
	case successionAsked:
		return "core_of"
	default:
		return "concerns_you"
	}
}
