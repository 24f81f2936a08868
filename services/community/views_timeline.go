package community

import (
	"slices"
	"strings"
	"time"

	events "kith/api/events/community"
	"kith/api/events/matching"
	"kith/pkg/es"
)

// moment is one thing that happened to a request, without texts.
type moment struct {
	Seq      uint64    `json:"seq"`
	What     string    `json:"what"`
	Who      string    `json:"who,omitempty"` // person id
	Response string    `json:"response,omitempty"`
	Step     string    `json:"step,omitempty"` // of what is widened: who was asked
	At       time.Time `json:"at"`
}

const whatOffered = "offered"

// foldTimeline adds what r is in the timeline. Who said "not me" is not in it:
// that is between them and the router.
func foldTimeline(timeline []moment, r es.Recorded) []moment {
	what, who, response := happened(r)
	if what == "" {
		return timeline
	}
	return append(slices.Clip(timeline), moment{Seq: r.Seq, What: what, Who: who, Response: response, Step: widenedTo(r), At: r.Occurred()})
}

// happened says what an event is in a timeline; what is "" for those that are
// not in one.
func happened(r es.Recorded) (what, who, response string) {
	who = r.Meta.Actor
	if strings.HasPrefix(who, "reactor:") {
		who = ""
	}
	switch e := r.Data.(type) {
	case events.RequestRaised:
		return "raised", who, ""
	case events.RequestCorrected:
		return "corrected", who, ""
	case events.RequestRetracted:
		return stateRetracted, who, ""
	case events.RequestResponded:
		return "responded", e.Author, e.Response
	case events.ResponseCorrected:
		return "response_corrected", who, e.Response
	case events.ResponseRetracted:
		return "response_retracted", who, e.Response
	case events.ResponseAccepted:
		return "accepted", who, e.Response
	case events.Thanked:
		return "thanked", e.From, e.Response
	case events.RequestResolved:
		return stateResolved, who, ""
	case events.RequestUnresolved:
		return stateUnresolved, who, ""
	case events.RequestWithdrawn:
		return stateWithdrawn, who, ""
	case events.RequestReopened:
		return "reopened", who, ""
	case matching.HelpersProposed:
		switch {
		case widenedTo(r) != "":
			return "widened", "", ""
		case len(e.Helpers) > 0:
			return "routed", "", ""
		}
	case matching.RoutingWidened:
		return "widened", "", ""
	case matching.RoutingEnded:
		return "unanswered", "", ""
	case matching.HelpOffered:
		return whatOffered, e.Helper, ""
	}
	return "", "", ""
}

// widenedTo is the step by which r widened the routing, "" if it did not.
func widenedTo(r es.Recorded) string {
	switch e := r.Data.(type) {
	case matching.HelpersProposed:
		if e.Step != matching.StepCommunity {
			return e.Step
		}
	case matching.RoutingWidened:
		return e.Step
	}
	return ""
}
