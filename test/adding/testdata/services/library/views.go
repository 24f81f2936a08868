package library

import (
	"time"

	events "kith/api/events/library"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// practiceDoc is a practice as it is shown.
type practiceDoc struct {
	ID        string      `json:"id"`
	Community string      `json:"community"`
	Author    string      `json:"author"`
	Title     sealed.Text `json:"title,omitzero"`
	Text      sealed.Text `json:"text,omitzero"`
	Request   string      `json:"request,omitempty"`
	Response  string      `json:"response,omitempty"`
	At        time.Time   `json:"at"`
}

// practicesView has a document for each practice. Index: by community, the
// newest first.
func practicesView() view.Spec[practiceDoc] {
	return view.Spec[practiceDoc]{
		Name: "library-practices", Version: 1,
		Indexes: []view.Index{{Name: "community", Fields: []string{"community", "-at"}}},
		Keys: func(r es.Recorded) []string {
			if _, ok := r.Data.(events.PracticeRecorded); ok {
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *practiceDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.PracticeRecorded)
			if ok {
				*d = practiceDoc{key, e.Community, e.Author, e.Title, e.Text, e.Request, e.Response, r.Occurred()}
			}
			return ok
		},
	}
}
