package notification

import (
	"slices"
	"strconv"
	"time"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/es"
)

// itemDoc is a notification: that something happened which concerns an audience.
// It holds ids only and is no decision, so nothing about it is in the log; who
// belongs to the audience and may see it is judged when it is read or sent.
type itemDoc struct {
	ID        string    `json:"id"` // unique: position and audience
	Seq       uint64    `json:"seq"`
	Event     string    `json:"event"` // id of the event it is about
	Kind      string    `json:"kind"`
	Audience  string    `json:"audience"`
	Community string    `json:"community,omitempty"`
	Request   string    `json:"request,omitempty"`
	Response  string    `json:"response,omitempty"`
	Person    string    `json:"person,omitempty"` // whom it is about, if not the reader
	Actor     string    `json:"actor,omitempty"`  // is not told of their own act
	Time      time.Time `json:"time"`
}

// number is the id of an item as one person sees it: of several audiences that
// an event concerns, a person sees one item.
func (i itemDoc) number() string { return strconv.FormatUint(i.Seq, 10) }

// Kinds of notification.
const (
	askedToHelp        = "asked_to_help"
	helpOffered        = "help_offered"
	responded          = "response"
	accepted           = "accepted"
	thanked            = "thanked"
	nobodyFound        = "nobody_found"
	requestRaised      = "request_raised"
	joinRequested      = "join_requested"
	admitted           = "admitted"
	joinDeclined       = "join_declined"
	invited            = "invited"
	invitationAccepted = "invitation_accepted"
	removed            = "removed"
	roleChanged        = "role_changed"
	memberJoined       = "member_joined"
	successionAsked    = "succession_asked"
	successionTold     = "succession_told"
	charterRevised     = "charter_revised"
	stateChanged       = "state_changed"
)

// kind is what holds for all notifications of one kind.
type kind struct {
	name        string
	inbox, mail bool // without a rule of the person's
	// own: it tells the reader of their own tie to a community, or a coordinator
	// of one in need, by its name alone. Everything else is for who may see the
	// community's content.
	own bool
}

// kinds are all kinds, in the order in which settings show them.
var kinds = []kind{
	{name: askedToHelp, inbox: true, mail: true},
	{name: helpOffered, inbox: true},
	{name: responded, inbox: true, mail: true},
	{name: accepted, inbox: true, mail: true},
	{name: thanked, inbox: true},
	{name: nobodyFound, inbox: true},
	{name: requestRaised, inbox: true},
	{name: joinRequested, inbox: true, mail: true},
	{name: admitted, inbox: true, own: true},
	{name: joinDeclined, inbox: true, own: true},
	{name: invited, inbox: true, mail: true, own: true},
	{name: invitationAccepted, inbox: true},
	{name: removed, inbox: true, own: true},
	{name: roleChanged, inbox: true},
	{name: memberJoined, inbox: true},
	{name: successionAsked, inbox: true, mail: true},
	{name: successionTold, inbox: true, mail: true, own: true},
	{name: charterRevised, inbox: true},
	{name: stateChanged, inbox: true},
}

func kindOf(name string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// itemsOf are the notifications that r gives rise to: who is told of what is
// written here and nowhere else. The more personal audience comes first.
// Imported history gives none.
func itemsOf(r es.Recorded) []itemDoc {
	if r.Meta.Imported {
		return nil
	}
	switch r.Data.(type) {
	case matching.HelpersProposed, matching.HelpOffered:
		return itemsOfProposal(r)
	case community.RequestRaised, community.RequestResponded, community.ResponseAccepted, community.Thanked:
		return itemsOfRequest(r)
	}
	if r.Stream.Context == membership.Context {
		return itemsOfMembership(r)
	}
	return itemsOfCommunity(r)
}

func itemsOfProposal(r es.Recorded) []itemDoc {
	switch e := r.Data.(type) {
	case matching.HelpersProposed:
		if len(e.Helpers) == 0 {
			return []itemDoc{item(r, nobodyFound, toPerson(e.Asker), itemDoc{Community: e.Community, Request: e.Request})}
		}
		out := make([]itemDoc, 0, len(e.Helpers))
		for _, h := range e.Helpers {
			out = append(out, item(r, askedToHelp, toPerson(h.Person), itemDoc{Community: e.Community, Request: e.Request, Person: e.Asker}))
		}
		return out
	case matching.HelpOffered:
		return []itemDoc{item(r, helpOffered, toPerson(e.Asker), itemDoc{Request: e.Request, Person: e.Helper})}
	}
	return nil
}

// itemsOfRequest leaves the person who is told of a response open: responses
// do not name the asker, whom only the request's stream knows.
func itemsOfRequest(r es.Recorded) []itemDoc {
	request := r.Stream.ID
	switch e := r.Data.(type) {
	case community.RequestRaised:
		if e.Community == "" {
			return nil
		}
		return []itemDoc{item(r, requestRaised, toMembers(e.Community), itemDoc{Community: e.Community, Request: request, Person: e.Asker})}
	case community.RequestResponded:
		return []itemDoc{item(r, responded, toAsker(request), itemDoc{Request: request, Response: e.Response, Person: e.Author})}
	case community.ResponseAccepted:
		return []itemDoc{item(r, accepted, toPerson(e.Author), itemDoc{Request: request, Response: e.Response})}
	case community.Thanked:
		return []itemDoc{item(r, thanked, toPerson(e.To), itemDoc{Request: request, Response: e.Response, Person: e.From})}
	}
	return nil
}

func itemsOfMembership(r es.Recorded) []itemDoc {
	switch e := r.Data.(type) {
	case membership.MembershipRequested:
		return []itemDoc{item(r, joinRequested, toHosts(e.Community), itemDoc{Community: e.Community, Person: e.Person})}
	case membership.MembershipRequestDeclined:
		return []itemDoc{item(r, joinDeclined, toPerson(e.Person), itemDoc{Community: e.Community})}
	case membership.MembershipInvited:
		return []itemDoc{item(r, invited, toPerson(e.Person), itemDoc{Community: e.Community, Person: r.Meta.Actor})}
	case membership.MembershipJoined:
		in := itemDoc{Community: e.Community, Person: e.Person}
		switch e.Via {
		case membership.ViaAdmission:
			return []itemDoc{
				item(r, admitted, toPerson(e.Person), itemDoc{Community: e.Community}),
				item(r, memberJoined, toHosts(e.Community), in),
			}
		case membership.ViaInvitation:
			return []itemDoc{item(r, invitationAccepted, toHosts(e.Community), in)}
		case membership.ViaOpen:
			return []itemDoc{item(r, memberJoined, toHosts(e.Community), in)}
		}
	case membership.MembershipRemoved:
		return []itemDoc{item(r, removed, toPerson(e.Person), itemDoc{Community: e.Community})}
	case membership.MembershipRoleChanged:
		return []itemDoc{item(r, roleChanged, toPerson(e.Person), itemDoc{Community: e.Community})}
	}
	return nil
}

func itemsOfCommunity(r es.Recorded) []itemDoc {
	in := itemDoc{Community: r.Stream.ID}
	switch e := r.Data.(type) {
	case community.SuccessionOpened:
		out := make([]itemDoc, 0, len(e.Asked)+1)
		for _, person := range e.Asked {
			out = append(out, item(r, successionAsked, toPerson(person), in))
		}
		return append(out, item(r, successionTold, toCoordinators, in))
	case community.CharterRevised:
		return []itemDoc{item(r, charterRevised, toMembers(r.Stream.ID), in)}
	case community.CommunityStateChanged:
		return []itemDoc{item(r, stateChanged, toMembers(r.Stream.ID), in)}
	}
	return nil
}

func item(r es.Recorded, kind, audience string, about itemDoc) itemDoc {
	about.ID = strconv.FormatUint(r.Seq, 10) + "-" + audience
	about.Seq, about.Event, about.Kind, about.Audience = r.Seq, r.ID, kind, audience
	about.Actor, about.Time = r.Meta.Actor, r.Time
	return about
}
