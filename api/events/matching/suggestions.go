package matching

import "time"

// SuggestionTaken says that a person joined, or asked to join, a community that
// was among what was suggested to them at that moment. The stream id is
// hash(person, community).
type SuggestionTaken struct {
	Person    string   `json:"person"`
	Community string   `json:"community"`
	Codes     []string `json:"codes"` // of the reasons, see the contract
}

// SuggestionDismissed says that a person does not want a community suggested.
type SuggestionDismissed struct {
	Person    string `json:"person"`
	Community string `json:"community"`
}

// LinkSuggestionTaken says that a host proposed a link to a community that was
// suggested for one. The stream id is hash(community, other).
type LinkSuggestionTaken struct {
	Community string   `json:"community"` // of the host
	Other     string   `json:"other"`
	Codes     []string `json:"codes"`
}

// LinkSuggestionDismissed says that a community does not want another one
// suggested for a link.
type LinkSuggestionDismissed struct {
	Community string `json:"community"`
	Other     string `json:"other"`
}

// SplitSuggestionTaken says that a link to a community that has grown out of
// this one was proposed while a split was suggested. The stream id is
// hash("split", community).
type SplitSuggestionTaken struct {
	Community string   `json:"community"`
	Codes     []string `json:"codes"`
}

// SplitSuggestionDismissed says that a community wants no split suggested for
// some time.
type SplitSuggestionDismissed struct {
	Community string    `json:"community"`
	Until     time.Time `json:"until"`
}

func (SuggestionTaken) EventType() string          { return "suggestion.taken" }
func (SuggestionDismissed) EventType() string      { return "suggestion.dismissed" }
func (LinkSuggestionTaken) EventType() string      { return "suggestion.link_taken" }
func (LinkSuggestionDismissed) EventType() string  { return "suggestion.link_dismissed" }
func (SplitSuggestionTaken) EventType() string     { return "suggestion.split_taken" }
func (SplitSuggestionDismissed) EventType() string { return "suggestion.split_dismissed" }
