// Package community holds the events of the community service: communities,
// their charters, and help requests with their responses.
package community

import "kith/api/sealed"

// Context is the second part of the subject of every event in this package.
const Context = "community"

// Aggregates of the context, the third part of the subject.
const (
	Community = "community"
	Charter   = "charter" // the stream id is the community's
	Request   = "request"
	Link      = "link" // the stream id is that of its kind and its two communities
)

// Who sees a community's content.
const (
	Open   = "open"   // everybody in the organisation
	Closed = "closed" // its members, and those to whom a request is routed
)

// Ways of joining.
const (
	JoinOpen       = "open"
	JoinRequest    = "request"
	JoinInvitation = "invitation"
)

// States of a community.
const (
	Draft   = "draft"
	Forming = "forming"
	Active  = "active"
	Dormant = "dormant"
	Ended   = "closed"
)

// Kinds of help request.
const (
	Problem     = "problem"     // brainstorm on what somebody is stuck on
	Information = "information" // where to find something
	Experience  = "experience"  // whether somebody has been in this situation
)

// Settings of a community. They are the organisation's text, not a person's.
type Settings struct {
	Name       string   `json:"name"`
	Purpose    string   `json:"purpose"` // one sentence
	Kind       string   `json:"kind"`    // community, network
	Visibility string   `json:"visibility"`
	Joining    string   `json:"joining"`
	Language   string   `json:"language"`
	Topics     []string `json:"topics,omitempty"`
}

// CommunityFounded begins a community; the actor is its first host. Shown are
// the similar communities that the founder saw and went on from.
type CommunityFounded struct {
	Settings
	Founder string   `json:"founder,omitempty"` // person id; empty when imported
	Shown   []string `json:"shown,omitempty"`   // community ids
}

// CommunitySettingsChanged replaces the settings.
type CommunitySettingsChanged struct{ Settings }

// CommunityStateChanged moves the community through its life cycle.
type CommunityStateChanged struct {
	From   string      `json:"from"`
	To     string      `json:"to"`
	Reason sealed.Text `json:"reason"`
}

// SuccessionOpened says that no host is left: core members are asked to take
// over, a coordinator is told.
type SuccessionOpened struct {
	Last  string   `json:"last"`  // person id of the last host
	Cause string   `json:"cause"` // left, removed, deactivated, erased, role_changed
	Asked []string `json:"asked,omitempty"`
}

// SuccessionSettled says that there is a host again.
type SuccessionSettled struct {
	Host string `json:"host"`
}

// CharterRevised is a new version of the charter.
type CharterRevised struct {
	Version      int           `json:"version"` // from 1
	Purpose      string        `json:"purpose"`
	Vision       string        `json:"vision,omitempty"`
	Objectives   []string      `json:"objectives,omitempty"`
	Norms        []string      `json:"norms,omitempty"`
	Stakeholders []Stakeholder `json:"stakeholders,omitempty"`
	Note         sealed.Text   `json:"note,omitzero"` // what changed and why, by its author
}

// Stakeholder is a line of the stakeholder map.
type Stakeholder struct {
	Name     string `json:"name"`
	Interest string `json:"interest"`
}

// RequestRaised puts a question to people beyond one's own network.
type RequestRaised struct {
	Community string      `json:"community,omitempty"` // empty: everybody
	Asker     string      `json:"asker"`               // person id
	Kind      string      `json:"kind"`
	Title     sealed.Text `json:"title"`
	Body      sealed.Text `json:"body,omitzero"`
	Tried     sealed.Text `json:"tried,omitzero"`     // problem: what was tried already
	Purpose   sealed.Text `json:"purpose,omitzero"`   // information: what it is needed for
	Situation sealed.Text `json:"situation,omitzero"` // experience: the situation
	Tags      []string    `json:"tags,omitempty"`
	Language  string      `json:"language,omitempty"`
	Beyond    bool        `json:"beyond"` // may be routed to people outside a closed community
	Origin    string      `json:"origin,omitempty"`
}

// RequestCorrected replaces the texts of a request; the log keeps what was.
type RequestCorrected struct {
	Title     sealed.Text `json:"title"`
	Body      sealed.Text `json:"body,omitzero"`
	Tried     sealed.Text `json:"tried,omitzero"`
	Purpose   sealed.Text `json:"purpose,omitzero"`
	Situation sealed.Text `json:"situation,omitzero"`
	Tags      []string    `json:"tags,omitempty"`
}

// RequestRetracted takes the texts of a request out of every view and ends it.
type RequestRetracted struct{}

// RequestResponded adds an answer.
type RequestResponded struct {
	Response string      `json:"response"` // id, unique in the request
	Author   string      `json:"author"`
	Body     sealed.Text `json:"body,omitzero"`   // absent in some imported history
	Score    int         `json:"score,omitempty"` // votes, imported history only
}

// ResponseCorrected replaces the text of a response by its author.
type ResponseCorrected struct {
	Response string      `json:"response"`
	Body     sealed.Text `json:"body"`
}

// ResponseRetracted takes a response out of every view by its author.
type ResponseRetracted struct {
	Response string `json:"response"`
}

// ResponseAccepted is the asker's yes to a response. Resolves says that it
// also closes the request, as it does for problem and information.
type ResponseAccepted struct {
	Response string `json:"response"`
	Author   string `json:"author"`
	Resolves bool   `json:"resolves"`
}

// RequestResolved closes a request whose responses were accepted one by one (experience).
type RequestResolved struct{}

// RequestUnresolved closes a request that found no answer.
type RequestUnresolved struct {
	Reason sealed.Text `json:"reason,omitzero"`
}

// RequestWithdrawn closes a request that is no longer needed. Where the asker
// was erased, a reactor withdraws what they had open, with the reason code
// asker_erased.
type RequestWithdrawn struct {
	Reason sealed.Text `json:"reason,omitzero"`
}

// RequestReopened opens a closed request again.
type RequestReopened struct {
	Reason sealed.Text `json:"reason,omitzero"`
}

// Thanked recognises help. Across says that the two worked in different units then.
type Thanked struct {
	Response string      `json:"response"`
	From     string      `json:"from"`
	To       string      `json:"to"`
	FromUnit string      `json:"from_unit,omitempty"`
	ToUnit   string      `json:"to_unit,omitempty"`
	Across   bool        `json:"across"`
	Note     sealed.Text `json:"note,omitzero"`
}

func (CommunityFounded) EventType() string         { return "community.founded" }
func (CommunitySettingsChanged) EventType() string { return "community.settings_changed" }
func (CommunityStateChanged) EventType() string    { return "community.state_changed" }
func (SuccessionOpened) EventType() string         { return "community.succession_opened" }
func (SuccessionSettled) EventType() string        { return "community.succession_settled" }
func (CharterRevised) EventType() string           { return "charter.revised" }
func (RequestRaised) EventType() string            { return "request.raised" }
func (RequestCorrected) EventType() string         { return "request.corrected" }
func (RequestRetracted) EventType() string         { return "request.retracted" }
func (RequestResponded) EventType() string         { return "request.responded" }
func (ResponseCorrected) EventType() string        { return "request.response_corrected" }
func (ResponseRetracted) EventType() string        { return "request.response_retracted" }
func (ResponseAccepted) EventType() string         { return "request.response_accepted" }
func (RequestResolved) EventType() string          { return "request.resolved" }
func (RequestUnresolved) EventType() string        { return "request.unresolved" }
func (RequestWithdrawn) EventType() string         { return "request.withdrawn" }
func (RequestReopened) EventType() string          { return "request.reopened" }
func (Thanked) EventType() string                  { return "request.thanked" }
