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

// Item is a notification: that something happened which concerns an audience.
// It holds ids only and is no decision, so nothing about it is in the log; who
// belongs to the audience and may see it is judged when it is read or sent.
type Item struct {
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

// Number is the id of an item as one person sees it: of several audiences that
// an event concerns, a person sees one item.
func (i Item) Number() string { return strconv.FormatUint(i.Seq, 10) }

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
func itemsOf(r es.Recorded) []Item {
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

func itemsOfProposal(r es.Recorded) []Item {
	switch e := r.Data.(type) {
	case matching.HelpersProposed:
		if len(e.Helpers) == 0 {
			return []Item{item(r, nobodyFound, toPerson(e.Asker), Item{Community: e.Community, Request: e.Request})}
		}
		out := make([]Item, 0, len(e.Helpers))
		for _, h := range e.Helpers {
			out = append(out, item(r, askedToHelp, toPerson(h.Person), Item{Community: e.Community, Request: e.Request, Person: e.Asker}))
		}
		return out
	case matching.HelpOffered:
		return []Item{item(r, helpOffered, toPerson(e.Asker), Item{Request: e.Request, Person: e.Helper})}
	}
	return nil
}

// itemsOfRequest leaves the person who is told of a response open: responses
// do not name the asker, whom only the request's stream knows.
func itemsOfRequest(r es.Recorded) []Item {
	request := r.Stream.ID
	switch e := r.Data.(type) {
	case community.RequestRaised:
		if e.Community == "" {
			return nil
		}
		return []Item{item(r, requestRaised, toMembers(e.Community), Item{Community: e.Community, Request: request, Person: e.Asker})}
	case community.RequestResponded:
		return []Item{item(r, responded, toAsker(request), Item{Request: request, Response: e.Response, Person: e.Author})}
	case community.ResponseAccepted:
		return []Item{item(r, accepted, toPerson(e.Author), Item{Request: request, Response: e.Response})}
	case community.Thanked:
		return []Item{item(r, thanked, toPerson(e.To), Item{Request: request, Response: e.Response, Person: e.From})}
	}
	return nil
}

func itemsOfMembership(r es.Recorded) []Item {
	switch e := r.Data.(type) {
	case membership.MembershipRequested:
		return []Item{item(r, joinRequested, toHosts(e.Community), Item{Community: e.Community, Person: e.Person})}
	case membership.MembershipRequestDeclined:
		return []Item{item(r, joinDeclined, toPerson(e.Person), Item{Community: e.Community})}
	case membership.MembershipInvited:
		return []Item{item(r, invited, toPerson(e.Person), Item{Community: e.Community, Person: r.Meta.Actor})}
	case membership.MembershipJoined:
		in := Item{Community: e.Community, Person: e.Person}
		switch e.Via {
		case membership.ViaAdmission:
			return []Item{
				item(r, admitted, toPerson(e.Person), Item{Community: e.Community}),
				item(r, memberJoined, toHosts(e.Community), in),
			}
		case membership.ViaInvitation:
			return []Item{item(r, invitationAccepted, toHosts(e.Community), in)}
		case membership.ViaOpen:
			return []Item{item(r, memberJoined, toHosts(e.Community), in)}
		}
	case membership.MembershipRemoved:
		return []Item{item(r, removed, toPerson(e.Person), Item{Community: e.Community})}
	case membership.MembershipRoleChanged:
		return []Item{item(r, roleChanged, toPerson(e.Person), Item{Community: e.Community})}
	}
	return nil
}

func itemsOfCommunity(r es.Recorded) []Item {
	in := Item{Community: r.Stream.ID}
	switch e := r.Data.(type) {
	case community.SuccessionOpened:
		out := make([]Item, 0, len(e.Asked)+1)
		for _, person := range e.Asked {
			out = append(out, item(r, successionAsked, toPerson(person), in))
		}
		return append(out, item(r, successionTold, toCoordinators, in))
	case community.CharterRevised:
		return []Item{item(r, charterRevised, toMembers(r.Stream.ID), in)}
	case community.CommunityStateChanged:
		return []Item{item(r, stateChanged, toMembers(r.Stream.ID), in)}
	}
	return nil
}

func item(r es.Recorded, kind, audience string, about Item) Item {
	about.ID = strconv.FormatUint(r.Seq, 10) + "-" + audience
	about.Seq, about.Event, about.Kind, about.Audience = r.Seq, r.ID, kind, audience
	about.Actor, about.Time = r.Meta.Actor, r.Time
	return about
}
