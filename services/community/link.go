package community

import (
	"slices"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// States of a link.
const (
	linkProposed  = "proposed"
	linkAgreed    = "agreed"
	linkDeclined  = "declined"
	linkWithdrawn = "withdrawn"
	linkEnded     = "ended"
)

// link is a relationship of two communities. Whether both still exist is not
// its own to know: who gives a command judges that before.
type link struct {
	State string // "": nobody has proposed it
	Ends  events.Ends
}

// linkID is one for a kind and a pair, whoever proposes, so that two proposals
// at once are one.
func linkID(kind, one, other string) string {
	pair := []string{one, other}
	slices.Sort(pair)
	return es.ID("link", kind, pair[0], pair[1])
}

func foldLink(l *link, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.LinkProposed:
		l.State, l.Ends = linkProposed, e.Ends
	case events.LinkAgreed:
		l.State, l.Ends = linkAgreed, e.Ends
	case events.LinkDeclined:
		l.State = linkDeclined
	case events.LinkWithdrawn:
		l.State = linkWithdrawn
	case events.LinkEnded:
		l.State = linkEnded
	}
}

// Propose asks the other side. If the other side has proposed the same already,
// both want it and it is agreed; proposing it again changes nothing. Returns
// Invalid for communities or an origin that cannot be, and Conflict if it is
// agreed already or the other side says that it is the origin.
func (l link) Propose(e events.Ends, reason sealed.Text) (es.Event, error) {
	switch {
	case e.Proposer == e.Other:
		return nil, fault.InvalidField("other", "is this community; name the one that it is to be linked with")
	case e.Kind == events.Spawned && e.Origin != e.Proposer && e.Origin != e.Other:
		return nil, fault.InvalidField("origin", "say which of the two communities the other has grown out of")
	case e.Kind != events.Spawned && e.Origin != "":
		return nil, fault.InvalidField("origin", "belongs to links of the kind spawned; leave it out")
	case reason.IsZero():
		return nil, noReason("so that the other hosts can decide")
	}
	if l.State != linkProposed && l.State != linkAgreed {
		return events.LinkProposed{Ends: e, Reason: reason}, nil
	}
	switch {
	case l.Ends.Origin != e.Origin:
		return nil, fault.New(fault.Conflict, "There is such a link or proposal with the origin the other way round. End or decline that one first.")
	case l.State == linkAgreed:
		return nil, fault.New(fault.Conflict, "These communities have agreed on such a link already.")
	case l.Ends.Proposer == e.Proposer:
		return nil, nil
	}
	return events.LinkAgreed{Ends: l.Ends, Reason: reason}, nil
}

// Agree is the other side's yes. Saying it again changes nothing. sides are
// those that the person hosts, here and below. Returns Forbidden for the side
// that proposed, and Conflict if nothing is proposed.
func (l link) Agree(sides []string, reason sealed.Text) (es.Event, error) {
	switch {
	case l.State == linkAgreed:
		return nil, nil
	case l.State != linkProposed:
		return nil, l.gone()
	case !slices.Contains(sides, l.Ends.Other):
		return nil, fault.New(fault.Forbidden, "Only a host of the community that was asked may agree.")
	}
	return events.LinkAgreed{Ends: l.Ends, Reason: reason}, nil
}

// Decline is the other side's no, with a reason for those who proposed.
func (l link) Decline(sides []string, reason sealed.Text) (es.Event, error) {
	switch {
	case l.State == linkDeclined:
		return nil, nil
	case l.State != linkProposed:
		return nil, l.gone()
	case !slices.Contains(sides, l.Ends.Other):
		return nil, fault.New(fault.Forbidden, "Only a host of the community that was asked may decline. You can withdraw the proposal.")
	case reason.IsZero():
		return nil, noReason("so that those who proposed can understand it")
	}
	return events.LinkDeclined{Ends: l.Ends, Reason: reason}, nil
}

// Withdraw takes a proposal back, by the side that made it.
func (l link) Withdraw(sides []string, reason sealed.Text) (es.Event, error) {
	switch {
	case l.State == linkWithdrawn:
		return nil, nil
	case l.State != linkProposed:
		return nil, l.gone()
	case !slices.Contains(sides, l.Ends.Proposer):
		return nil, fault.New(fault.Forbidden, "Only a host of the community that proposed may withdraw. You can decline.")
	}
	return events.LinkWithdrawn{Ends: l.Ends, Reason: reason}, nil
}

// End ends an agreed link, by either side, with a reason for the other.
func (l link) End(sides []string, reason sealed.Text) (es.Event, error) {
	switch {
	case l.State == linkEnded:
		return nil, nil
	case l.State != linkAgreed:
		return nil, l.gone()
	case len(sides) == 0:
		return nil, fault.New(fault.Forbidden, "Only a host of one of the two communities may end their link.")
	case reason.IsZero():
		return nil, noReason("so that the other side can understand it")
	}
	return events.LinkEnded{Ends: l.Ends, Side: sides[0], Reason: reason}, nil
}

// gone says what the link is instead of what the command needs.
func (l link) gone() error {
	switch l.State {
	case "":
		return noLink()
	case linkProposed:
		return fault.New(fault.Conflict, "This link is only proposed. Its proposal can be withdrawn or declined.")
	case linkAgreed:
		return fault.New(fault.Conflict, "This link is agreed. It can be ended.")
	default:
		return fault.New(fault.Conflict, "This link is %s. You can propose it anew.", l.State)
	}
}

// noLink is also the answer for a link that the caller may not see.
func noLink() error {
	return fault.New(fault.NotFound, "There is no link with this id, or none that you may see.")
}

func noReason(purpose string) error {
	return fault.InvalidField("reason", "say why, "+purpose)
}
