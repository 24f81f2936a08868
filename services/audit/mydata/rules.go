package mydata

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"

	"kith/api/events/audit"
	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/events/notification"
	"kith/pkg/es"
)

// Parts of the archive. Every event that concerns the person is in one.
const (
	partIdentity      = "identity"
	partProfile       = "profile"
	partRoles         = "roles"
	partMemberships   = "memberships"
	partCommunities   = "communities"
	partRequests      = "requests"
	partResponses     = "responses"
	partThanks        = "thanks"
	partProposals     = "proposals"
	partMeetings      = "meetings"
	partPreferences   = "preferences"
	partTokens        = "tokens"
	partNotifications = "notifications"
	partConsents      = "consents"
	partLooks         = "looks" // of auditors: theirs, and at what is the person's
	partActs          = "acts"  // what the person did that concerns others
	partOther         = "other"
)

// parts are all of them in the order of the archive.
var parts = []string{
	partIdentity, partProfile, partRoles, partMemberships, partCommunities, partRequests, partResponses, partThanks,
	partProposals, partMeetings, partPreferences, partTokens, partNotifications, partConsents, partLooks, partActs, partOther,
}

// told is what the archive says of one event. Its zero value says nothing: what
// no rule allows is not told.
type told struct {
	part  string   // "": the event does not concern the person
	show  es.Event // what it says; nil: nothing but the person's own texts
	hide  []string // names in show that are not for the person, at any depth
	reads bool     // texts of others in show are for the person
	veil  bool     // who acted, and on what, is not for the person
}

// tell is the whole rule of what the person is told of an event. Texts sealed
// for the person are theirs wherever they are.
func (a *Archive) tell(r es.Recorded) told {
	var t told
	switch r.Stream.Context {
	case membership.Context:
		t = a.ofMembership(r)
	case community.Context:
		t = a.ofCommunity(r)
	case matching.Context:
		t = a.ofMatching(r)
	case notification.Context:
		t = a.ofNotification(r)
	case audit.Context:
		t = a.ofAudit(r)
	}
	switch {
	case t.part != "":
		return t
	case r.Meta.Actor == a.person:
		return told{part: partActs}
	case a.named(r):
		return told{part: partOther, veil: true}
	}
	return told{}
}

// named reports whether an event without a rule is about the person, as far as
// that can be told of any event.
func (a *Archive) named(r es.Recorded) bool {
	return r.Stream.ID == a.person || bytes.Contains(r.Stored.Data, a.asID) || bytes.Contains(r.Stored.Data, a.asOwner)
}

func (a *Archive) ofMembership(r es.Recorded) told {
	own := r.Stream.ID == a.person
	if tie, ok := tieOf(r.Data); ok {
		switch {
		case tie.Person == a.person: // reasons and messages are addressed to them
			return told{part: partMemberships, show: r.Data, reads: true}
		case r.Meta.Actor == a.person:
			return told{part: partActs, show: r.Data}
		}
		return told{}
	}
	switch e := r.Data.(type) {
	case membership.PersonRegistered, membership.PersonChanged, membership.PersonLanguageChosen, membership.PersonMoved,
		membership.PersonDeactivated, membership.PersonReactivated, membership.PersonErased:
		return told{part: partIdentity, show: r.Data}.when(own)
	case membership.ReservationMade:
		return told{part: partIdentity, show: e}.when(e.Person == a.person)
	case membership.ReservationReleased:
		return told{part: partIdentity, show: e}.when(e.Person == a.person)
	case membership.ProfileChanged:
		return told{part: partProfile, show: e}.when(own)
	case membership.RoleGranted, membership.RoleRevoked:
		return told{part: partRoles, show: r.Data}.when(own)
	case membership.TokenIssued:
		return told{part: partTokens, show: e, hide: []string{"hash"}}.when(e.Person == a.person)
	case membership.TokenRevoked:
		return told{part: partTokens, show: e}.when(e.Person == a.person)
	case membership.UnitCreated, membership.UnitChanged, membership.UnitClosed:
		return told{part: partActs, show: r.Data}.when(r.Meta.Actor == a.person)
	}
	return told{}
}

// when is t if the event is about the person, else nothing.
func (t told) when(about bool) told {
	if about {
		return t
	}
	return told{}
}

func tieOf(e es.Event) (membership.Tie, bool) {
	switch e := e.(type) {
	case membership.MembershipRequested:
		return e.Tie, true
	case membership.MembershipRequestWithdrawn:
		return e.Tie, true
	case membership.MembershipRequestDeclined:
		return e.Tie, true
	case membership.MembershipInvited:
		return e.Tie, true
	case membership.MembershipInvitationWithdrawn:
		return e.Tie, true
	case membership.MembershipInvitationDeclined:
		return e.Tie, true
	case membership.MembershipJoined:
		return e.Tie, true
	case membership.MembershipLeft:
		return e.Tie, true
	case membership.MembershipRemoved:
		return e.Tie, true
	case membership.MembershipRoleChanged:
		return e.Tie, true
	}
	return membership.Tie{}, false
}

func (a *Archive) ofMatching(r es.Recorded) told {
	switch e := r.Data.(type) {
	case matching.HelpersProposed:
		i := slices.IndexFunc(e.Helpers, func(h matching.ProposedHelper) bool { return h.Person == a.person })
		switch {
		case i >= 0: // of those who were proposed the person alone, with their own score and reasons
			e.Helpers = e.Helpers[i : i+1]
			return told{part: partProposals, show: e, hide: a.unseenOfRouting(e.Request)}
		case e.Asker == a.person: // who it was, without numbers about them
			return told{part: partRequests, show: e, hide: []string{"score", "reasons", "propensity", "evidence"}}
		}
	case matching.RequestUnanswered:
		return told{part: partRequests, show: e}.when(e.Asker == a.person)
	case matching.RoutingWidened:
		switch {
		case slices.Contains(e.Told, a.person): // of those who were told the person alone
			e.Told = []string{a.person}
			return told{part: partProposals, show: e, hide: a.unseenOfRouting(e.Request)}
		case e.Asker == a.person:
			return told{part: partRequests, show: e}
		}
	case matching.RoutingEnded:
		return told{part: partRequests, show: e}.when(e.Asker == a.person)
	case matching.HelpOffered:
		switch a.person {
		case e.Helper:
			return told{part: partProposals, show: e, hide: a.askerUnseen(e.Request)}
		case e.Asker:
			return told{part: partRequests, show: e}
		}
	case matching.HelpDeclined: // between the helper and the router
		return told{part: partProposals, show: e}.when(e.Helper == a.person)
	case matching.HelperPreferencesChanged:
		return told{part: partPreferences, show: e}.when(r.Stream.ID == a.person)
	case matching.SuggestionTaken:
		return told{part: partProposals, show: e}.when(e.Person == a.person)
	case matching.SuggestionDismissed:
		return told{part: partProposals, show: e}.when(e.Person == a.person)
	case matching.LinkSuggestionDismissed, matching.SplitSuggestionDismissed:
		return told{part: partCommunities, show: r.Data}.when(r.Meta.Actor == a.person)
	}
	return a.ofMeeting(r)
}

// ofMeeting is ofMatching for buddies and introductions. What others say of the
// person is told where it is meant for them; lines of others' profiles never are.
func (a *Archive) ofMeeting(r es.Recorded) told {
	between := func(w matching.Welcome, buddy string) told {
		return told{part: partMeetings, show: r.Data}.when(a.person == w.Newcomer || a.person == buddy)
	}
	switch e := r.Data.(type) {
	case matching.MeetingPreferencesChanged:
		return told{part: partPreferences, show: e}.when(r.Stream.ID == a.person)
	case matching.BuddiesSuggested:
		i := slices.IndexFunc(e.Buddies, func(b matching.SuggestedBuddy) bool { return b.Person == a.person })
		if e.Newcomer != a.person && i >= 0 { // not who else was suggested
			e.Buddies = e.Buddies[i : i+1]
		}
		return told{part: partMeetings, show: e}.when(e.Newcomer == a.person || i >= 0)
	case matching.BuddyChosen:
		return between(e.Welcome, e.Buddy)
	case matching.BuddiesWaived:
		return between(e.Welcome, "")
	case matching.FirstWeekPassed:
		return between(e.Welcome, "")
	case matching.BuddyAgreed:
		return between(e.Welcome, e.Buddy)
	case matching.BuddyDeclined:
		return between(e.Welcome, e.Buddy)
	case matching.BuddyEnded:
		return between(e.Welcome, e.Buddy)
	case matching.IntroductionMade:
		return told{part: partMeetings, show: e}.when(slices.Contains(e.People, a.person))
	case matching.IntroductionAnswered: // the other one is not told
		return told{part: partMeetings, show: e}.when(e.Person == a.person)
	}
	return told{}
}

// unseenOfRouting hides also why it was widened: that others have said "not me"
// is the asker's to know.
func (a *Archive) unseenOfRouting(request string) []string {
	return append(a.askerUnseen(request), "because")
}

// askerUnseen hides who asks a request that the person does not see any more.
func (a *Archive) askerUnseen(request string) []string {
	if a.w.Access.SeesRequest(a.person, request) {
		return nil
	}
	return []string{"asker"}
}

func (a *Archive) ofNotification(r es.Recorded) told {
	own := r.Stream.ID == a.person
	switch e := r.Data.(type) {
	case notification.PreferencesChanged:
		return told{part: partPreferences, show: e}.when(own)
	case notification.DeliverySent:
		return told{part: partNotifications, show: e}.when(e.Person == a.person)
	case notification.DeliveryFailed:
		return told{part: partNotifications, show: e}.when(e.Person == a.person)
	case notification.InboxRead:
		return told{part: partNotifications, show: e}.when(own)
	}
	return told{}
}

func (a *Archive) ofAudit(r es.Recorded) told {
	switch e := r.Data.(type) {
	case audit.ConsentGiven:
		return told{part: partConsents, show: e}.when(e.Person == a.person)
	case audit.LogRead:
		switch {
		case r.Stream.ID == a.person:
			return told{part: partLooks, show: e}
		case a.lookedAt(e):
			// That and when their data was looked at is for the person; which
			// auditor it was, and why, is not.
			return told{part: partLooks, show: audit.LogRead{What: e.What, Seq: e.Seq}, veil: true}
		}
	}
	return told{}
}

// lookedAt reports whether an auditor's read was about the person: it selected
// them, or what came of an event that concerns them, or opened or proved such a one.
func (a *Archive) lookedAt(e audit.LogRead) bool {
	if q, err := url.ParseQuery(e.Filter); err == nil {
		cause, _ := strconv.ParseUint(q.Get("caused_by"), 10, 64)
		if q.Get("actor") == a.person || q.Get("id") == a.person || a.has(cause) {
			return true
		}
	}
	return (e.What == "event" || e.What == "proof") && a.has(e.Seq)
}
