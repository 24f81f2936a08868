package matching

import "kith/api/sealed"

// Aggregates of meeting people: buddies for newcomers, and introductions.
const (
	Meeting      = "meeting"      // a person's wishes about meeting people; the stream id is the person's
	Buddy        = "buddy"        // a newcomer of a community and their buddy; the stream id is the membership's
	Round        = "round"        // a round of introductions; the stream id is made of its period
	Introduction = "introduction" // what two people say of having been introduced; the stream id is in IntroductionMade
)

// Intervals in which somebody wants to be introduced.
const (
	IntroduceWeekly      = "weekly"
	IntroduceFortnightly = "fortnightly"
	IntroduceMonthly     = "monthly" // every four weeks
)

// MeetingPreferencesChanged replaces a person's wishes about meeting people.
type MeetingPreferencesChanged struct {
	BuddyAnywhere    bool     `json:"buddy_anywhere"`              // willing to be a buddy in every community of theirs
	BuddyCommunities []string `json:"buddy_communities,omitempty"` // and in these
	BuddyCap         int      `json:"buddy_cap"`                   // newcomers at a time, 1 to 10
	Introductions    string   `json:"introductions,omitempty"`     // an interval; empty: none are wanted
	Paused           bool     `json:"paused"`                      // no introductions for now
}

// Codes of reasons to meet. The reader's client turns them into words.
const (
	MeetOtherUnit = "other_unit"   // they work in different units
	MeetSameSite  = "same_site"    // they work at the same site
	MeetLanguage  = "language"     // Language: that both speak
	MeetHelps     = "helps"        // Topic: of Person, who can help with it; Other: what the other wants to learn
	MeetLearn     = "both_learn"   // Topic and Other: what both want to learn
	MeetKnow      = "both_know"    // Topic and Other: what both can help with
	MeetAvailable = "is_available" // Person says so
)

// MeetReason is why two people should meet.
type MeetReason struct {
	Code     string      `json:"code"`
	Person   string      `json:"person,omitempty"` // one of the two: whose Topic is
	Language string      `json:"language,omitempty"`
	Topic    sealed.Text `json:"topic,omitzero"` // a line of Person's profile
	Other    sealed.Text `json:"other,omitzero"` // a line of the profile of the other one
}

// Welcome names the two ends of a newcomer's membership in each event of a buddy.
type Welcome struct {
	Community string `json:"community"`
	Newcomer  string `json:"newcomer"`
}

// BuddiesSuggested offers a newcomer of a community people who are willing to be
// their buddy. It is a decision of a moment and cannot be derived again.
type BuddiesSuggested struct {
	Welcome
	Buddies []SuggestedBuddy `json:"buddies"` // one to three, best first
	Policy  string           `json:"policy"`
}

// SuggestedBuddy is one of them.
type SuggestedBuddy struct {
	Person  string       `json:"person"`
	Reasons []MeetReason `json:"reasons"`
}

// BuddyChosen is the newcomer's choice. The buddy has yet to agree.
type BuddyChosen struct {
	Welcome
	Buddy string `json:"buddy"`
}

// BuddiesWaived is the newcomer's "no, thanks".
type BuddiesWaived struct{ Welcome }

// BuddyAgreed is the chosen buddy's yes.
type BuddyAgreed struct {
	Welcome
	Buddy string `json:"buddy"`
}

// BuddyDeclined is the chosen buddy's no. The newcomer can choose another.
type BuddyDeclined struct {
	Welcome
	Buddy string `json:"buddy"`
}

// BuddyEnded ends it, agreed or not: by one of the two, or by a reactor when the
// newcomer has left the community.
type BuddyEnded struct {
	Welcome
	Buddy string `json:"buddy,omitempty"` // empty: nobody had been chosen
}

// FirstWeekPassed says that a newcomer joined a community a week ago, and is a
// member still: the time to look at what has happened in it.
type FirstWeekPassed struct{ Welcome }

// RoundStarted begins a round. Its pairs follow from the log up to here and from
// nothing else, so that they can be found again after a crash.
type RoundStarted struct {
	Period string `json:"period"` // ISO week: 2026-W10
	Week   int    `json:"week"`   // weeks since Monday, 5 January 1970
	Apart  int    `json:"apart"`  // rounds before this one whose pairs are not made again
	Seed   string `json:"seed"`   // decides between what is equally good
	Policy string `json:"policy"`
}

// IntroductionMade introduces two people of different units to each other.
type IntroductionMade struct {
	Introduction string       `json:"introduction"` // ID(round, people)
	People       []string     `json:"people"`       // two, in the order of ids
	Reasons      []MeetReason `json:"reasons"`
}

// RoundFinished ends a round: all its pairs are made.
type RoundFinished struct {
	Pairs   int `json:"pairs"`
	LeftOut int `json:"left_out"` // people for whom there was nobody; they come first next time
}

// Answers to an introduction.
const (
	IntroductionMet    = "met"
	IntroductionNotNow = "not_this_time" // the two are not introduced to each other again
)

// IntroductionAnswered is what one of the two says; the latest counts.
type IntroductionAnswered struct {
	Person string `json:"person"`
	Other  string `json:"other"`
	Answer string `json:"answer"` // met, not_this_time
}

func (MeetingPreferencesChanged) EventType() string { return "meeting.preferences_changed" }
func (BuddiesSuggested) EventType() string          { return "buddy.suggested" }
func (BuddyChosen) EventType() string               { return "buddy.chosen" }
func (BuddiesWaived) EventType() string             { return "buddy.waived" }
func (BuddyAgreed) EventType() string               { return "buddy.agreed" }
func (BuddyDeclined) EventType() string             { return "buddy.declined" }
func (BuddyEnded) EventType() string                { return "buddy.ended" }
func (FirstWeekPassed) EventType() string           { return "buddy.first_week_passed" }
func (RoundStarted) EventType() string              { return "round.started" }
func (IntroductionMade) EventType() string          { return "introduction.made" }
func (RoundFinished) EventType() string             { return "round.finished" }
func (IntroductionAnswered) EventType() string      { return "introduction.answered" }
