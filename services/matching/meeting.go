package matching

import (
	"fmt"
	"slices"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

const (
	defaultBuddyCap     = 2 // newcomers at a time
	maxBuddyCap         = 10
	maxBuddyCommunities = 100
)

// meeting is what a person wishes about meeting people. Nobody is a buddy or
// introduced who has not asked for it. It is also what the view shows.
type meeting struct {
	Person        string   `json:"person,omitempty"`
	Anywhere      bool     `json:"anywhere"`
	Communities   []string `json:"communities,omitempty"`
	Cap           int      `json:"cap"`
	Introductions string   `json:"introductions,omitempty"`
	Paused        bool     `json:"paused"`
	Version       uint64   `json:"version"`    // 0: nothing was wished yet
	Introduced    bool     `json:"introduced"` // not paused
}

func foldMeeting(w *meeting, r es.Recorded) {
	if e, ok := r.Data.(events.MeetingPreferencesChanged); ok {
		*w = meeting{
			Person:   r.Stream.ID,
			Anywhere: e.BuddyAnywhere, Communities: e.BuddyCommunities, Cap: e.BuddyCap,
			Introductions: e.Introductions, Paused: e.Paused, Version: w.Version + 1,
			Introduced: e.Introductions != "" && !e.Paused,
		}
	}
}

// willing reports whether the person is willing to be a buddy in the community.
func (w meeting) willing(community string) bool {
	return w.Anywhere || slices.Contains(w.Communities, community)
}

// Change replaces the wishes that were read as version. Returns Invalid for a cap
// or an interval that cannot be and for communities that the person does not
// belong to, and Stale if the wishes have changed since.
func (w meeting) Change(e events.MeetingPreferencesChanged, version uint64, member func(community string) bool) (es.Event, error) {
	slices.Sort(e.BuddyCommunities)
	e.BuddyCommunities = slices.Compact(e.BuddyCommunities)
	switch e.Introductions {
	case "", events.IntroduceWeekly, events.IntroduceFortnightly, events.IntroduceMonthly:
	default:
		return nil, fault.InvalidField("introductions", "must be never, weekly, fortnightly or monthly")
	}
	switch {
	case e.BuddyCap < 1 || e.BuddyCap > maxBuddyCap:
		return nil, fault.InvalidField("buddy_cap", "must be from 1 to 10 newcomers at a time")
	case len(e.BuddyCommunities) > maxBuddyCommunities:
		return nil, fault.InvalidField("buddy_communities", "must be at most 100; say buddy_anywhere instead")
	case version != w.Version:
		return nil, fault.New(fault.Stale, "Your preferences have changed since you read them. Read them again and repeat the change.")
	}
	for i, c := range e.BuddyCommunities {
		if !slices.Contains(w.Communities, c) && !member(c) {
			return nil, fault.InvalidField(fmt.Sprintf("buddy_communities.%d", i), "must be a community that you are a member of")
		}
	}
	if w.Version > 0 && w.Anywhere == e.BuddyAnywhere && w.Cap == e.BuddyCap && w.Introductions == e.Introductions &&
		w.Paused == e.Paused && slices.Equal(w.Communities, e.BuddyCommunities) {
		return nil, nil
	}
	return e, nil
}
