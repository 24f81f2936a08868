package community

import (
	"strconv"
	"strings"
	"time"

	events "kith/api/events/community"
	"kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/view"
)

// timelineDoc is one thing that happened to a request, without texts.
type timelineDoc struct {
	Request  string    `json:"request"`
	Seq      uint64    `json:"seq"`
	What     string    `json:"what"`
	Who      string    `json:"who,omitempty"` // person id
	Response string    `json:"response,omitempty"`
	At       time.Time `json:"at"`
}

const whatOffered = "offered"

// timelineView has a document for each event of a request. Index: by request,
// oldest first. Who said "not me" has none: it is between them and the router.
func timelineView() view.Spec[timelineDoc] {
	return view.Spec[timelineDoc]{
		Name: "community-timeline", Version: 1,
		Indexes: []view.Index{{Name: "request", Fields: []string{"request", "seq"}}},
		Keys: func(r es.Recorded) []string {
			if what, _, _ := happened(r); what == "" {
				return nil
			}
			return []string{r.Stream.ID + "." + strconv.FormatUint(r.Seq, 10)}
		},
		Fold: func(_ string, d *timelineDoc, r es.Recorded) bool {
			what, who, response := happened(r)
			*d = timelineDoc{Request: r.Stream.ID, Seq: r.Seq, What: what, Who: who, Response: response, At: r.Occurred()}
			return true
		},
	}
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
		if len(e.Helpers) > 0 {
			return "routed", "", ""
		}
	case matching.HelpOffered:
		return whatOffered, e.Helper, ""
	}
	return "", "", ""
}
