package community

import "kith/api/sealed"

// Kinds of link.
const (
	Spawned       = "spawned"        // one community has grown out of the other
	Sister        = "sister"         // they do the same thing in different places
	Bridge        = "bridge"         // what one learns is of use to the other
	JointActivity = "joint_activity" // they do something together
)

// Ends are the two communities of a link, in each of its events. The stream id
// depends on the kind and the pair alone, not on who proposed.
type Ends struct {
	Proposer string `json:"proposer"`         // community id: whose host proposed it
	Other    string `json:"other"`            // community id: whose hosts are asked
	Kind     string `json:"kind"`             // spawned, sister, bridge, joint_activity
	Origin   string `json:"origin,omitempty"` // spawned: the one of the two that the other has grown out of
}

// LinkProposed asks the hosts of the other community.
type LinkProposed struct {
	Ends
	Reason sealed.Text `json:"reason"`
}

// LinkAgreed makes the link: a host of the other side has said yes.
type LinkAgreed struct {
	Ends
	Reason sealed.Text `json:"reason,omitzero"`
}

// LinkDeclined is the other side's no.
type LinkDeclined struct {
	Ends
	Reason sealed.Text `json:"reason"`
}

// LinkWithdrawn takes a proposal back.
type LinkWithdrawn struct {
	Ends
	Reason sealed.Text `json:"reason,omitzero"`
}

// LinkEnded ends an agreed link by one side. Where a community is closed for
// good its links end without an event: that follows from its state.
type LinkEnded struct {
	Ends
	Side   string      `json:"side"` // community id: whose host ended it
	Reason sealed.Text `json:"reason"`
}

func (LinkProposed) EventType() string  { return "link.proposed" }
func (LinkAgreed) EventType() string    { return "link.agreed" }
func (LinkDeclined) EventType() string  { return "link.declined" }
func (LinkWithdrawn) EventType() string { return "link.withdrawn" }
func (LinkEnded) EventType() string     { return "link.ended" }
