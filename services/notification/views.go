package notification

import (
	"slices"
	"sync/atomic"

	"kith/api/events/community"
	"kith/api/events/membership"
	events "kith/api/events/notification"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
)

// itemsView holds a document for each item, about 0.6 KiB in memory with its
// place in the index; none are dropped. Index audience lists those of one
// audience, newest first.
func itemsView(w whereabouts) view.Spec[itemDoc] {
	of := lastOnly(func(r es.Recorded) []itemDoc { return w.place(itemsOf(r)) })
	return view.Spec[itemDoc]{
		Name: "notification-items", Version: 1,
		Indexes: []view.Index{byAudience()},
		Keys: func(r es.Recorded) []string {
			items := of(r)
			keys := make([]string, 0, len(items))
			for _, it := range items {
				keys = append(keys, it.ID)
			}
			return keys
		},
		Fold: func(key string, d *itemDoc, r es.Recorded) bool {
			for _, it := range of(r) {
				if it.ID == key {
					*d = it
					return true
				}
			}
			return false
		},
	}
}

// lastOnly remembers what of gave for the last event: a view asks for the keys
// of an event and then for the document of each, which would make the work
// grow with the square of how many are told.
func lastOnly(of func(es.Recorded) []itemDoc) func(es.Recorded) []itemDoc {
	type answer struct {
		seq   uint64
		id    string
		items []itemDoc
	}
	var last atomic.Pointer[answer] // a view that is built anew asks at the same time
	return func(r es.Recorded) []itemDoc {
		if a := last.Load(); a != nil && r.ID != "" && a.seq == r.Seq && a.id == r.ID {
			return a.items
		}
		a := &answer{r.Seq, r.ID, of(r)}
		last.Store(a)
		return a.items
	}
}

func byAudience() view.Index {
	return view.Index{Name: "audience", Fields: []string{"audience", "-seq"}}
}

// preferencesDoc is what a person has chosen.
type preferencesDoc struct {
	Person  string        `json:"person"`
	Rules   []events.Rule `json:"rules"`
	Version uint64        `json:"version"`
	Mails   bool          `json:"mails"` // a rule asks for mail
}

// preferencesView holds the rules of everybody who has any; key: the person.
// Index mail lists those who ask for mail that others do not get.
func preferencesView() view.Spec[preferencesDoc] {
	return view.Spec[preferencesDoc]{
		Name: "notification-preferences", Version: 1,
		Indexes: []view.Index{{Name: "mail", Fields: []string{"mails", "person"}}},
		Keys:    ofPerson(events.Preferences),
		Fold: func(key string, d *preferencesDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.PreferencesChanged)
			if !ok {
				return keeps(r, d.Person != "")
			}
			d.Person, d.Rules, d.Version = key, e.Rules, r.Seq
			d.Mails = slices.ContainsFunc(e.Rules, func(r events.Rule) bool { return r.Mail })
			return true
		},
	}
}

// marksDoc is what a person has read: everything up to a position, and single
// items above it.
type marksDoc struct {
	UpTo   uint64          `json:"up_to"`
	Single map[uint64]bool `json:"single,omitempty"`
}

func (m marksDoc) read(it itemDoc) bool { return it.Seq <= m.UpTo || m.Single[it.Seq] }

// marksView holds the read marks of everybody who has read anything; key: the
// person. It has no index.
func marksView() view.Spec[marksDoc] {
	return view.Spec[marksDoc]{
		Name: "notification-marks", Version: 1,
		Keys: ofPerson(events.Inbox),
		Fold: func(_ string, d *marksDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.InboxRead)
			if !ok {
				return keeps(r, d.UpTo > 0 || len(d.Single) > 0)
			}
			d.UpTo, d.Single = mark(d.UpTo, d.Single, e)
			return true
		},
	}
}

// tieDoc says since when somebody has belonged to a community or, with
// Community empty, been a coordinator.
type tieDoc struct {
	Person    string `json:"person"`
	Community string `json:"community,omitempty"`
	Since     uint64 `json:"since"` // position in the log
}

// tiesView holds the present ties of people; key: tieKey. It has no index:
// access knows who is tied to what, this view only adds since when.
func tiesView() view.Spec[tieDoc] {
	return view.Spec[tieDoc]{
		Name: "notification-ties", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch e := r.Data.(type) {
			case community.CommunityFounded:
				if e.Founder != "" {
					return []string{tieKey(r.Stream.ID, e.Founder)}
				}
			case membership.MembershipJoined:
				return []string{tieKey(e.Community, e.Person)}
			case membership.MembershipLeft:
				return []string{tieKey(e.Community, e.Person)}
			case membership.MembershipRemoved:
				return []string{tieKey(e.Community, e.Person)}
			case membership.RoleGranted, membership.RoleRevoked, membership.PersonErased:
				return []string{tieKey("", r.Stream.ID)}
			}
			return nil
		},
		Fold: foldTieDoc,
	}
}

func foldTieDoc(_ string, d *tieDoc, r es.Recorded) bool {
	begin := func(community, person string) bool {
		if d.Since == 0 { // founding is followed by a membership that goes on with it
			d.Community, d.Person, d.Since = community, person, r.Seq
		}
		return true
	}
	switch e := r.Data.(type) {
	case community.CommunityFounded:
		return begin(r.Stream.ID, e.Founder)
	case membership.MembershipJoined:
		return begin(e.Community, e.Person)
	case membership.RoleGranted:
		if e.Role == string(access.Coordinator) {
			return begin("", r.Stream.ID)
		}
		return d.Since != 0
	case membership.RoleRevoked:
		return d.Since != 0 && e.Role != string(access.Coordinator)
	default:
		return false
	}
}

func tieKey(community, person string) string { return es.ID(community, person) }

// ofPerson names the document of a person in views whose documents are folded
// from one aggregate of the person's and go with the person.
func ofPerson(aggregate string) func(es.Recorded) []string {
	return func(r es.Recorded) []string {
		_, erased := r.Data.(membership.PersonErased)
		if erased || r.Stream.Context == events.Context && r.Stream.Aggregate == aggregate {
			return []string{r.Stream.ID}
		}
		return nil
	}
}

// keeps reports whether a document that r does not change goes on to exist.
func keeps(r es.Recorded, exists bool) bool {
	_, erased := r.Data.(membership.PersonErased)
	return exists && !erased
}
