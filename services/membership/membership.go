package membership

import (
	"slices"

	"kith/api/events/community"
	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// Roles in a community.
const (
	roleSponsor    = "sponsor"
	roleHost       = "host"
	roleCore       = "core"
	roleMember     = "member"
	rolePeripheral = "peripheral"
	roleGuest      = "guest"
)

// What a person is to a community, in one word of the API.
const (
	statusMember    = "member"
	statusRequested = "requested"
	statusInvited   = "invited"
	statusPast      = "past" // nothing, or no more
)

// terms are what a community says about joining.
type terms struct {
	joining string // open, request, invitation
	ended   bool   // closed for good
}

// tieID is the id of the membership of person in community: there can be only one.
func tieID(communityID, person string) string { return es.ID(communityID, person) }

// tie is what is between one person and one community. Nobody is made a
// member: every event that makes one stands on an act of the person that is
// part of this state.
type tie struct {
	requested bool // an admission was asked for and is not settled
	invited   bool // an invitation stands
	member    bool
	ever      bool // there is any history
	role      string
}

func foldTie(t *tie, r es.Recorded) {
	t.ever = true
	switch e := r.Data.(type) {
	case events.MembershipRequested:
		t.requested = true
	case events.MembershipRequestWithdrawn, events.MembershipRequestDeclined:
		t.requested = false
	case events.MembershipInvited:
		t.invited = true
	case events.MembershipInvitationWithdrawn, events.MembershipInvitationDeclined:
		t.invited = false
	case events.MembershipJoined:
		t.member, t.requested, t.invited, t.role = true, false, false, e.Role
	case events.MembershipLeft, events.MembershipRemoved:
		t.member, t.role = false, ""
	case events.MembershipRoleChanged:
		t.role = e.Role
	}
}

// Join is the person's wish to be a member. Depending on how the community is
// joined it makes them one, or asks the hosts; a standing invitation is accepted.
func (t tie) Join(x events.Tie, c terms, message sealed.Text) (es.Event, error) {
	switch {
	case t.member:
		return nil, nil
	case c.ended:
		return nil, ended()
	case t.invited:
		return joined(x, events.ViaInvitation, roleMember), nil
	case c.joining == community.JoinOpen:
		return joined(x, events.ViaOpen, roleMember), nil
	case t.requested:
		return nil, nil
	case c.joining == community.JoinRequest:
		return events.MembershipRequested{Tie: x, Message: message}, nil
	}
	return nil, fault.New(fault.Forbidden, "People join this community by invitation. Ask one of its hosts or core members to invite you.")
}

// WithdrawRequest takes the person's own request back.
func (t tie) WithdrawRequest(x events.Tie) (es.Event, error) {
	switch {
	case t.requested:
		return events.MembershipRequestWithdrawn{Tie: x}, nil
	case t.member:
		return nil, fault.New(fault.Conflict, "You have been admitted already. You can leave the community instead.")
	}
	return nil, nil
}

// Admit is a host's yes to an open request.
func (t tie) Admit(x events.Tie, c terms) (es.Event, error) {
	switch {
	case t.member:
		return nil, nil
	case c.ended:
		return nil, ended()
	case !t.requested:
		return nil, noRequest()
	}
	return joined(x, events.ViaAdmission, roleMember), nil
}

// DeclineRequest is a host's no, with a reason for the person.
func (t tie) DeclineRequest(x events.Tie, reason sealed.Text) (es.Event, error) {
	if !t.requested {
		return nil, noRequest()
	}
	return events.MembershipRequestDeclined{Tie: x, Reason: reason}, nil
}

// Invite offers membership.
func (t tie) Invite(x events.Tie, c terms, message sealed.Text) (es.Event, error) {
	switch {
	case t.member:
		return nil, fault.New(fault.Conflict, "This person is a member already.")
	case c.ended:
		return nil, ended()
	case t.requested:
		return nil, fault.New(fault.Conflict, "This person has asked to join. A host can admit them.")
	case t.invited:
		return nil, nil
	}
	return events.MembershipInvited{Tie: x, Message: message}, nil
}

// WithdrawInvitation takes an invitation back.
func (t tie) WithdrawInvitation(x events.Tie) (es.Event, error) {
	switch {
	case t.invited:
		return events.MembershipInvitationWithdrawn{Tie: x}, nil
	case t.member:
		return nil, fault.New(fault.Conflict, "The invitation has been accepted already.")
	}
	return nil, nil
}

// AcceptInvitation makes the person who was invited a member.
func (t tie) AcceptInvitation(x events.Tie, c terms) (es.Event, error) {
	switch {
	case t.member:
		return nil, nil
	case !t.invited:
		return nil, noInvitation()
	case c.ended:
		return nil, ended()
	}
	return joined(x, events.ViaInvitation, roleMember), nil
}

// DeclineInvitation is the no of the person who was invited.
func (t tie) DeclineInvitation(x events.Tie) (es.Event, error) {
	switch {
	case t.invited:
		return events.MembershipInvitationDeclined{Tie: x}, nil
	case t.member:
		return nil, fault.New(fault.Conflict, "You have accepted the invitation. You can leave the community instead.")
	}
	return nil, nil
}

// Abandon withdraws the request or invitation of a person who was erased.
func (t tie) Abandon(x events.Tie) (es.Event, error) {
	switch {
	case t.requested:
		return events.MembershipRequestWithdrawn{Tie: x}, nil
	case t.invited:
		return events.MembershipInvitationWithdrawn{Tie: x}, nil
	}
	return nil, nil
}

// Found makes the founder of a new community its first host.
func (t tie) Found(x events.Tie) (es.Event, error) {
	if t.ever {
		return nil, nil
	}
	return joined(x, events.ViaFounding, roleHost), nil
}

// Leave ends the membership, whatever the role. Who hosts next is not a
// condition: leaving takes one click.
func (t tie) Leave(x events.Tie) (es.Event, error) {
	if !t.member {
		return nil, nil
	}
	return events.MembershipLeft{Tie: x}, nil
}

// Remove ends the membership of another, with a reason that they can read.
func (t tie) Remove(x events.Tie, reason sealed.Text) (es.Event, error) {
	if !t.member {
		return nil, notMember()
	}
	return events.MembershipRemoved{Tie: x, Reason: reason}, nil
}

// ChangeRole gives a member another role.
func (t tie) ChangeRole(x events.Tie, c terms, role string) (es.Event, error) {
	switch {
	case c.ended:
		return nil, settled()
	case rank(role) < 0:
		return nil, fault.InvalidField("role", "must be one of sponsor, host, core, member, peripheral, guest")
	case !t.member:
		return nil, notMember()
	case t.role == role:
		return nil, nil
	}
	return events.MembershipRoleChanged{Tie: x, Role: role}, nil
}

// LayDown hands the person's own role back: they stay a member. Who hosts next is
// not a condition, as for leaving.
func (t tie) LayDown(x events.Tie, c terms) (es.Event, error) {
	switch {
	case c.ended:
		return nil, settled()
	case !t.member:
		return nil, fault.New(fault.Forbidden, "Only members have a role in a community. Join it first.")
	case !slices.Contains([]string{roleHost, roleSponsor, roleCore}, t.role):
		return nil, nil
	}
	return events.MembershipRoleChanged{Tie: x, Role: roleMember}, nil
}

// TakeOver makes a member host of a community without one: a core member, or
// any member if the community has no core.
func (t tie) TakeOver(x events.Tie, c terms, hosts, core int) (es.Event, error) {
	switch {
	case c.ended:
		return nil, settled()
	case !t.member:
		return nil, fault.New(fault.Forbidden, "Only members can take over a community. Join it first.")
	case t.role == roleHost:
		return nil, nil
	case hosts > 0:
		return nil, fault.New(fault.Conflict, "This community has a host. Only a community without one can be taken over.")
	case core > 0 && t.role != roleCore:
		return nil, fault.New(fault.Forbidden, "The core members of this community are asked first. Talk to one of them.")
	}
	return events.MembershipRoleChanged{Tie: x, Role: roleHost}, nil
}

// status is the state in one word of the API.
func (t tie) status() string {
	switch {
	case t.member:
		return statusMember
	case t.requested:
		return statusRequested
	case t.invited:
		return statusInvited
	default:
		return statusPast
	}
}

// rank orders roles as lists of members show them, -1 for what is no role.
func rank(role string) int {
	return slices.Index([]string{roleHost, roleSponsor, roleCore, roleMember, rolePeripheral, roleGuest}, role)
}

func joined(x events.Tie, via string, role string) es.Event {
	return events.MembershipJoined{Tie: x, Via: via, Role: role}
}

func ended() error {
	return fault.New(fault.Conflict, "This community is closed: nobody can join it any more. You can found a new one.")
}

func settled() error {
	return fault.New(fault.Conflict, "This community is closed: its roles do not change any more. You can found a new one.")
}

func noRequest() error {
	return fault.New(fault.Conflict, "This person has no open request to join; it may have been withdrawn. You can invite them instead.")
}

func noInvitation() error {
	return fault.New(fault.Conflict, "There is no standing invitation for you; it may have been withdrawn. Ask one of the hosts or core members to invite you again.")
}

func notMember() error {
	return fault.New(fault.NotFound, "This person is not a member of the community.")
}
