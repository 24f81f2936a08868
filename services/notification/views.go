package notification

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	events "kith/api/events/notification"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
)

// itemDoc is the news in one event, for all whom it concerns. There is one for
// most events of the log, so it is small: an item of it is made when it is read.
type itemDoc struct {
	Seq       uint64   `json:"seq"`
	Time      int64    `json:"time"` // nanoseconds since 1970
	To        []string `json:"to"`   // audiences, of a person the id alone
	Community string   `json:"community,omitempty"`
	Request   string   `json:"request,omitempty"`
	Response  string   `json:"response,omitempty"`
	Link      string   `json:"link,omitempty"`
	Person    string   `json:"person,omitempty"` // whom it is about, if not the reader
	Actor     string   `json:"actor,omitempty"`
	Kind      uint8    `json:"kind"` // place in kinds
}

// itemsView holds a document for each event that concerns anybody: with its
// place in the index 0.4 KiB in memory, and 0.1 KiB more for each audience after
// the first. None are dropped. Index audience lists those of one audience,
// newest first. Key: the position.
func itemsView(w whereabouts) view.Spec[itemDoc] {
	ids := common{ids: map[string]string{}}
	return view.Spec[itemDoc]{
		Name: "notification-items", Version: 3,
		Indexes: []view.Index{byAudience()},
		Keys: func(r es.Recorded) []string {
			// Whether it is news, Fold says: that would be the same work twice.
			if r.Meta.Imported || !newsworthy(r.Stream) {
				return nil
			}
			return []string{strconv.FormatUint(r.Seq, 10)}
		},
		Fold: func(_ string, d *itemDoc, r es.Recorded) (keep bool) {
			if *d, keep = w.news(r); keep {
				ids.share(d)
			}
			return keep
		},
	}
}

// newsworthy reports whether there is news among the events of an aggregate.
func newsworthy(s es.Stream) bool {
	switch s.Context {
	case community.Context:
		return s.Aggregate == community.Request || s.Aggregate == community.Community || s.Aggregate == community.Charter ||
			s.Aggregate == community.Link
	case matching.Context:
		return s.Aggregate == matching.Proposal || s.Aggregate == matching.Buddy || s.Aggregate == matching.Round
	case membership.Context:
		return s.Aggregate == membership.Membership
	}
	return false
}

// common holds one copy of each id that stands in many documents. What came
// with the event was allocated for it alone, and may be part of something much
// larger.
type common struct {
	mu  sync.Mutex // a view that is built anew folds at the same time
	ids map[string]string
}

func (c *common) share(d *itemDoc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range d.To {
		d.To[i] = c.one(d.To[i])
	}
	same := d.Actor == d.Person
	d.Community, d.Person = c.one(d.Community), c.one(d.Person)
	if same {
		d.Actor = d.Person
	} else {
		d.Actor = c.one(d.Actor)
	}
}

func (c *common) one(id string) string {
	if id == "" {
		return ""
	}
	kept, ok := c.ids[id]
	if !ok {
		kept = strings.Clone(id)
		c.ids[kept] = kept
	}
	return kept
}

func byAudience() view.Index {
	return view.Index{Name: "audience", Fields: []string{"to", "-seq"}}
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

func (m marksDoc) read(it item) bool { return it.Seq <= m.UpTo || m.Single[it.Seq] }

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
