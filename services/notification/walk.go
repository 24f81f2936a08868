package notification

import (
	"context"
	"math"
	"strings"

	events "kith/api/events/notification"
	"kith/pkg/access"
	"kith/pkg/view"
)

const (
	walkPage  = 32   // items that are fetched of an audience at a time
	walkLimit = 5000 // items that one walk looks at
)

// source is one audience of a walk: its items below the last that was taken.
type source struct {
	audience string
	since    uint64 // items up to here are from before the person belonged to it
	items    []item
	next     string // cursor of the items after those
	more     bool
}

// walk visits the items that person sees in their inbox, newest first: those
// above position above and below position before (0: no bound), one for each
// event, until visit returns false, which does not take that item. It returns
// the position below which to go on, 0 if there is nothing more; it may stop
// early where little is visible.
func (s *service) walk(ctx context.Context, person string, above, before uint64, visit func(item) bool) (next uint64, err error) {
	rules, err := s.rulesOf(ctx, person)
	if err != nil {
		return 0, err
	}
	sources, err := s.sources(ctx, person, before)
	if err != nil {
		return 0, err
	}
	taken := uint64(0)
	for range walkLimit {
		newest, err := s.newest(ctx, sources)
		if err != nil {
			return 0, err
		}
		if newest == nil || newest.items[0].Seq <= above {
			return 0, nil
		}
		it := newest.items[0]
		newest.items = newest.items[1:]
		if it.Seq == taken || !s.shows(person, it, rules) {
			continue
		}
		if !visit(it) {
			return it.Seq + 1, nil
		}
		taken = it.Seq
	}
	newest, err := s.newest(ctx, sources)
	if err != nil || newest == nil || newest.items[0].Seq <= above {
		return 0, err
	}
	// The event at this place may have been shown already by another audience.
	if at := newest.items[0].Seq; at != taken {
		return at + 1, nil
	}
	return taken, nil
}

// shows reports whether the item is in the person's inbox, apart from since
// when they have belonged to its audience.
func (s *service) shows(person string, it item, rules []events.Rule) bool {
	if !maySee(s.core.Access, person, it) {
		return false
	}
	inbox, _ := wanted(rules, it.Community, it.Kind)
	return inbox
}

// wants reports whether a new item is for person's inbox, and for their mail.
func (s *service) wants(ctx context.Context, person string, it item) (inbox, mail bool, err error) {
	if !maySee(s.core.Access, person, it) {
		return false, false, nil
	}
	community := it.Community
	switch group, _, _ := strings.Cut(it.Audience, ":"); group {
	case groupCoordinators:
		community = ""
		fallthrough
	case groupHosts, groupMembers:
		since, err := s.since(ctx, community, person)
		if err != nil || it.Seq <= since {
			return false, false, err
		}
	}
	rules, err := s.rulesOf(ctx, person)
	inbox, mail = wanted(rules, it.Community, it.Kind)
	return inbox, mail, err
}

func (s *service) rulesOf(ctx context.Context, person string) ([]events.Rule, error) {
	d, _, err := s.prefs.Get(ctx, person)
	return d.Rules, err
}

// sources are the person's audiences, the more personal first.
func (s *service) sources(ctx context.Context, person string, before uint64) ([]*source, error) {
	cursor, none := s.below(toPerson(person), before)
	if none {
		return nil, nil
	}
	out := []*source{{audience: toPerson(person), next: cursor, more: true}}
	add := func(community, audience string) error {
		since, err := s.since(ctx, community, person)
		if err != nil {
			return err
		}
		cursor, _ := s.below(audience, before)
		out = append(out, &source{audience: audience, since: since, next: cursor, more: true})
		return nil
	}
	for community, role := range s.core.Access.CommunitiesOf(person) {
		if role == access.Host {
			if err := add(community, toHosts(community)); err != nil {
				return nil, err
			}
		}
		if err := add(community, toMembers(community)); err != nil {
			return nil, err
		}
	}
	if p, _ := s.core.Access.Person(person); p.Has(access.Coordinator) {
		if err := add("", toCoordinators); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// since is the position from which on items are for the person: that of
// joining the community, or of becoming coordinator ("").
func (s *service) since(ctx context.Context, community, person string) (uint64, error) {
	d, ok, err := s.ties.Get(ctx, tieKey(community, person))
	if err != nil || ok {
		return d.Since, err
	}
	return math.MaxUint64, nil // access is a moment ahead of the view
}

// newest is the source with the newest item, nil if all are at their end.
func (s *service) newest(ctx context.Context, sources []*source) (*source, error) {
	var best *source
	for _, src := range sources {
		if len(src.items) == 0 && src.more {
			if err := s.fetch(ctx, src); err != nil {
				return nil, err
			}
		}
		if len(src.items) > 0 && (best == nil || src.items[0].Seq > best.items[0].Seq) {
			best = src
		}
	}
	return best, nil
}

func (s *service) fetch(ctx context.Context, src *source) error {
	page, err := s.items.Find(ctx, view.Query{Index: byAudience().Name, Equal: []any{inDoc(src.audience)}, After: src.next, Limit: walkPage}, nil)
	if err != nil {
		return err
	}
	src.items, src.next, src.more = src.items[:0], page.Next, page.Next != ""
	for _, d := range page.Items {
		if d.Seq <= src.since {
			src.more = false
			break
		}
		src.items = append(src.items, s.hub.w.item(d, src.audience))
	}
	return nil
}

// below is the cursor from which on an audience's items are those below
// position before; none if there can be none.
func (s *service) below(audience string, before uint64) (cursor string, none bool) {
	switch before {
	case 0:
		return "", false
	case 1:
		return "", true
	}
	at := s.order.Keys("", &itemDoc{To: []string{inDoc(audience)}, Seq: before - 1})
	return s.order.Cursor(at[0]), false
}
