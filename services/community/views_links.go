package community

import (
	"time"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// linkDoc is a link of two communities as it stands. That a community is closed
// for good is not in it; see service.linkState.
type linkDoc struct {
	ID          string      `json:"id"`
	Ends        events.Ends `json:"ends"`
	Communities []string    `json:"communities"` // both ends
	State       string      `json:"state"`
	Since       time.Time   `json:"since"`
	Reason      sealed.Text `json:"reason,omitzero"` // of the proposal
	Answer      sealed.Text `json:"answer,omitzero"` // of what came after it
}

// linksView has a document for each kind and pair of communities that was ever
// proposed. Indexes: by state, and by community and state, the newest first.
func linksView() view.Spec[linkDoc] {
	return view.Spec[linkDoc]{
		Name: "community-links", Version: 1,
		Indexes: []view.Index{
			{Name: "state", Fields: []string{"state", "-since"}},
			{Name: "community", Fields: []string{"communities", "state", "-since"}},
		},
		Keys: func(r es.Recorded) []string {
			if r.Stream.Context == events.Context && r.Stream.Aggregate == events.Link {
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldLinkDoc,
	}
}

func foldLinkDoc(key string, d *linkDoc, r es.Recorded) bool {
	set := func(state string, ends events.Ends, answer sealed.Text) {
		d.ID, d.Ends, d.Communities = key, ends, []string{ends.Proposer, ends.Other}
		d.State, d.Since, d.Answer = state, r.Occurred(), answer
	}
	switch e := r.Data.(type) {
	case events.LinkProposed:
		set(linkProposed, e.Ends, sealed.Text{})
		d.Reason = e.Reason
	case events.LinkAgreed:
		set(linkAgreed, e.Ends, e.Reason)
	case events.LinkDeclined:
		set(linkDeclined, e.Ends, e.Reason)
	case events.LinkWithdrawn:
		set(linkWithdrawn, e.Ends, e.Reason)
	case events.LinkEnded:
		set(linkEnded, e.Ends, e.Reason)
	}
	return d.ID != ""
}
