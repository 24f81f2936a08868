package matching

import (
	"slices"
	"time"

	events "kith/api/events/matching"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// States of a request as they are shown with a similar one.
const (
	stateOpen       = "open"
	stateResolved   = "resolved"
	stateUnresolved = "unresolved"
	stateWithdrawn  = "withdrawn"
)

// proposalDoc is what was proposed for one request and what came of it.
type proposalDoc struct {
	Request   string       `json:"request"`
	Community string       `json:"community,omitempty"`
	Kind      string       `json:"kind,omitempty"`
	Round     int          `json:"round"` // 0: only unasked offers so far
	At        time.Time    `json:"at"`    // of the latest round
	Helpers   []helperLine `json:"helpers,omitempty"`
	Waiting   []string     `json:"waiting,omitempty"` // proposed people who have not answered
}

// helperLine is one helper of a request.
type helperLine struct {
	Person  string          `json:"person"`
	Round   int             `json:"round"` // in which they were proposed last; 0: never
	Reasons []events.Reason `json:"reasons,omitempty"`
	// Evidence is sealed: the helper's own figures.
	Evidence sealed.Text `json:"evidence,omitzero"`
	Answer   string      `json:"answer,omitempty"` // can_help, not_me
}

// proposalsView has a document for each request that was routed or offered
// help for, by its id. Its index lists those that wait for a person, the
// newest first. Whether a request is still open is access's to say.
func proposalsView() view.Spec[proposalDoc] {
	return view.Spec[proposalDoc]{
		Name: "matching-proposals", Version: 2,
		Indexes: []view.Index{{Name: "waiting", Fields: []string{"waiting", "-at"}}},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case events.HelpersProposed, events.HelpOffered, events.HelpDeclined:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldProposalDoc,
	}
}

// foldProposalDoc makes new slices: readers may be looking at the old ones.
func foldProposalDoc(key string, d *proposalDoc, r es.Recorded) bool {
	d.Request = key
	switch e := r.Data.(type) {
	case events.HelpersProposed:
		d.Community, d.Kind, d.Round, d.At = e.Community, e.Kind, e.Round, r.Time
		before := d.Helpers
		d.Helpers = make([]helperLine, 0, len(e.Helpers)+len(before))
		for _, h := range e.Helpers {
			line := helperLine{Person: h.Person, Round: e.Round, Reasons: h.Reasons, Evidence: h.Evidence}
			// An offer of before the request was reopened is asked for again.
			if i := lineOf(before, h.Person); i >= 0 && before[i].Answer == notMe {
				line.Answer = notMe
			}
			d.Helpers = append(d.Helpers, line)
		}
		for _, h := range before {
			if lineOf(d.Helpers, h.Person) < 0 {
				d.Helpers = append(d.Helpers, h)
			}
		}
	case events.HelpOffered:
		d.answer(e.Helper, canHelp)
	case events.HelpDeclined:
		d.answer(e.Helper, notMe)
	}
	d.Waiting = nil
	for _, h := range d.Helpers {
		if h.Answer == "" {
			d.Waiting = append(d.Waiting, h.Person)
		}
	}
	return true
}

func (d *proposalDoc) answer(person, answer string) {
	d.Helpers = slices.Clone(d.Helpers)
	i := lineOf(d.Helpers, person)
	if i < 0 {
		i = len(d.Helpers)
		d.Helpers = append(d.Helpers, helperLine{Person: person})
	}
	d.Helpers[i].Answer = answer
}

func lineOf(lines []helperLine, person string) int {
	return slices.IndexFunc(lines, func(h helperLine) bool { return h.Person == person })
}

// preferencesView has a document for each person who has chosen something, by
// their id. It has no index.
func preferencesView() view.Spec[helper] {
	return view.Spec[helper]{
		Name: "matching-preferences", Version: 1,
		Keys: func(r es.Recorded) []string {
			if _, ok := r.Data.(events.HelperPreferencesChanged); ok {
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(_ string, h *helper, r es.Recorded) bool { foldHelper(h, r); return true },
	}
}
