package membership

import (
	"slices"
	"time"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// tieDoc is what is and was between one person and one community.
type tieDoc struct {
	ID        string      `json:"id"`
	Community string      `json:"community"`
	Person    string      `json:"person"`
	Status    string      `json:"status"` // member, requested, invited, past
	Rank      int         `json:"rank"`   // of the role, in the order of lists
	Role      string      `json:"role,omitempty"`
	Via       string      `json:"via,omitempty"`
	Since     time.Time   `json:"since"`             // of the status
	Message   sealed.Text `json:"message,omitzero"`  // of the request or invitation that stands
	By        string      `json:"by,omitempty"`      // who invited
	Declined  refusal     `json:"declined,omitzero"` // the last request's
	Past      []period    `json:"past,omitempty"`    // memberships that ended, oldest first
}

// refusal is a host's no to a request.
type refusal struct {
	Reason sealed.Text `json:"reason,omitzero"`
	By     string      `json:"by"`
	At     time.Time   `json:"at"`
}

// period is a membership that ended.
type period struct {
	Role   string      `json:"role"`
	Since  time.Time   `json:"since"`
	Until  time.Time   `json:"until"`
	End    string      `json:"end"` // left, removed
	By     string      `json:"by,omitempty"`
	Reason sealed.Text `json:"reason,omitzero"`
}

// Ways in which a membership ends.
const (
	endLeft    = "left"
	endRemoved = "removed"
)

// tiesView holds one document for each community and person that have to do
// with each other. Index community lists members, requests or invitations of a
// community; index person a person's memberships; index invited their invitations.
func tiesView() view.Spec[tieDoc] {
	return view.Spec[tieDoc]{
		Name: "membership-ties", Version: 1,
		Indexes: []view.Index{
			{Name: "community", Fields: []string{"community", "status", "rank", "since"}},
			{Name: "person", Fields: []string{"person", "-since"}},
			{Name: "invited", Fields: []string{"person", "status", "since"}},
		},
		Keys: keyOf(events.Membership),
		Fold: foldTieDoc,
	}
}

func foldTieDoc(key string, d *tieDoc, r es.Recorded) bool {
	d.ID = key
	at := r.Occurred()
	switch e := r.Data.(type) {
	case events.MembershipRequested:
		d.set(e.Tie, statusRequested, at)
		d.Message, d.Declined = e.Message, refusal{}
	case events.MembershipRequestWithdrawn:
		d.set(e.Tie, statusPast, at)
	case events.MembershipRequestDeclined:
		d.set(e.Tie, statusPast, at)
		d.Declined = refusal{Reason: e.Reason, By: r.Meta.Actor, At: at}
	case events.MembershipInvited:
		d.set(e.Tie, statusInvited, at)
		d.Message, d.By = e.Message, r.Meta.Actor
	case events.MembershipInvitationWithdrawn:
		d.set(e.Tie, statusPast, at)
	case events.MembershipInvitationDeclined:
		d.set(e.Tie, statusPast, at)
	case events.MembershipJoined:
		d.set(e.Tie, statusMember, at)
		d.Via, d.Role, d.Rank, d.Declined = e.Via, e.Role, rank(e.Role), refusal{}
	case events.MembershipRoleChanged:
		d.Role, d.Rank = e.Role, rank(e.Role)
	case events.MembershipLeft:
		d.end(period{Until: at, End: endLeft})
		d.set(e.Tie, statusPast, at)
	case events.MembershipRemoved:
		d.end(period{Until: at, End: endRemoved, By: r.Meta.Actor, Reason: e.Reason})
		d.set(e.Tie, statusPast, at)
	}
	return d.Community != ""
}

// set begins a status; what belonged to the one before goes.
func (d *tieDoc) set(x events.Tie, status string, at time.Time) {
	d.Community, d.Person, d.Status, d.Since = x.Community, x.Person, status, at
	d.Message, d.By, d.Via, d.Role, d.Rank = sealed.Text{}, "", "", "", 0
}

func (d *tieDoc) end(p period) {
	p.Role, p.Since = d.Role, d.Since
	d.Past = append(slices.Clone(d.Past), p)
}
