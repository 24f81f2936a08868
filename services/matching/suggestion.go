package matching

import (
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
)

// suggestion is what came of one suggestion: of a community to a person, of a
// link to a community, or of a split.
type suggestion struct {
	Taken, Dismissed bool
	Until            time.Time // a split: dismissed before then
}

func suggestionID(person, community string) string { return es.ID("suggestion", person, community) }
func linkSuggestionID(community, other string) string {
	return es.ID("link suggestion", community, other)
}
func splitSuggestionID(community string) string { return es.ID("split suggestion", community) }

func foldSuggestion(s *suggestion, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.SuggestionTaken, events.LinkSuggestionTaken, events.SplitSuggestionTaken:
		s.Taken = true
	case events.SuggestionDismissed, events.LinkSuggestionDismissed:
		s.Dismissed = true
	case events.SplitSuggestionDismissed:
		s.Until = e.Until
	}
}

// Take records that it was acted upon, once.
func (s suggestion) Take(e es.Event) (es.Event, error) {
	if s.Taken {
		return nil, nil
	}
	return e, nil
}

// Dismiss records that it is not to come back. Saying it again changes nothing.
func (s suggestion) Dismiss(e es.Event) (es.Event, error) {
	if s.Dismissed {
		return nil, nil
	}
	return e, nil
}

// putOff is for how long a split that was dismissed is not suggested again.
const putOff = 180 * 24 * time.Hour

// DismissSplit puts off a suggested split. While it is put off, saying it again
// changes nothing.
func (s suggestion) DismissSplit(community string, now time.Time) (es.Event, error) {
	if now.Before(s.Until) {
		return nil, nil
	}
	return events.SplitSuggestionDismissed{Community: community, Until: now.Add(putOff).UTC()}, nil
}
