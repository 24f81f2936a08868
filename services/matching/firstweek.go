package matching

import (
	"context"
	"strconv"
	"time"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/view"
)

// firstWeek is the name under which newcomers are told. It is part of command ids
// and never changes.
const firstWeek = "matching-first-week"

const (
	firstWeekEvery = 10 * time.Minute
	firstWeekDays  = 7 // how late somebody may still be told, after the service stood still
)

// newcomerDoc is a membership whose first week has not been told of.
type newcomerDoc struct {
	ID        string    `json:"id"`
	Community string    `json:"community"`
	Person    string    `json:"person"`
	Joined    uint64    `json:"joined"` // position
	Due       time.Time `json:"due"`    // a week after joining
	Day       string    `json:"day"`    // of Due, in UTC
}

// newcomersView has a document for each member who was not told yet, by the id of
// the membership. Index day lists those whose week is over on a day. Who joined
// long before this was there stays, on a day that nobody looks at any more.
func newcomersView() view.Spec[newcomerDoc] {
	return view.Spec[newcomerDoc]{
		Name: "matching-newcomers", Version: 1,
		Indexes: []view.Index{{Name: "day", Fields: []string{"day"}}},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case membership.MembershipJoined, membership.MembershipLeft, membership.MembershipRemoved, events.FirstWeekPassed:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *newcomerDoc, r es.Recorded) bool {
			e, ok := r.Data.(membership.MembershipJoined)
			if !ok || e.Via == membership.ViaFounding || r.Meta.Imported {
				return false
			}
			due := r.Time.Add(week)
			*d = newcomerDoc{ID: key, Community: e.Community, Person: e.Person, Joined: r.Seq, Due: due, Day: dayOf(due)}
			return true
		},
	}
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// firstWeekDue tells newcomers whose first week is over, once for each time that
// they joined.
func (s *service) firstWeekDue(ctx context.Context, now time.Time) error {
	for late := range firstWeekDays {
		q := view.Query{Index: "day", Equal: []any{dayOf(now.AddDate(0, 0, -late))}, Limit: 200}
		for d, err := range s.newcomers.All(ctx, q, func(d *newcomerDoc) bool { return !now.Before(d.Due) }) {
			if err != nil {
				return err
			}
			if err := s.tellFirstWeek(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *service) tellFirstWeek(ctx context.Context, d newcomerDoc) error {
	if s.core.Access.Role(d.Community, d.Person) == access.None {
		return nil
	}
	m := es.Meta{
		Command: es.ID(firstWeek, d.ID, strconv.FormatUint(d.Joined, 10)),
		Actor:   "reactor:" + firstWeek, Access: s.core.Access.Position(),
	}
	_, err := s.buddiesRepo.Execute(ctx, d.ID, m, func(b buddy) (es.Event, error) {
		return b.FirstWeek(events.Welcome{Community: d.Community, Newcomer: d.Person})
	})
	return err
}
