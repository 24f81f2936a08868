package community

import (
	"fmt"
	"strings"
	"time"

	events "kith/api/events/community"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
)

// communityDoc is what the directory knows of a community.
type communityDoc struct {
	ID         string      `json:"id"`
	Sort       string      `json:"sort"` // beginning of the name in lower case
	Name       string      `json:"name"`
	Purpose    string      `json:"purpose"`
	Kind       string      `json:"kind"`
	Visibility string      `json:"visibility"`
	Joining    string      `json:"joining"`
	Language   string      `json:"language"`
	Topics     []string    `json:"topics,omitempty"`
	State      string      `json:"state"`
	Reason     sealed.Text `json:"reason,omitzero"` // of the state
	Founded    time.Time   `json:"founded"`
	Version    uint64      `json:"version"` // of the settings
	Hosted     bool        `json:"hosted"`  // there was a host at some time
	Succession *succession `json:"succession,omitempty"`
}

// succession is the search for a host.
type succession struct {
	Since time.Time `json:"since"`
	Asked []string  `json:"asked,omitempty"`
}

// maxSort bounds the part of a name that cursors carry, in runes.
const maxSort = 24

// communitiesView has a document for each community. Indexes: by name, and by
// state and name.
func communitiesView() view.Spec[communityDoc] {
	return view.Spec[communityDoc]{
		Name: "community-communities", Version: 1,
		Indexes: []view.Index{
			{Name: "name", Fields: []string{"sort"}},
			{Name: "state", Fields: []string{"state", "sort"}},
		},
		Keys: func(r es.Recorded) []string {
			switch e := r.Data.(type) {
			case events.CommunityFounded, events.CommunitySettingsChanged, events.CommunityStateChanged,
				events.SuccessionOpened, events.SuccessionSettled:
				return []string{r.Stream.ID}
			case membership.MembershipJoined:
				return hostOf(e.Community, e.Role)
			case membership.MembershipRoleChanged:
				return hostOf(e.Community, e.Role)
			}
			return nil
		},
		Fold: foldCommunityDoc,
	}
}

func hostOf(community, role string) []string {
	if role == string(access.Host) {
		return []string{community}
	}
	return nil
}

func foldCommunityDoc(key string, d *communityDoc, r es.Recorded) bool {
	switch e := r.Data.(type) {
	case events.CommunityFounded:
		d.ID, d.Founded, d.Hosted = key, r.Occurred(), e.Founder != ""
		d.State = stateAtFounding(r.Meta.Imported)
		d.set(e.Settings)
	case events.CommunitySettingsChanged:
		d.set(e.Settings)
	case events.CommunityStateChanged:
		d.State, d.Reason = e.To, e.Reason
	case events.SuccessionOpened:
		d.Succession = &succession{Since: r.Occurred(), Asked: e.Asked}
	case events.SuccessionSettled:
		d.Succession = nil
	case membership.MembershipJoined, membership.MembershipRoleChanged:
		d.Hosted = true
	}
	return d.ID != ""
}

func (d *communityDoc) set(s events.Settings) {
	d.Name, d.Purpose, d.Kind, d.Visibility, d.Joining = s.Name, s.Purpose, s.Kind, s.Visibility, s.Joining
	d.Language, d.Topics = s.Language, s.Topics
	d.Sort = strings.ToLower(s.Name)
	if runes := []rune(d.Sort); len(runes) > maxSort {
		d.Sort = string(runes[:maxSort])
	}
	d.Version++
}

// charterDoc is one version of a charter.
type charterDoc struct {
	charterText
	Community string      `json:"community"`
	Version   int         `json:"version"`
	Note      sealed.Text `json:"note,omitzero"`
	Author    string      `json:"author"`
	At        time.Time   `json:"at"`
}

// chartersView has a document for each version. Index: by community, newest
// version first.
func chartersView() view.Spec[charterDoc] {
	return view.Spec[charterDoc]{
		Name: "community-charters", Version: 1,
		Indexes: []view.Index{{Name: "versions", Fields: []string{"community", "-version"}}},
		Keys: func(r es.Recorded) []string {
			if e, ok := r.Data.(events.CharterRevised); ok {
				return []string{charterKey(r.Stream.ID, e.Version)}
			}
			return nil
		},
		Fold: func(_ string, d *charterDoc, r es.Recorded) bool {
			e, ok := r.Data.(events.CharterRevised)
			if ok {
				*d = charterDoc{textOf(e), r.Stream.ID, e.Version, e.Note, r.Meta.Actor, r.Occurred()}
			}
			return ok
		},
	}
}

func charterKey(community string, version int) string {
	return fmt.Sprintf("%s.%d", community, version)
}
