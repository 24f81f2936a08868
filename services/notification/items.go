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

// item is a notification: that something happened which concerns an audience.
// It holds ids only and is no decision, so nothing about it is in the log; who
// belongs to the audience and may see it is judged when it is read or sent.
type item struct {
	Seq       uint64
	Event     string // id of the event it is about; empty when it was read from the view
	Kind      string
	Audience  string
	Community string
	Request   string
	Response  string
	Link      string // of the community with another
	Person    string // whom it is about, if not the reader
	Actor     string // is not told of their own act
	Time      time.Time
}

// number is the id of an item as one person sees it: of several audiences that
// an event concerns, a person sees one item.
func (i item) number() string { return strconv.FormatUint(i.Seq, 10) }

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
	linkProposed       = "link_proposed"
	linkAgreed         = "link_agreed"
	linkDeclined       = "link_declined"
	linkWithdrawn      = "link_withdrawn"
	linkEnded          = "link_ended"
	askedToFind        = "asked_to_find"
	nobodyAnswered     = "nobody_answered"
	buddiesSuggested   = "buddies_suggested"
	buddyChosen        = "buddy_chosen"
	buddyAgreed        = "buddy_agreed"
	buddyDeclined      = "buddy_declined"
	buddyEnded         = "buddy_ended"
	introduced         = "introduced"
	firstWeek          = "first_week"
)

// kind is what holds for all notifications of one kind.
type kind struct {
	name        string
	inbox, mail bool // without a rule of the person's
	// own: it tells the reader of their own tie to a community, or a coordinator
	// of one in need, by its name alone. Everything else is for who may see the
	// community's content.
	own bool
	// personal is the kind that it is for the people among those who are told, if
	// that is another: for them it is about themselves.
	personal string
	// mutual is what concerns two people: each of them is told of the other.
	mutual bool
}

// kinds are all kinds, in the order in which settings show them. Another order
// is another Version of the view of items.
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
	{name: memberJoined, inbox: true, personal: admitted},
	{name: successionAsked, inbox: true, mail: true},
	{name: successionTold, inbox: true, mail: true, own: true, personal: successionAsked},
	{name: charterRevised, inbox: true},
	{name: stateChanged, inbox: true},
	{name: linkProposed, inbox: true, mail: true},
	{name: linkAgreed, inbox: true},
	{name: linkDeclined, inbox: true},
	{name: linkWithdrawn, inbox: true},
	{name: linkEnded, inbox: true},
	{name: askedToFind, inbox: true, mail: true},
	{name: nobodyAnswered, inbox: true, mail: true},
	{name: buddiesSuggested, inbox: true},
	{name: buddyChosen, inbox: true, mail: true},
	{name: buddyAgreed, inbox: true},
	{name: buddyDeclined, inbox: true},
	{name: buddyEnded, inbox: true, mutual: true},
	{name: introduced, inbox: true, mail: true, own: true, mutual: true},
	{name: firstWeek, inbox: true},
}

func kindOf(name string) (kind, bool) {
	i := placeOf(name)
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// codeOf is the short form of a kind in documents: its place in kinds.
func codeOf(name string) uint8 { return uint8(placeOf(name)) }

func placeOf(name string) int {
	for i := range kinds {
		if kinds[i].name == name {
			return i
		}
	}
	return -1
}

// newsOf says whom r concerns and how, in the order in which the more personal
// audience comes first: who is told of what is written here and nowhere else.
// Imported history is no news.
func newsOf(r es.Recorded) (d itemDoc, ok bool) {
	if r.Meta.Imported {
		return d, false
	}
	switch r.Stream.Context {
	case matching.Context:
		if d = newsOfProposal(r); len(d.To) == 0 {
			d = newsOfMeeting(r)
		}
	case community.Context:
		switch r.Stream.Aggregate {
		case community.Request:
			d = newsOfRequest(r)
		case community.Link:
			d = newsOfLink(r)
		default:
			d = newsOfCommunity(r)
		}
	case membership.Context:
		d = newsOfMembership(r)
	}
	d.Seq, d.Time, d.Actor = r.Seq, r.Time.UnixNano(), r.Meta.Actor
	return d, len(d.To) > 0
}

func newsOfProposal(r es.Recorded) itemDoc {
	switch e := r.Data.(type) {
	case matching.HelpersProposed:
		if len(e.Helpers) == 0 {
			return itemDoc{Kind: codeOf(nobodyFound), To: to(e.Asker), Community: e.Community, Request: e.Request}
		}
		helpers := make([]string, len(e.Helpers))
		for i := range e.Helpers {
			helpers[i] = e.Helpers[i].Person
		}
		return itemDoc{Kind: codeOf(askedToHelp), To: helpers, Community: e.Community, Request: e.Request, Person: e.Asker}
	case matching.HelpOffered:
		return itemDoc{Kind: codeOf(helpOffered), To: to(e.Asker), Request: e.Request, Person: e.Helper}
	case matching.RoutingWidened:
		return itemDoc{Kind: codeOf(askedToFind), To: to(e.Told...), Community: e.Community, Request: e.Request, Person: e.Asker}
	case matching.RoutingEnded:
		return itemDoc{Kind: codeOf(nobodyAnswered), To: to(e.Asker), Community: e.Community, Request: e.Request}
	}
	return itemDoc{}
}

// newsOfMeeting tells people of their buddies and introductions. Why they should
// meet is not told here: it is asked for where visibility is judged, in matching.
func newsOfMeeting(r es.Recorded) itemDoc {
	of := func(kind, community, person string, whom ...string) itemDoc {
		return itemDoc{Kind: codeOf(kind), To: to(whom...), Community: community, Person: person}
	}
	switch e := r.Data.(type) {
	case matching.BuddiesSuggested:
		return of(buddiesSuggested, e.Community, "", e.Newcomer)
	case matching.BuddyChosen:
		return of(buddyChosen, e.Community, e.Newcomer, e.Buddy)
	case matching.BuddyAgreed:
		return of(buddyAgreed, e.Community, e.Buddy, e.Newcomer)
	case matching.BuddyDeclined:
		return of(buddyDeclined, e.Community, e.Buddy, e.Newcomer)
	case matching.BuddyEnded:
		if e.Buddy != "" {
			return of(buddyEnded, e.Community, "", e.Newcomer, e.Buddy)
		}
	case matching.FirstWeekPassed:
		return of(firstWeek, e.Community, "", e.Newcomer)
	case matching.IntroductionMade:
		return of(introduced, "", "", e.People...)
	}
	return itemDoc{}
}

// newsOfRequest leaves the person who is told of a response open: responses
// do not name the asker, whom only the request's stream knows.
func newsOfRequest(r es.Recorded) itemDoc {
	request := r.Stream.ID
	switch e := r.Data.(type) {
	case community.RequestRaised:
		if e.Community != "" {
			return itemDoc{Kind: codeOf(requestRaised), To: to(toMembers(e.Community)), Community: e.Community, Request: request, Person: e.Asker}
		}
	case community.RequestResponded:
		return itemDoc{Kind: codeOf(responded), To: to(toAsker(request)), Request: request, Response: e.Response, Person: e.Author}
	case community.ResponseAccepted:
		return itemDoc{Kind: codeOf(accepted), To: to(e.Author), Request: request, Response: e.Response}
	case community.Thanked:
		return itemDoc{Kind: codeOf(thanked), To: to(e.To), Request: request, Response: e.Response, Person: e.From}
	}
	return itemDoc{}
}

func newsOfMembership(r es.Recorded) itemDoc {
	switch e := r.Data.(type) {
	case membership.MembershipRequested:
		return itemDoc{Kind: codeOf(joinRequested), To: to(toHosts(e.Community)), Community: e.Community, Person: e.Person}
	case membership.MembershipRequestDeclined:
		return itemDoc{Kind: codeOf(joinDeclined), To: to(e.Person), Community: e.Community}
	case membership.MembershipInvited:
		return itemDoc{Kind: codeOf(invited), To: to(e.Person), Community: e.Community, Person: r.Meta.Actor}
	case membership.MembershipJoined:
		d := itemDoc{Kind: codeOf(memberJoined), Community: e.Community, Person: e.Person}
		switch e.Via {
		case membership.ViaAdmission:
			d.To = to(e.Person, toHosts(e.Community))
		case membership.ViaInvitation:
			d.Kind, d.To = codeOf(invitationAccepted), to(toHosts(e.Community))
		case membership.ViaOpen:
			d.To = to(toHosts(e.Community))
		}
		return d
	case membership.MembershipRemoved:
		return itemDoc{Kind: codeOf(removed), To: to(e.Person), Community: e.Community}
	case membership.MembershipRoleChanged:
		return itemDoc{Kind: codeOf(roleChanged), To: to(e.Person), Community: e.Community}
	}
	return itemDoc{}
}

func newsOfCommunity(r es.Recorded) itemDoc {
	switch e := r.Data.(type) {
	case community.SuccessionOpened:
		return itemDoc{Kind: codeOf(successionTold), To: append(to(e.Asked...), toCoordinators), Community: r.Stream.ID}
	case community.CharterRevised:
		return itemDoc{Kind: codeOf(charterRevised), To: to(toMembers(r.Stream.ID)), Community: r.Stream.ID}
	case community.CommunityStateChanged:
		return itemDoc{Kind: codeOf(stateChanged), To: to(toMembers(r.Stream.ID)), Community: r.Stream.ID}
	}
	return itemDoc{}
}

// newsOfLink tells the hosts of the side that has to decide or was not asked.
// Each side is told of its own community; see whereabouts.item.
func newsOfLink(r es.Recorded) itemDoc {
	d := itemDoc{Link: r.Stream.ID}
	switch e := r.Data.(type) {
	case community.LinkProposed:
		d.Kind, d.To = codeOf(linkProposed), to(toHosts(e.Other))
	case community.LinkAgreed:
		d.Kind, d.To = codeOf(linkAgreed), to(toHosts(e.Proposer), toHosts(e.Other))
	case community.LinkDeclined:
		d.Kind, d.To = codeOf(linkDeclined), to(toHosts(e.Proposer))
	case community.LinkWithdrawn:
		d.Kind, d.To = codeOf(linkWithdrawn), to(toHosts(e.Other))
	case community.LinkEnded:
		d.Kind, d.To = codeOf(linkEnded), to(toHosts(e.Proposer), toHosts(e.Other))
	}
	return d
}

// to is a list of its own of the audiences.
func to(audiences ...string) []string { return slices.Clone(audiences) }
