// Package audit holds the events of the audit service: signed checkpoints of
// the log, what auditors looked at, and people's consent to have their own data
// put together.
package audit

import (
	"time"

	"kith/api/sealed"
)

// Context is the second part of the subject of every event in this package.
const Context = "audit"

// Aggregates of the context, the third part of the subject.
const (
	Checkpoint = "checkpoint" // one stream: "log"
	Read       = "read"       // one stream per auditor; the id is the person's
	Consent    = "consent"    // the stream id is the person's
)

// What a consent is for, and to what.
const (
	OwnCopy    = "own_copy"   // the person takes a copy along
	Everything = "everything" // all that the log has about the person
)

// CheckpointSigned announces a signed tree head of the Merkle log.
type CheckpointSigned struct {
	Size uint64 `json:"size"` // events covered, from position 1
	Root string `json:"root"` // base64
	Note string `json:"note"` // the signed note
}

// LogRead records what an auditor looked at.
type LogRead struct {
	What      string      `json:"what"`                // log, event, export, verify, proof, checkpoints
	Filter    string      `json:"filter"`              // what was selected, as a query: positions, times, codes and ids alone
	Seq       uint64      `json:"seq,omitempty"`       // position of the event; of the first one, where a list goes on
	Community string      `json:"community,omitempty"` // closed community whose content was opened
	Reason    sealed.Text `json:"reason,omitzero"`     // stated by the auditor; required with Community
}

// ConsentGiven is a person's own yes to what Kith has about them being opened
// and put together for them. The actor is the person: nobody gives it for another.
type ConsentGiven struct {
	Person  string    `json:"person"`
	Purpose string    `json:"purpose"` // own_copy
	Scope   string    `json:"scope"`   // everything
	Until   time.Time `json:"until"`   // from then on nothing is handed out
}

func (CheckpointSigned) EventType() string { return "checkpoint.signed" }
func (LogRead) EventType() string          { return "log.read" }
func (ConsentGiven) EventType() string     { return "consent.given" }
