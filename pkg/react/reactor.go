// Package react turns events into side effects: mail, webhooks, and the
// commands that one event causes elsewhere.
//
// A Reactor is a durable consumer of the log. It sees each event at least
// once, so its effect must be idempotent: a command with an id derived by
// Command, a mail with a stable Message-ID. What cannot be handled becomes a
// dead letter that says why, and the rest goes on. Imported history is passed
// over, and rebuilding views calls no reactor.
package react

import (
	"context"
	"fmt"
	"strings"

	"kith/pkg/es"
)

// From says where a reactor begins that has left no trace in the log yet.
type From int

// There is no default: whether the past concerns a reactor must be decided.
const (
	Now   From = iota + 1 // with what comes after its first start
	Start                 // with the first event of the log
)

// Reactor handles events of some subjects. Its name is the name of its durable
// consumer and part of every command id it derives: it MUST never change.
type Reactor struct {
	Name     string   // [a-z0-9_-], at most 32 bytes, unique in the deployment
	Subjects []string // "evt.community.community.*"; they MUST NOT overlap
	From     From
	// InFlight is how many events are handled at once, and how many may wait
	// for another try; 0: one. With one, events are handled in order, and an
	// event that fails holds up those behind it until it is settled.
	InFlight int
	// Handle brings about the effect of r. nil settles the event; an error is
	// judged as Permanent describes. ctx ends when the process stops or the
	// runner's limit is reached; Handle MUST return then.
	Handle func(ctx context.Context, r es.Recorded) error
}

const maxName = 32

// actorPrefix marks what a reactor did.
const actorPrefix = "reactor:"

// Command is the meta data of a command that reactor gives because of r. Its
// id depends on the reactor, the event and op alone, so that handling r again
// is the same command. A reactor that gives several commands for one event
// tells them apart by op ("remind", person id), which MUST NOT depend on
// anything that can change between two tries.
func Command(r es.Recorded, reactor string, op ...string) es.Meta {
	return es.Meta{
		Command:     es.ID(append([]string{"react", reactor, r.ID}, op...)...),
		Cause:       r.ID,
		CauseSeq:    r.Seq,
		Correlation: r.Meta.Correlation,
		Actor:       actorPrefix + reactor,
		Traceparent: r.Meta.Traceparent,
	}
}

func (r Reactor) valid() error {
	switch {
	case !validName(r.Name):
		return fmt.Errorf("react: %q is no name of a reactor", r.Name)
	case len(r.Subjects) == 0:
		return fmt.Errorf("react: %s listens to nothing", r.Name)
	case r.From != Now && r.From != Start:
		return fmt.Errorf("react: %s does not say where it begins", r.Name)
	case r.InFlight < 0:
		return fmt.Errorf("react: %s has a negative bound", r.Name)
	case r.Handle == nil:
		return fmt.Errorf("react: %s has no handler", r.Name)
	}
	for _, s := range r.Subjects {
		if !strings.HasPrefix(s, "evt.") {
			return fmt.Errorf("react: %s listens to %q, which is no subject of events", r.Name, s)
		}
	}
	return nil
}

func (r Reactor) inFlight() int { return max(r.InFlight, 1) }

func validName(name string) bool {
	return name != "" && len(name) <= maxName && !strings.ContainsFunc(name, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-')
	})
}
