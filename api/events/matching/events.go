// Package matching holds the events of the matching service: whom it proposed
// as helpers and what they said.
package matching

import "kith/api/sealed"

// Context is the second part of the subject of every event in this package.
const Context = "matching"

// Aggregates of the context, the third part of the subject.
const (
	Proposal = "proposal" // all that was proposed for one request; the stream id is the request's
	Helper   = "helper"   // a person's preferences as helper; the stream id is the person's
	// Suggestion is what came of one suggestion; see suggestions.go.
	Suggestion = "suggestion"
)

// HelpersProposed records whom the router proposed and why. It is a decision
// of a moment and cannot be derived again.
type HelpersProposed struct {
	Request   string           `json:"request"`
	Community string           `json:"community,omitempty"`
	Asker     string           `json:"asker"`
	Kind      string           `json:"kind"`
	Round     int              `json:"round"` // from 1
	Policy    string           `json:"policy"`
	Helpers   []ProposedHelper `json:"helpers"` // best first; empty: nobody was found
}

// ProposedHelper is one proposed helper.
type ProposedHelper struct {
	Person  string   `json:"person"`
	Score   float64  `json:"score"`
	Reasons []Reason `json:"reasons"`
}

// Reason codes. The reader's client turns them into words.
const (
	ReasonAnsweredSimilar = "answered_similar" // Request: the earlier request
	ReasonTopic           = "topic"            // Topic: of the helper's profile
	ReasonTag             = "tag"              // Tag: of the request
	ReasonCommunity       = "community"        // active in the request's community
	ReasonOtherUnit       = "other_unit"       // Unit: the helper's
)

// Reason is why somebody was proposed, from the features that ranked them.
type Reason struct {
	Code    string      `json:"code"`
	Request string      `json:"request,omitempty"`
	Tag     string      `json:"tag,omitempty"`
	Unit    string      `json:"unit,omitempty"`
	Topic   sealed.Text `json:"topic,omitzero"`
}

// HelpOffered is a helper's "I can help". Proposed is false when nobody had asked them.
type HelpOffered struct {
	Request  string `json:"request"`
	Helper   string `json:"helper"`
	Asker    string `json:"asker"`
	Proposed bool   `json:"proposed"`
}

// HelpDeclined is a helper's "not me".
type HelpDeclined struct {
	Request string `json:"request"`
	Helper  string `json:"helper"`
}

// HelperPreferencesChanged replaces a person's preferences as helper.
type HelperPreferencesChanged struct {
	OptOut bool `json:"opt_out"`
	Cap    int  `json:"cap"` // proposals within seven days, 0 to 50
}

func (HelpersProposed) EventType() string          { return "proposal.proposed" }
func (HelpOffered) EventType() string              { return "proposal.offered" }
func (HelpDeclined) EventType() string             { return "proposal.declined" }
func (HelperPreferencesChanged) EventType() string { return "helper.preferences_changed" }
