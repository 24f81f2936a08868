package community

import (
	"slices"
	"time"

	events "kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// requestDoc is a line in lists of requests. Retracted requests have none.
type requestDoc struct {
	ID        string         `json:"id"`
	Community string         `json:"community"`
	Kind      string         `json:"kind"`
	Asker     string         `json:"asker"`
	Title     sealed.Text    `json:"title,omitzero"`
	Tags      []string       `json:"tags,omitempty"`
	Language  string         `json:"language"`
	State     string         `json:"state"`
	Routed    bool           `json:"routed,omitempty"`
	Responses []responseLine `json:"responses,omitempty"` // that are not retracted, in the order of the log
	Created   time.Time      `json:"created"`
	Imported  bool           `json:"imported,omitempty"`
}

// responseLine is what a list knows of a response.
type responseLine struct {
	ID     string    `json:"id"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// newest is the latest of some responses; of those at the same time the last.
func newest(all []responseLine) (latest responseLine, ok bool) {
	for _, r := range all {
		if !ok || !r.At.Before(latest.At) {
			latest, ok = r, true
		}
	}
	return latest, ok
}

// requestsView has a document for each request. Indexes, all newest first: of
// all, by state, by community, by both, and by asker.
func requestsView() view.Spec[requestDoc] {
	return view.Spec[requestDoc]{
		Name: "community-requests", Version: 2,
		Indexes: []view.Index{
			{Name: "newest", Fields: []string{"-created"}},
			{Name: "state", Fields: []string{"state", "-created"}},
			{Name: "community", Fields: []string{"community", "-created"}},
			{Name: "community_state", Fields: []string{"community", "state", "-created"}},
			{Name: "asker", Fields: []string{"asker", "-created"}},
		},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case events.RequestRaised, events.RequestCorrected, events.RequestRetracted, events.RequestResponded,
				events.ResponseRetracted, events.ResponseAccepted, events.RequestResolved, events.RequestUnresolved,
				events.RequestWithdrawn, events.RequestReopened, matching.HelpersProposed:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldRequestDoc,
	}
}

func foldRequestDoc(key string, d *requestDoc, r es.Recorded) bool {
	switch e := r.Data.(type) {
	case events.RequestRaised:
		*d = requestDoc{ID: key, Community: e.Community, Kind: e.Kind, Asker: e.Asker, Title: e.Title,
			Tags: e.Tags, Language: e.Language, Created: r.Occurred(), Imported: r.Meta.Imported}
	case events.RequestCorrected:
		d.Title, d.Tags = e.Title, e.Tags
	case events.RequestResponded:
		d.Responses = append(slices.Clip(d.Responses), responseLine{e.Response, e.Author, r.Occurred()})
	case events.ResponseRetracted:
		d.Responses = slices.DeleteFunc(slices.Clone(d.Responses), func(a responseLine) bool { return a.ID == e.Response })
	case matching.HelpersProposed:
		d.Routed = d.Routed || len(e.Helpers) > 0
	}
	d.State = stateAfter(d.State, r.Data)
	return d.ID != "" && d.State != stateRetracted
}

// conversationDoc is a request with all that was said and happened.
type conversationDoc struct {
	request
	ID        string      `json:"id"`
	Title     sealed.Text `json:"title,omitzero"`
	Body      sealed.Text `json:"body,omitzero"`
	Tried     sealed.Text `json:"tried,omitzero"`
	Purpose   sealed.Text `json:"purpose,omitzero"`
	Situation sealed.Text `json:"situation,omitzero"`
	Reason    sealed.Text `json:"reason,omitzero"` // of the state
	Tags      []string    `json:"tags,omitempty"`
	Language  string      `json:"language"`
	Beyond    bool        `json:"beyond"`
	Routed    bool        `json:"routed,omitempty"`
	Imported  bool        `json:"imported,omitempty"`
	Created   time.Time   `json:"created"`
	Corrected time.Time   `json:"corrected,omitzero"`
	Words     []words     `json:"words,omitempty"` // of the responses, in their order
	Timeline  []moment    `json:"timeline,omitempty"`
}

// words are what a response says, and the thanks for it.
type words struct {
	Body      sealed.Text `json:"body,omitzero"`
	Created   time.Time   `json:"created"`
	Corrected time.Time   `json:"corrected,omitzero"`
	Thanks    sealed.Text `json:"thanks,omitzero"`
	ThankedAt time.Time   `json:"thanked_at,omitzero"`
}

// conversationsView has a document for each request. It is read by key only.
func conversationsView() view.Spec[conversationDoc] {
	return view.Spec[conversationDoc]{
		Name: "community-conversations", Version: 3,
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case matching.HelpersProposed, matching.HelpOffered, matching.RoutingWidened, matching.RoutingEnded:
				return []string{r.Stream.ID}
			}
			if ofRequest(r) {
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldConversationDoc,
	}
}

func ofRequest(r es.Recorded) bool {
	return r.Stream.Context == events.Context && r.Stream.Aggregate == events.Request
}

func foldConversationDoc(key string, d *conversationDoc, r es.Recorded) bool {
	if ofRequest(r) {
		foldRequest(&d.request, r)
	}
	d.Timeline = foldTimeline(d.Timeline, r)
	switch e := r.Data.(type) {
	case events.RequestRaised:
		d.ID, d.Created, d.Imported = key, r.Occurred(), r.Meta.Imported
		d.Title, d.Body, d.Tried, d.Purpose, d.Situation = e.Title, e.Body, e.Tried, e.Purpose, e.Situation
		d.Tags, d.Language, d.Beyond = e.Tags, e.Language, e.Beyond
	case events.RequestCorrected:
		d.Title, d.Body, d.Tried, d.Purpose, d.Situation = e.Title, e.Body, e.Tried, e.Purpose, e.Situation
		d.Tags, d.Corrected = e.Tags, r.Occurred()
	case events.RequestRetracted:
		d.forget()
	case events.RequestUnresolved:
		d.Reason = e.Reason
	case events.RequestWithdrawn:
		d.Reason = e.Reason
	case events.RequestReopened:
		d.Reason = e.Reason
	case events.RequestResolved:
		d.Reason = sealed.Text{}
	case matching.HelpersProposed:
		d.Routed = d.Routed || len(e.Helpers) > 0
	default:
		d.foldWords(r)
	}
	return d.ID != ""
}

func (d *conversationDoc) foldWords(r es.Recorded) {
	switch e := r.Data.(type) {
	case events.RequestResponded:
		d.Words = append(slices.Clip(d.Words), words{Body: e.Body, Created: r.Occurred()})
	case events.ResponseCorrected:
		d.reword(e.Response, func(w *words) { w.Body, w.Corrected = e.Body, r.Occurred() })
	case events.ResponseRetracted:
		d.reword(e.Response, func(w *words) { w.Body, w.Thanks = sealed.Text{}, sealed.Text{} })
	case events.ResponseAccepted:
		if e.Resolves {
			d.Reason = sealed.Text{}
		}
	case events.Thanked:
		d.reword(e.Response, func(w *words) { w.Thanks, w.ThankedAt = e.Note, r.Occurred() })
	}
}

func (d *conversationDoc) reword(response string, f func(*words)) {
	d.Words = slices.Clone(d.Words)
	if i := d.index(response); i >= 0 && i < len(d.Words) {
		f(&d.Words[i])
	}
}

// forget drops all that the asker wrote. What others wrote is theirs.
func (d *conversationDoc) forget() {
	var none sealed.Text
	d.Title, d.Body, d.Tried, d.Purpose, d.Situation, d.Reason, d.Tags = none, none, none, none, none, none, nil
	d.Words = slices.Clone(d.Words)
	for i := range d.Words {
		d.Words[i].Thanks = none
	}
}

// shownState is the state in the words of the API.
func shownState(state string, routed bool, live int) string {
	switch {
	case state != stateOpen:
		return state
	case live > 0:
		return "responded"
	case routed:
		return "routed"
	}
	return stateOpen
}
