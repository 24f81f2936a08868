package matching

import (
	"slices"
	"time"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// meetingsView has the wishes of each person who has any, by their id. Indexes
// community and anywhere list who is willing to be a buddy, introduced who wants
// to be introduced.
func meetingsView() view.Spec[meeting] {
	return view.Spec[meeting]{
		Name: "matching-meetings", Version: 1,
		Indexes: []view.Index{
			{Name: "community", Fields: []string{"communities"}},
			{Name: "anywhere", Fields: []string{"anywhere"}},
			{Name: "introduced", Fields: []string{"introduced"}},
		},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case events.MeetingPreferencesChanged, membership.PersonErased:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(_ string, w *meeting, r es.Recorded) bool {
			if _, erased := r.Data.(membership.PersonErased); erased {
				return false
			}
			foldMeeting(w, r)
			return true
		},
	}
}

// linesDoc is what people may see of a profile when they meet: topics as they are
// sealed, one a line, and who may read them.
type linesDoc struct {
	CanHelp      sealed.Text `json:"can_help,omitzero"`
	WantToLearn  sealed.Text `json:"want_to_learn,omitzero"`
	HelpFor      string      `json:"help_for,omitempty"`  // visibility of CanHelp
	LearnFor     string      `json:"learn_for,omitempty"` // and of WantToLearn
	Languages    []string    `json:"languages,omitempty"` // if everybody may know
	Availability string      `json:"availability"`
	AvailableFor string      `json:"available_for,omitempty"` // visibility of Availability
}

// linesView has a document for each person with a profile, by their id. It has no
// index.
func linesView() view.Spec[linesDoc] {
	return view.Spec[linesDoc]{
		Name: "matching-lines", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case membership.ProfileChanged, membership.PersonErased:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(_ string, d *linesDoc, r es.Recorded) bool { return foldLines(d, r) },
	}
}

func foldLines(d *linesDoc, r es.Recorded) bool {
	e, ok := r.Data.(membership.ProfileChanged)
	if !ok {
		return false
	}
	*d = linesDoc{
		CanHelp: e.CanHelp, WantToLearn: e.WantToLearn, Availability: e.Availability,
		HelpFor: e.Visibility["can_help"], LearnFor: e.Visibility["want_to_learn"], AvailableFor: e.Visibility["availability"],
	}
	// What nobody may see cannot be a reason.
	if d.HelpFor == membership.VisibleNobody {
		d.CanHelp = sealed.Text{}
	}
	if d.LearnFor == membership.VisibleNobody {
		d.WantToLearn = sealed.Text{}
	}
	if v := e.Visibility["languages"]; v == "" || v == membership.VisibleOrganisation {
		d.Languages = e.Languages
	}
	return true
}

// buddyDoc is a newcomer's search for a buddy.
type buddyDoc struct {
	ID        string                  `json:"id"`
	Community string                  `json:"community"`
	Newcomer  string                  `json:"newcomer"`
	State     string                  `json:"state"`
	At        time.Time               `json:"at"` // of the suggestion
	Suggested []events.SuggestedBuddy `json:"suggested,omitempty"`
	Declined  []string                `json:"declined,omitempty"`
	Buddy     string                  `json:"buddy,omitempty"`  // while chosen or agreed
	People    []string                `json:"people,omitempty"` // whom it concerns: newcomer and buddy, unless it has ended
}

// buddiesView has a document for each newcomer to whom buddies were suggested, by
// the id of the membership. Index people lists those that concern somebody, the
// newest first, index buddy those in which somebody was chosen.
func buddiesView() view.Spec[buddyDoc] {
	return view.Spec[buddyDoc]{
		Name: "matching-buddies", Version: 1,
		Indexes: []view.Index{{Name: "people", Fields: []string{"people", "-at"}}, {Name: "buddy", Fields: []string{"buddy"}}},
		Keys: func(r es.Recorded) []string {
			_, week := r.Data.(events.FirstWeekPassed)
			if week || r.Stream.Context != events.Context || r.Stream.Aggregate != events.Buddy {
				return nil
			}
			return []string{r.Stream.ID}
		},
		Fold: func(key string, d *buddyDoc, r es.Recorded) bool {
			b := buddy{State: d.State, Declined: d.Declined, Buddy: d.Buddy}
			foldBuddy(&b, r)
			if e, ok := r.Data.(events.BuddiesSuggested); ok {
				*d = buddyDoc{ID: key, Community: e.Community, Newcomer: e.Newcomer, At: r.Time, Suggested: e.Buddies}
			}
			d.State, d.Declined, d.Buddy, d.People = b.State, b.Declined, b.Buddy, nil
			switch {
			case d.Buddy != "":
				d.People = []string{d.Newcomer, d.Buddy}
			case d.State == buddySuggested:
				d.People = []string{d.Newcomer}
			}
			return true
		},
	}
}

// keptIntroductions is how many introductions a person is shown.
const keptIntroductions = 12

// introductionsDoc are the latest introductions of a person, the newest first.
type introductionsDoc struct {
	Items []introductionLine `json:"items"`
}

// introductionLine is an introduction as one of the two sees it.
type introductionLine struct {
	ID      string              `json:"id"`
	Other   string              `json:"other"`
	At      time.Time           `json:"at"`
	Reasons []events.MeetReason `json:"reasons,omitempty"`
	Answer  string              `json:"answer,omitempty"` // the person's own
}

// introductionsView has a document for each person who was introduced, by their
// id. It has no index.
func introductionsView() view.Spec[introductionsDoc] {
	return view.Spec[introductionsDoc]{
		Name: "matching-introductions", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch e := r.Data.(type) {
			case events.IntroductionMade:
				return e.People
			case events.IntroductionAnswered:
				return []string{e.Person}
			case membership.PersonErased:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldIntroductions,
	}
}

func foldIntroductions(key string, d *introductionsDoc, r es.Recorded) bool {
	switch e := r.Data.(type) {
	case events.IntroductionMade:
		other := e.People[0]
		if other == key {
			other = e.People[1]
		}
		line := introductionLine{ID: e.Introduction, Other: other, At: r.Time, Reasons: e.Reasons}
		d.Items = append([]introductionLine{line}, d.Items[:min(len(d.Items), keptIntroductions-1)]...)
	case events.IntroductionAnswered:
		d.Items = slices.Clone(d.Items)
		if i := d.find(r.Stream.ID); i >= 0 {
			d.Items[i].Answer = e.Answer
		}
		return len(d.Items) > 0
	default:
		return false
	}
	return true
}

func (d introductionsDoc) find(id string) int {
	return slices.IndexFunc(d.Items, func(l introductionLine) bool { return l.ID == id })
}

// roundDoc is a round of introductions.
type roundDoc struct {
	ID       string `json:"id"`
	Period   string `json:"period"`
	Started  uint64 `json:"started"` // position of its first event
	Finished bool   `json:"finished"`
}

// roundsView has a document for each round, by its id. Index finished lists those
// that are under way, or are not.
func roundsView() view.Spec[roundDoc] {
	return view.Spec[roundDoc]{
		Name: "matching-rounds", Version: 1,
		Indexes: []view.Index{{Name: "finished", Fields: []string{"finished", "started"}}},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case events.RoundStarted, events.RoundFinished:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *roundDoc, r es.Recorded) bool {
			if e, ok := r.Data.(events.RoundStarted); ok {
				*d = roundDoc{ID: key, Period: e.Period, Started: r.Seq}
			} else {
				d.Finished = true
			}
			return true
		},
	}
}
