// Package membership holds the events of the membership service: who works
// here, where, and who belongs to which community.
package membership

import (
	"time"

	"kith/api/sealed"
)

// Context is the second part of the subject of every event in this package.
const Context = "membership"

// Aggregates of the context, the third part of the subject.
const (
	Unit        = "unit"
	Person      = "person"
	Reservation = "reservation"
	Membership  = "membership"
	Role        = "role"
	Token       = "token"
)

// UnitCreated adds a node to the organisation tree. The stream id is the unit's.
type UnitCreated struct {
	Parent string `json:"parent,omitempty"` // unit id; empty for an organisation
	Code   string `json:"code"`             // the id the organisation's own files use
	Name   string `json:"name"`
	Kind   string `json:"kind"` // organisation, department, team, site
}

// UnitChanged replaces name, kind and parent of a unit.
type UnitChanged struct {
	Parent string      `json:"parent,omitempty"`
	Name   string      `json:"name"`
	Kind   string      `json:"kind"`
	Reason sealed.Text `json:"reason,omitzero"` // of an administrator
}

// UnitClosed takes a unit out of use; past affiliations keep naming it.
type UnitClosed struct {
	Reason sealed.Text `json:"reason,omitzero"`
}

// ReservationMade ties an external key (login, staff number) to one person.
// The stream id is an HMAC of the key under the deployment's secret.
type ReservationMade struct {
	Person string `json:"person"`
	Kind   string `json:"kind"` // login, staff-number
}

// ReservationReleased frees an external key: after erasure the same login
// becomes a new person.
type ReservationReleased struct {
	Person string `json:"person"`
}

// PersonRegistered brings a person into the organisation. The stream id is the person's.
type PersonRegistered struct {
	Name        sealed.Text `json:"name"`
	Email       sealed.Text `json:"email,omitzero"`
	StaffNumber sealed.Text `json:"staff_number,omitzero"`
	Unit        string      `json:"unit,omitempty"` // unit id
	Site        string      `json:"site,omitempty"`
	Language    string      `json:"language"` // BCP 47: de, en, da
}

// PersonChanged replaces the person's data of record.
type PersonChanged struct {
	Name     sealed.Text `json:"name"`
	Email    sealed.Text `json:"email,omitzero"`
	Language string      `json:"language"`
}

// PersonLanguageChosen is the person's own choice of the language that Kith
// speaks and writes to them in. It holds whatever the organisation's files say.
type PersonLanguageChosen struct {
	Language string `json:"language"` // BCP 47
}

// PersonMoved ends the affiliation so far and begins another.
type PersonMoved struct {
	Unit   string      `json:"unit"`
	Site   string      `json:"site,omitempty"`
	Reason sealed.Text `json:"reason,omitzero"` // of an administrator
}

// PersonDeactivated blocks the person: tokens, sessions and live streams end.
type PersonDeactivated struct {
	Reason sealed.Text `json:"reason,omitzero"` // of an administrator
}

// PersonReactivated undoes a deactivation.
type PersonReactivated struct {
	Reason sealed.Text `json:"reason,omitzero"` // of an administrator
}

// PersonErased is the order to destroy the person's keys; Texts says whether
// what they wrote goes too.
type PersonErased struct {
	Texts bool `json:"texts"`
}

// Visibility of a profile field.
const (
	VisibleOrganisation = "organisation"
	VisibleCommunities  = "communities" // people who share a community
	VisibleNobody       = "nobody"
)

// ProfileChanged replaces the person's profile. Topics are one per line.
type ProfileChanged struct {
	CanHelp      sealed.Text       `json:"can_help,omitzero"`
	WantToLearn  sealed.Text       `json:"want_to_learn,omitzero"`
	About        sealed.Text       `json:"about,omitzero"`
	Languages    []string          `json:"languages,omitempty"`
	Availability string            `json:"availability"`         // available, limited, away
	Visibility   map[string]string `json:"visibility,omitempty"` // field → organisation, communities, nobody; absent: organisation
}

// Ways in which a membership begins, each the person's own act.
const (
	ViaOpen       = "open"
	ViaAdmission  = "admission"
	ViaInvitation = "invitation"
	ViaFounding   = "founding"
)

// Tie names the two ends of a membership in each of its events. The stream id
// is ID(community, person).
type Tie struct {
	Community string `json:"community"`
	Person    string `json:"person"`
}

// MembershipRequested asks the hosts for admission.
type MembershipRequested struct {
	Tie
	Message sealed.Text `json:"message,omitzero"`
}

// MembershipRequestWithdrawn takes the person's own request back. A reactor does
// so for a person who was erased, with the reason code person_erased.
type MembershipRequestWithdrawn struct{ Tie }

// MembershipRequestDeclined is a host's no to a request, with a reason the person reads.
type MembershipRequestDeclined struct {
	Tie
	Reason sealed.Text `json:"reason"`
}

// MembershipInvited offers membership; only the person's acceptance creates it.
type MembershipInvited struct {
	Tie
	Message sealed.Text `json:"message,omitzero"`
}

// MembershipInvitationWithdrawn takes an invitation back. A reactor does so
// where the person was erased, with the reason code person_erased.
type MembershipInvitationWithdrawn struct{ Tie }

// MembershipInvitationDeclined is the person's no to an invitation.
type MembershipInvitationDeclined struct{ Tie }

// MembershipJoined makes the person a member.
type MembershipJoined struct {
	Tie
	Via  string `json:"via"`
	Role string `json:"role"`
}

// MembershipLeft ends a membership by the person's own act.
type MembershipLeft struct{ Tie }

// MembershipRemoved ends a membership by a host, with a reason the person reads.
type MembershipRemoved struct {
	Tie
	Reason sealed.Text `json:"reason"`
}

// MembershipRoleChanged gives a member another role in the community.
type MembershipRoleChanged struct {
	Tie
	Role string `json:"role"`
}

// RoleGranted gives a person a role in the organisation. The stream id is the person's.
type RoleGranted struct {
	Role   string      `json:"role"` // coordinator, connector, ombudsperson, auditor, administrator
	Reason sealed.Text `json:"reason,omitzero"`
}

// RoleRevoked takes it away.
type RoleRevoked struct {
	Role   string      `json:"role"`
	Reason sealed.Text `json:"reason,omitzero"`
}

// TokenIssued creates an API token that acts for its person.
type TokenIssued struct {
	Person  string      `json:"person"`
	Name    sealed.Text `json:"name"`
	Hash    string      `json:"hash"` // SHA-256 of the secret, hex
	Expires time.Time   `json:"expires"`
}

// TokenRevoked ends an API token.
type TokenRevoked struct {
	Person string `json:"person"`
}

func (UnitCreated) EventType() string                   { return "unit.created" }
func (UnitChanged) EventType() string                   { return "unit.changed" }
func (UnitClosed) EventType() string                    { return "unit.closed" }
func (ReservationMade) EventType() string               { return "reservation.made" }
func (ReservationReleased) EventType() string           { return "reservation.released" }
func (PersonRegistered) EventType() string              { return "person.registered" }
func (PersonChanged) EventType() string                 { return "person.changed" }
func (PersonLanguageChosen) EventType() string          { return "person.language_chosen" }
func (PersonMoved) EventType() string                   { return "person.moved" }
func (PersonDeactivated) EventType() string             { return "person.deactivated" }
func (PersonReactivated) EventType() string             { return "person.reactivated" }
func (PersonErased) EventType() string                  { return "person.erased" }
func (ProfileChanged) EventType() string                { return "person.profile_changed" }
func (MembershipRequested) EventType() string           { return "membership.requested" }
func (MembershipRequestWithdrawn) EventType() string    { return "membership.request_withdrawn" }
func (MembershipRequestDeclined) EventType() string     { return "membership.request_declined" }
func (MembershipInvited) EventType() string             { return "membership.invited" }
func (MembershipInvitationWithdrawn) EventType() string { return "membership.invitation_withdrawn" }
func (MembershipInvitationDeclined) EventType() string  { return "membership.invitation_declined" }
func (MembershipJoined) EventType() string              { return "membership.joined" }
func (MembershipLeft) EventType() string                { return "membership.left" }
func (MembershipRemoved) EventType() string             { return "membership.removed" }
func (MembershipRoleChanged) EventType() string         { return "membership.role_changed" }
func (RoleGranted) EventType() string                   { return "role.granted" }
func (RoleRevoked) EventType() string                   { return "role.revoked" }
func (TokenIssued) EventType() string                   { return "token.issued" }
func (TokenRevoked) EventType() string                  { return "token.revoked" }

// SchemaVersion 2 says why.
func (PersonMoved) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads where the person went.
func (PersonMoved) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (RoleGranted) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads which role it is.
func (RoleGranted) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (RoleRevoked) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads which role it is.
func (RoleRevoked) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (UnitChanged) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads what the unit is.
func (UnitChanged) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (UnitClosed) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads that it is closed.
func (UnitClosed) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (PersonDeactivated) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads that they are blocked.
func (PersonDeactivated) ReadableSince() int { return 1 }

// SchemaVersion 2 says why.
func (PersonReactivated) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no reasons reads that they are back.
func (PersonReactivated) ReadableSince() int { return 1 }
