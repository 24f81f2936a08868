package matching

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/services/matching/pairing"
)

// buddiesPolicy names the way of choosing in what it suggested.
const buddiesPolicy = "buddies-1"

// welcomerReactor is part of command ids and never changes.
const welcomerReactor = "matching-welcomer"

// Weights of what speaks for a buddy. Another unit counts more than any number of
// topics: a newcomer finds people of their own unit without help.
const (
	buddyOtherUnit = 32
	buddyHelps     = 6
	buddyInterest  = 3
	buddySite      = 2
	buddyAvailable = 2
	buddyLoad      = 4 // taken off for each newcomer they are with already
)

// welcomer suggests buddies to who joins a community, one at a time so that caps
// hold, and ends what is open when the newcomer or the buddy leaves. Who joined before it began is no
// newcomer any more.
func (s *service) welcomer() react.Reactor {
	var last atomic.Uint64 // position of its newest suggestion
	return react.Reactor{
		Name: welcomerReactor, Subjects: []string{"evt.membership.membership.*", "evt.membership.person.*"}, From: react.Now, InFlight: 1,
		Handle: func(ctx context.Context, r es.Recorded) error {
			switch e := r.Data.(type) {
			case membership.MembershipJoined:
				if e.Via == membership.ViaFounding {
					return nil // founders have nobody to be shown around by
				}
				return s.welcome(ctx, r, events.Welcome{Community: e.Community, Newcomer: e.Person}, &last)
			case membership.MembershipLeft:
				return s.parted(ctx, r, e.Tie)
			case membership.MembershipRemoved:
				return s.parted(ctx, r, e.Tie)
			case membership.PersonDeactivated, membership.PersonErased:
				return s.abandoned(ctx, r, r.Stream.ID, "")
			}
			return nil
		},
	}
}

// parted ends what is open for somebody who has left a community.
func (s *service) parted(ctx context.Context, r es.Recorded, tie membership.Tie) error {
	m := react.Command(r, welcomerReactor, "leave")
	m.Access = s.core.Access.Position()
	if _, err := s.buddiesRepo.Execute(ctx, r.Stream.ID, m, func(b buddy) (es.Event, error) { return b.Leave() }); err != nil {
		return err
	}
	return s.abandoned(ctx, r, tie.Person, tie.Community)
}

// abandoned tells the newcomers of a community, "" for all, whose buddy somebody
// was or was to be, that they are not any more.
func (s *service) abandoned(ctx context.Context, r es.Recorded, person, community string) error {
	if err := s.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	theirs := view.Query{Index: "buddy", Equal: []any{person}, Limit: 200}
	for d, err := range s.buddies.All(ctx, theirs, func(d *buddyDoc) bool { return community == "" || d.Community == community }) {
		if err != nil {
			return err
		}
		m := react.Command(r, welcomerReactor, "abandon", d.ID)
		m.Access = s.core.Access.Position()
		if _, err := s.buddiesRepo.Execute(ctx, d.ID, m, func(b buddy) (es.Event, error) { return b.Abandon(person) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) welcome(ctx context.Context, r es.Recorded, w events.Welcome, last *atomic.Uint64) error {
	// As for the router: what was suggested a moment ago must be known.
	if err := s.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	if err := s.core.Follower.Wait(ctx, last.Load()); err != nil {
		return err
	}
	m := react.Command(r, welcomerReactor)
	m.Access = s.core.Access.Position()
	seq, err := s.buddiesRepo.Execute(ctx, r.Stream.ID, m, func(b buddy) (es.Event, error) {
		if s.core.Access.Role(w.Community, w.Newcomer) == access.None {
			return nil, nil // they have left again
		}
		chosen, err := s.volunteers(ctx, r.Stream.ID, w)
		if err != nil {
			return nil, err
		}
		return b.Suggest(events.BuddiesSuggested{Welcome: w, Buddies: chosen, Policy: buddiesPolicy})
	})
	if errors.Is(err, vault.ErrErased) {
		return errors.New("matching: a suggested buddy was erased meanwhile") // next time they are not found
	}
	if err != nil {
		return fmt.Errorf("suggest buddies: %w", err)
	}
	last.Store(max(seq, last.Load()))
	return nil
}

// volunteer is somebody who is willing to be the newcomer's buddy.
type volunteer struct {
	events.SuggestedBuddy
	score int
	lot   string
}

// volunteers are at most three members who are willing to be the newcomer's buddy
// and can be: active, not away, below their cap, and with a language in common as
// far as both say. The best come first.
func (s *service) volunteers(ctx context.Context, id string, w events.Welcome) ([]events.SuggestedBuddy, error) {
	willing, err := s.willing(ctx, w)
	if err != nil {
		return nil, err
	}
	newcomer, err := s.personToMeet(ctx, w.Newcomer)
	if err != nil {
		return nil, err
	}
	var all []volunteer
	for _, v := range willing {
		load, err := s.newcomersWith(ctx, v.Person, v.Cap)
		if err != nil {
			return nil, err
		}
		other, err := s.personToMeet(ctx, v.Person)
		if err != nil {
			return nil, err
		}
		apart := len(newcomer.Languages) > 0 && len(other.Languages) > 0 && commonLanguage(newcomer.Languages, other.Languages) == ""
		if load >= v.Cap || other.away || apart {
			continue
		}
		one := s.judge(newcomer, other)
		one.score -= buddyLoad * load
		one.lot = es.ID(id, v.Person)
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b volunteer) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.lot, b.lot)) })
	var out []events.SuggestedBuddy
	for _, v := range all[:min(len(all), maxBuddies)] {
		out = append(out, v.SuggestedBuddy)
	}
	return out, nil
}

// willing are the members who want to be buddies in the community, each once.
func (s *service) willing(ctx context.Context, w events.Welcome) ([]meeting, error) {
	var out []meeting
	for _, q := range []view.Query{
		{Index: "community", Equal: []any{w.Community}},
		{Index: "anywhere", Equal: []any{true}},
	} {
		for m, err := range s.meetings.All(ctx, q, func(m *meeting) bool {
			return m.Person != w.Newcomer && s.core.Access.Role(w.Community, m.Person) != access.None &&
				(q.Index == "anywhere" || !m.Anywhere)
		}) {
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// newcomersWith counts the newcomers that somebody was chosen by, up to limit.
func (s *service) newcomersWith(ctx context.Context, person string, limit int) (int, error) {
	page, err := s.buddies.Find(ctx, view.Query{Index: "buddy", Equal: []any{person}, Limit: max(limit, 1)}, func(d *buddyDoc) bool {
		return s.core.Access.Active(d.Newcomer)
	})
	return len(page.Items), err
}

// toMeet is a person as they are compared with another one.
type toMeet struct {
	pairing.Person
	opened          opened
	site            string
	away, available bool
}

func (s *service) personToMeet(ctx context.Context, id string) (toMeet, error) {
	d, there, err := s.lines.Get(ctx, id)
	if err != nil {
		return toMeet{}, err
	}
	who, _ := s.core.Access.Person(id)
	p := toMeet{
		Person: pairing.Person{ID: id, Unit: who.Unit, Languages: d.Languages}, site: who.Site,
		away: d.Availability == "away", available: there && d.available() && d.AvailableFor != membership.VisibleNobody,
	}
	if p.opened, err = s.openLines(ctx, d); err != nil {
		return toMeet{}, err
	}
	p.opened.describe(&p.Person, s.index.analyser)
	return p, nil
}

// judge says what speaks for other as the newcomer's buddy.
func (s *service) judge(newcomer, other toMeet) volunteer {
	v := volunteer{SuggestedBuddy: events.SuggestedBuddy{Person: other.ID}}
	add := func(weight int, r events.MeetReason) {
		v.score += weight
		v.Reasons = append(v.Reasons, r)
	}
	if newcomer.Unit != other.Unit {
		add(buddyOtherUnit, events.MeetReason{Code: events.MeetOtherUnit})
	}
	shared := pairing.Compare(newcomer.Person, other.Person, s.core.Access.Share(newcomer.ID, other.ID))
	of := map[string]opened{newcomer.ID: newcomer.opened, other.ID: other.opened}
	for _, r := range sharedReasons(newcomer.ID, other.ID, of, shared) {
		switch {
		case r.Code != events.MeetHelps:
			add(buddyInterest, r)
		case r.Person == other.ID:
			add(buddyHelps, r)
		}
	}
	if l := commonLanguage(newcomer.Languages, other.Languages); l != "" {
		add(0, events.MeetReason{Code: events.MeetLanguage, Language: l})
	}
	if newcomer.site != "" && newcomer.site == other.site {
		add(buddySite, events.MeetReason{Code: events.MeetSameSite})
	}
	if other.available {
		add(buddyAvailable, events.MeetReason{Code: events.MeetAvailable, Person: other.ID})
	}
	return v
}
