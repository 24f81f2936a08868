// Package events lists the published language: every event of every context
// with the aggregate whose stream it belongs to.
package events

import (
	"kith/api/events/audit"
	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/events/notification"
)

// Event is a fact in the past tense.
type Event interface {
	// EventType names the fact, "membership.joined".
	EventType() string
}

// Entry is an event and where it is stored: on subjects
// evt.<Context>.<Aggregate>.<id>, which only the service named Context may
// publish.
type Entry struct {
	Context   string
	Aggregate string
	Event     Event // zero value of its struct
}

// Version is the schema version in which the event is written now, from 1.
func (e Entry) Version() int {
	if v, ok := e.Event.(interface{ SchemaVersion() int }); ok {
		return v.SchemaVersion()
	}
	return 1
}

// All lists every event, by context and aggregate, in the order in which the
// contexts declare them.
func All() []Entry {
	var all []Entry
	add := func(context, aggregate string, events ...Event) {
		for _, e := range events {
			all = append(all, Entry{context, aggregate, e})
		}
	}
	addMembership(add)
	addCommunity(add)
	add(matching.Context, matching.Proposal,
		matching.HelpersProposed{}, matching.RequestUnanswered{}, matching.RoutingWidened{}, matching.RoutingEnded{},
		matching.HelpOffered{}, matching.HelpDeclined{})
	add(matching.Context, matching.Helper, matching.HelperPreferencesChanged{})
	add(matching.Context, matching.Suggestion,
		matching.SuggestionTaken{}, matching.SuggestionDismissed{},
		matching.LinkSuggestionTaken{}, matching.LinkSuggestionDismissed{},
		matching.SplitSuggestionTaken{}, matching.SplitSuggestionDismissed{})
	addMeeting(add)
	add(notification.Context, notification.Preferences, notification.PreferencesChanged{})
	add(notification.Context, notification.Delivery,
		notification.DeliverySent{}, notification.DeliveryFailed{})
	add(notification.Context, notification.Inbox, notification.InboxRead{})
	add(audit.Context, audit.Checkpoint, audit.CheckpointSigned{})
	add(audit.Context, audit.Read, audit.LogRead{})
	add(audit.Context, audit.Consent, audit.ConsentGiven{})
	return all
}

func addMembership(add func(context, aggregate string, events ...Event)) {
	const c = membership.Context
	add(c, membership.Unit,
		membership.UnitCreated{}, membership.UnitChanged{}, membership.UnitClosed{})
	add(c, membership.Reservation,
		membership.ReservationMade{}, membership.ReservationReleased{})
	add(c, membership.Person,
		membership.PersonRegistered{}, membership.PersonChanged{}, membership.PersonLanguageChosen{}, membership.PersonMoved{},
		membership.PersonDeactivated{}, membership.PersonReactivated{}, membership.PersonErased{},
		membership.ProfileChanged{})
	add(c, membership.Membership,
		membership.MembershipRequested{}, membership.MembershipRequestWithdrawn{}, membership.MembershipRequestDeclined{},
		membership.MembershipInvited{}, membership.MembershipInvitationWithdrawn{}, membership.MembershipInvitationDeclined{},
		membership.MembershipJoined{}, membership.MembershipLeft{}, membership.MembershipRemoved{},
		membership.MembershipRoleChanged{})
	add(c, membership.Role, membership.RoleGranted{}, membership.RoleRevoked{})
	add(c, membership.Token, membership.TokenIssued{}, membership.TokenRevoked{})
}

func addCommunity(add func(context, aggregate string, events ...Event)) {
	const c = community.Context
	add(c, community.Community,
		community.CommunityFounded{}, community.CommunitySettingsChanged{}, community.CommunityStateChanged{},
		community.SuccessionOpened{}, community.SuccessionSettled{})
	add(c, community.Charter, community.CharterRevised{})
	add(c, community.Request,
		community.RequestRaised{}, community.RequestCorrected{}, community.RequestRetracted{},
		community.RequestResponded{}, community.ResponseCorrected{}, community.ResponseRetracted{},
		community.ResponseAccepted{}, community.RequestResolved{}, community.RequestUnresolved{},
		community.RequestWithdrawn{}, community.RequestReopened{}, community.Thanked{})
	add(c, community.Link,
		community.LinkProposed{}, community.LinkAgreed{}, community.LinkDeclined{},
		community.LinkWithdrawn{}, community.LinkEnded{})
}

func addMeeting(add func(context, aggregate string, events ...Event)) {
	const c = matching.Context
	add(c, matching.Meeting, matching.MeetingPreferencesChanged{})
	add(c, matching.Buddy,
		matching.BuddiesSuggested{}, matching.BuddyChosen{}, matching.BuddiesWaived{},
		matching.BuddyAgreed{}, matching.BuddyDeclined{}, matching.BuddyEnded{}, matching.FirstWeekPassed{})
	add(c, matching.Round, matching.RoundStarted{}, matching.IntroductionMade{}, matching.RoundFinished{})
	add(c, matching.Introduction, matching.IntroductionAnswered{})
}
