// Package matching holds the events of the matching service: whom it proposed
// as helpers and what they said.
package matching

import (
	"time"

	"kith/api/sealed"
)

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
	// Step of routing that this is, StepCommunity or StepLinked; "" of old:
	// StepCommunity. What is widened says Because of what.
	Step    string `json:"step,omitempty"`
	Because string `json:"because,omitempty"`
	// Due is when the next step follows if nobody answers; zero of old: never.
	Due time.Time `json:"due,omitzero"`
	// Weights of the features as they were learned by then, by name; absent of old.
	Weights map[string]float64 `json:"weights,omitempty"`
}

// Steps of routing, in their order. Of the last but one, hosts are asked where
// there are any, and coordinators where not.
const (
	StepCommunity    = "community"    // the best of those who may be asked at all
	StepLinked       = "linked"       // the best of the rest, in communities linked with the request's
	StepConnectors   = "connectors"   // of the asker's unit
	StepHosts        = "hosts"        // of the request's community
	StepCoordinators = "coordinators" // of the organisation
	StepEnded        = "ended"        // nobody is left
)

// Reasons why routing is widened.
const (
	BecauseUnanswered  = "unanswered"   // nobody has answered in time
	BecauseAllDeclined = "all_declined" // everybody who was proposed has said "not me"
	BecauseNobodyFound = "nobody_found" // and no community has heard of the request
)

// RequestUnanswered records that the time of a step has passed, its Cause, and
// nobody had answered then. The router acts on it.
type RequestUnanswered struct {
	Request string `json:"request"`
	Asker   string `json:"asker"`
	Step    string `json:"step"`
}

// RoutingWidened records who was asked to help to find somebody, and why. They
// are not proposed as helpers, and may see the request like those.
type RoutingWidened struct {
	Request   string    `json:"request"`
	Community string    `json:"community,omitempty"`
	Asker     string    `json:"asker"`
	Step      string    `json:"step"` // StepConnectors, StepHosts or StepCoordinators
	Because   string    `json:"because"`
	Told      []string  `json:"told"` // people
	Due       time.Time `json:"due"`  // when the next step follows if nobody answers
}

// RoutingEnded records that nobody is left to be asked. The request stays open.
type RoutingEnded struct {
	Request   string `json:"request"`
	Community string `json:"community,omitempty"`
	Asker     string `json:"asker"`
	Because   string `json:"because"`
}

// ProposedHelper is one proposed helper.
type ProposedHelper struct {
	Person  string   `json:"person"`
	Score   float64  `json:"score"`
	Reasons []Reason `json:"reasons"`
	// Propensity is the probability with which they were chosen, given the ranking:
	// 1 by rank alone, less where chance had to do with it; 0 of old.
	Propensity float64 `json:"propensity,omitempty"`
	// Evidence are the figures that ranked them, an Evidence in JSON that only their
	// key opens: numbers about people are for those people. Absent of old and in
	// works-council mode.
	Evidence sealed.Text `json:"evidence,omitzero"`
}

// Evidence is what was known of a helper when they were ranked.
type Evidence struct {
	Features map[string]float64 `json:"features"`         // on the scale of weights, without those that are 0
	Load     float64            `json:"load,omitempty"`   // recent and waiting proposals
	Turns    float64            `json:"turns,omitempty"`  // how often it was their turn of late, 1: always
	Like     int                `json:"like,omitempty"`   // similar requests that they answered
	Tagged   int                `json:"tagged,omitempty"` // requests with the tag that they answered lately
	Helped   int                `json:"helped,omitempty"` // requests of the asker that they answered
}

// Reason codes. The reader's client turns them into words.
const (
	ReasonAnsweredSimilar = "answered_similar" // Request: the earlier request
	ReasonTopic           = "topic"            // Topic: of the helper's profile
	ReasonTag             = "tag"              // Tag: of the request
	ReasonCommunity       = "community"        // active in the request's community
	ReasonOtherUnit       = "other_unit"       // Unit: the helper's
	ReasonHelpedAsker     = "helped_asker"     // answered a request of the asker before
	ReasonNewcomer        = "newcomer"         // little known as helper: tried so that they become known
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
func (RequestUnanswered) EventType() string        { return "proposal.unanswered" }
func (RoutingWidened) EventType() string           { return "proposal.widened" }
func (RoutingEnded) EventType() string             { return "proposal.ended" }
func (HelpOffered) EventType() string              { return "proposal.offered" }
func (HelpDeclined) EventType() string             { return "proposal.declined" }
func (HelperPreferencesChanged) EventType() string { return "helper.preferences_changed" }

// SchemaVersion 2 says the step, why, and when the next one is due.
func (HelpersProposed) SchemaVersion() int { return 2 }

// ReadableSince 1: who knows of no steps reads that helpers were proposed.
func (HelpersProposed) ReadableSince() int { return 1 }
