package membership

import (
	"cmp"
	"slices"
	"time"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// personDoc is a person. Of somebody erased only the id stays.
type personDoc struct {
	ID           string        `json:"id"`
	Name         sealed.Text   `json:"name,omitzero"`
	Email        sealed.Text   `json:"email,omitzero"`
	StaffNumber  sealed.Text   `json:"staff_number,omitzero"`
	Language     string        `json:"language,omitempty"` // as the organisation says
	Chosen       string        `json:"chosen,omitempty"`   // language as they say themself
	Active       bool          `json:"active"`
	Erased       bool          `json:"erased,omitempty"`
	Erasure      string        `json:"erasure,omitempty"`      // id of the event that ordered it
	TextsErased  bool          `json:"texts_erased,omitempty"` // what they wrote went too
	Affiliations []affiliation `json:"affiliations,omitempty"` // the last is the present one
	Profile      profileDoc    `json:"profile,omitzero"`
	Version      uint64        `json:"version"` // of the profile
}

// affiliation is where a person worked from one time to another.
type affiliation struct {
	Unit  string    `json:"unit,omitempty"`
	Site  string    `json:"site,omitempty"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
}

type profileDoc struct {
	CanHelp      sealed.Text       `json:"can_help,omitzero"`
	WantToLearn  sealed.Text       `json:"want_to_learn,omitzero"`
	About        sealed.Text       `json:"about,omitzero"`
	Languages    []string          `json:"languages,omitempty"`
	Availability string            `json:"availability,omitempty"`
	Visibility   map[string]string `json:"visibility,omitempty"`
}

// present is where the person works now.
func (d personDoc) present() affiliation {
	if n := len(d.Affiliations); n > 0 {
		return d.Affiliations[n-1]
	}
	return affiliation{}
}

// speaks is the language of the person.
func (d personDoc) speaks() string { return cmp.Or(d.Chosen, d.Language) }

// peopleView holds every person by id. Index id pages through all of them.
func peopleView() view.Spec[personDoc] {
	return view.Spec[personDoc]{
		Name: "membership-people", Version: 2,
		Indexes: []view.Index{{Name: "id", Fields: []string{"id"}}},
		Keys:    keyOf(events.Person),
		Fold:    foldPersonDoc,
	}
}

func foldPersonDoc(key string, d *personDoc, r es.Recorded) bool {
	switch e := r.Data.(type) {
	case events.PersonRegistered:
		*d = personDoc{
			ID: key, Name: e.Name, Email: e.Email, StaffNumber: e.StaffNumber, Language: e.Language, Active: true,
			Affiliations: []affiliation{{Unit: e.Unit, Site: e.Site, From: r.Occurred()}}, Version: r.Seq,
		}
	case events.PersonChanged:
		d.Name, d.Email, d.Language = e.Name, e.Email, e.Language
	case events.PersonLanguageChosen:
		d.Chosen = e.Language
	case events.PersonMoved:
		d.Affiliations = slices.Clone(d.Affiliations)
		if n := len(d.Affiliations); n > 0 {
			d.Affiliations[n-1].Until = r.Occurred()
		}
		d.Affiliations = append(d.Affiliations, affiliation{Unit: e.Unit, Site: e.Site, From: r.Occurred()})
	case events.PersonDeactivated:
		d.Active = false
	case events.PersonReactivated:
		d.Active = true
	case events.PersonErased:
		*d = personDoc{ID: key, Erased: true, Erasure: r.ID, TextsErased: e.Texts}
	case events.ProfileChanged:
		d.Profile = profileDoc{
			CanHelp: e.CanHelp, WantToLearn: e.WantToLearn, About: e.About,
			Languages: e.Languages, Availability: e.Availability, Visibility: e.Visibility,
		}
		d.Version = r.Seq
	}
	return d.ID != ""
}

// tokenDoc is an API token that has not been revoked.
type tokenDoc struct {
	ID      string      `json:"id"`
	Person  string      `json:"person"`
	Name    sealed.Text `json:"name,omitzero"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
}

// tokensView holds tokens by id. Index person lists a person's, newest first.
func tokensView() view.Spec[tokenDoc] {
	return view.Spec[tokenDoc]{
		Name: "membership-tokens", Version: 1,
		Indexes: []view.Index{{Name: "person", Fields: []string{"person", "-created"}}},
		Keys:    keyOf(events.Token),
		Fold: func(key string, d *tokenDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.TokenIssued)
			if ok {
				*d = tokenDoc{ID: key, Person: e.Person, Name: e.Name, Created: r.Time, Expires: e.Expires}
			}
			return ok
		},
	}
}

// reservationDoc is an external key in use.
type reservationDoc struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	Kind   string `json:"kind"`
}

// reservationsView holds reservations by id. Index person lists a person's;
// index kind all of one kind.
func reservationsView() view.Spec[reservationDoc] {
	return view.Spec[reservationDoc]{
		Name: "membership-reservations", Version: 1,
		Indexes: []view.Index{{Name: "person", Fields: []string{"person"}}, {Name: "kind", Fields: []string{"kind"}}},
		Keys:    keyOf(events.Reservation),
		Fold: func(key string, d *reservationDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.ReservationMade)
			if ok {
				*d = reservationDoc{ID: key, Person: e.Person, Kind: e.Kind}
			}
			return ok
		},
	}
}

// keyOf makes the id of an aggregate of one kind the key of its document.
func keyOf(aggregate string) func(es.Recorded) []string {
	return func(r es.Recorded) []string {
		if _, bad := r.Data.(es.Unreadable); bad || r.Stream.Context != events.Context || r.Stream.Aggregate != aggregate {
			return nil
		}
		return []string{r.Stream.ID}
	}
}
