package community

import (
	"cmp"
	"slices"
	"time"

	events "kith/api/events/community"
	"kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/view"
)

// helpDoc is what figures need of a request: who asked, who answered first, and
// who helped. Nothing that comes later takes any of it away (a reopening, a
// retraction, an erasure): the past of a complete month stands still, so that
// nobody learns by an act of their own how many others are behind a figure.
type helpDoc struct {
	ID        string    `json:"id"`
	Community string    `json:"community"`
	Asker     string    `json:"asker"`
	Raised    time.Time `json:"raised,omitzero"`    // zero: imported without a time
	Month     string    `json:"month,omitempty"`    // of Raised
	Answered  bool      `json:"answered,omitempty"` // by somebody other than the asker
	First     *answered `json:"first,omitempty"`    // the earliest answer by somebody else
	Helped    []helped  `json:"helped,omitempty"`
	Months    []string  `json:"months,omitempty"` // of Helped
}

type answered struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// helped is a response of somebody else that the asker accepted or thanked for,
// at the first of the two.
type helped struct {
	Response string    `json:"response"`
	Helper   string    `json:"helper"`
	At       time.Time `json:"at"`
}

// monthForm is how months are written: 2026-03. Months are those of UTC.
const monthForm = "2006-01"

func monthOf(at time.Time) string { return at.UTC().Format(monthForm) }

// dated is when r happened; ok is false for imported history whose time is not
// known, which belongs to no month.
func dated(r es.Recorded) (at time.Time, ok bool) {
	return r.Occurred(), !r.Meta.Imported || !r.Meta.OccurredAt.IsZero()
}

// helpView has a document for each request. Indexes: by month of help, and by
// community and month in which it was raised.
func helpView() view.Spec[helpDoc] {
	return view.Spec[helpDoc]{
		Name: "community-help", Version: 1,
		Indexes: []view.Index{
			{Name: "help", Fields: []string{"months"}},
			{Name: "community", Fields: []string{"community", "month"}},
		},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case events.RequestRaised, events.RequestResponded, events.ResponseAccepted, events.Thanked:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: foldHelpDoc,
	}
}

func foldHelpDoc(key string, d *helpDoc, r es.Recorded) bool {
	at, known := dated(r)
	switch e := r.Data.(type) {
	case events.RequestRaised:
		*d = helpDoc{ID: key, Community: e.Community, Asker: e.Asker}
		if known {
			d.Raised, d.Month = at, monthOf(at)
		}
	case events.RequestResponded:
		if e.Author == d.Asker {
			break
		}
		d.Answered = true
		if known && (d.First == nil || at.Before(d.First.At)) {
			d.First = &answered{By: e.Author, At: at}
		}
	case events.ResponseAccepted:
		if known {
			d.help(helped{e.Response, e.Author, at})
		}
	case events.Thanked:
		if known {
			d.help(helped{e.Response, e.To, at})
		}
	}
	return d.ID != ""
}

func (d *helpDoc) help(h helped) {
	if h.Helper == d.Asker || slices.ContainsFunc(d.Helped, func(o helped) bool { return o.Response == h.Response }) {
		return
	}
	d.Helped = append(slices.Clip(d.Helped), h)
	if m := monthOf(h.At); !slices.Contains(d.Months, m) {
		d.Months = append(slices.Clip(d.Months), m)
	}
}

// affiliationsDoc is where a person has worked, oldest first. It outlives the
// person's erasure: it names units alone, and figures of the past must not
// change because somebody was erased.
type affiliationsDoc struct {
	Person string  `json:"person"`
	Units  []since `json:"units"`
}

type since struct {
	Unit string    `json:"unit,omitempty"`
	From time.Time `json:"from"`
}

// at is the unit at a time; before the first known affiliation it is that one,
// for imported history is older than what Kith knows of people.
func (d affiliationsDoc) at(when time.Time) string {
	unit := ""
	for i, s := range d.Units {
		if i > 0 && s.From.After(when) {
			break
		}
		unit = s.Unit
	}
	return unit
}

// affiliationsView has a document for each person. Index person pages through
// all of them.
func affiliationsView() view.Spec[affiliationsDoc] {
	return view.Spec[affiliationsDoc]{
		Name: "community-affiliations", Version: 1,
		Indexes: []view.Index{{Name: "person", Fields: []string{"person"}}},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case membership.PersonRegistered, membership.PersonMoved:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *affiliationsDoc, r es.Recorded) bool {
			switch e := r.Data.(type) {
			case membership.PersonRegistered:
				*d = affiliationsDoc{Person: key, Units: []since{{e.Unit, r.Occurred()}}}
			case membership.PersonMoved:
				d.Units = append(slices.Clip(d.Units), since{e.Unit, r.Occurred()})
			}
			return d.Person != ""
		},
	}
}

// growthDoc is how the membership of a community changed, month by month.
type growthDoc struct {
	Community string   `json:"community"`
	Months    []change `json:"months,omitempty"` // in the order of time
}

// change is the members who came in a month, less those who went.
type change struct {
	Month string `json:"month"`
	Net   int    `json:"net"`
}

// growthView has a document for each community with members. It is read by key
// only.
func growthView() view.Spec[growthDoc] {
	return view.Spec[growthDoc]{
		Name: "community-growth", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch e := r.Data.(type) {
			case membership.MembershipJoined:
				return []string{e.Community}
			case membership.MembershipLeft:
				return []string{e.Community}
			case membership.MembershipRemoved:
				return []string{e.Community}
			}
			return nil
		},
		Fold: func(key string, d *growthDoc, r es.Recorded) bool {
			d.Community = key
			if _, joined := r.Data.(membership.MembershipJoined); joined {
				d.add(monthOf(r.Occurred()), 1)
			} else {
				d.add(monthOf(r.Occurred()), -1)
			}
			return true
		},
	}
}

func (d *growthDoc) add(month string, n int) {
	d.Months = slices.Clone(d.Months)
	i, ok := slices.BinarySearchFunc(d.Months, month, func(c change, m string) int { return cmp.Compare(c.Month, m) })
	if !ok {
		d.Months = slices.Insert(d.Months, i, change{Month: month})
	}
	d.Months[i].Net += n
}
