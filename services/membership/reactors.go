package membership

import (
	"context"
	"fmt"

	"kith/api/events/community"
	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
)

// Names of reactors. They are part of command ids and never change.
const (
	founderReactor = "membership-founder"
	erasureReactor = "membership-erasure"
	pendingReactor = "membership-pending"
)

// causePersonErased is the reason code of what ends because of an erasure.
const causePersonErased = "person_erased"

func (s *service) reactors() []react.Reactor {
	return []react.Reactor{
		{Name: founderReactor, Subjects: []string{"evt.community.community.*"}, From: react.Start, InFlight: 8, Handle: s.welcomeFounder},
		{Name: erasureReactor, Subjects: []string{"evt.membership.person.*"}, From: react.Start, InFlight: 4, Handle: s.carryOutErasure},
		{Name: pendingReactor, Subjects: []string{"evt.membership.person.*", "evt.membership.membership.*"}, From: react.Start, InFlight: 4, Handle: s.endPending},
	}
}

// welcomeFounder makes the founder of a new community its first host member.
// Imported communities have no founder, and reactors pass over them.
func (s *service) welcomeFounder(ctx context.Context, r es.Recorded) error {
	e, ok := r.Data.(community.CommunityFounded)
	if !ok || e.Founder == "" {
		return nil
	}
	x := events.Tie{Community: r.Stream.ID, Person: e.Founder}
	_, err := s.ties.Execute(ctx, tieID(x.Community, x.Person), react.Command(r, founderReactor), func(t tie) (es.Event, error) {
		return t.Found(x)
	})
	return err
}

// carryOutErasure destroys the keys of an erased person and frees what they
// reserved, so that the same login becomes a new person. Keys go first: nothing
// that follows may hold up the forgetting.
func (s *service) carryOutErasure(ctx context.Context, r es.Recorded) error {
	e, ok := r.Data.(events.PersonErased)
	if !ok {
		return nil
	}
	id := r.Stream.ID
	if err := s.shred(ctx, id, r.ID, e.Texts); err != nil {
		return err
	}
	if err := s.core.Follower.Wait(ctx, r.Seq); err != nil {
		return err
	}
	held, err := s.reserved.Find(ctx, view.Query{Index: "person", Equal: []any{id}, Limit: view.MaxLimit}, nil)
	if err != nil {
		return err
	}
	for _, key := range held.Items {
		if err := s.release(ctx, react.Command(r, erasureReactor, key.ID), id, key.ID); err != nil {
			return err
		}
	}
	return nil
}

// endPending withdraws what an erased person had asked for or was offered, so
// that no host waits for nobody. What was decided before the erasure was known,
// and appended after it, is found by its own event.
func (s *service) endPending(ctx context.Context, r es.Recorded) error {
	switch e := r.Data.(type) {
	case events.PersonErased:
		return s.endAllPending(ctx, r)
	case events.MembershipRequested:
		return s.endIfErased(ctx, r, e.Tie)
	case events.MembershipInvited:
		return s.endIfErased(ctx, r, e.Tie)
	}
	return nil
}

func (s *service) endAllPending(ctx context.Context, r es.Recorded) error {
	if err := s.core.Follower.Wait(ctx, r.Seq); err != nil {
		return err
	}
	for _, status := range []string{statusRequested, statusInvited} {
		q := view.Query{Index: "invited", Equal: []any{r.Stream.ID, status}}
		for d, err := range s.tied.All(ctx, q, nil) {
			if err != nil {
				return err
			}
			if err := s.withdraw(ctx, r, events.Tie{Community: d.Community, Person: d.Person}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *service) endIfErased(ctx context.Context, r es.Recorded, x events.Tie) error {
	if err := s.core.Follower.Wait(ctx, r.Seq); err != nil {
		return err
	}
	if p, _ := s.core.Access.Person(x.Person); !p.Erased {
		return nil
	}
	return s.withdraw(ctx, r, x)
}

func (s *service) withdraw(ctx context.Context, r es.Recorded, x events.Tie) error {
	m := react.Command(r, pendingReactor, x.Community)
	m.Access, m.Reason = s.core.Access.Position(), causePersonErased
	_, err := s.ties.Execute(ctx, tieID(x.Community, x.Person), m, func(t tie) (es.Event, error) { return t.Abandon(x) })
	return err
}

func (s *service) shred(ctx context.Context, person, erasure string, texts bool) error {
	if err := s.core.Vault.Shred(ctx, person, sealed.Identity, erasure); err != nil || !texts {
		return err
	}
	return s.core.Vault.Shred(ctx, person, sealed.Content, erasure)
}

// repeatErasures destroys the keys of everybody who was erased once more. Keys
// come back with a backup of theirs, and could with a power cut.
func (s *service) repeatErasures(ctx context.Context) error {
	for _, p := range s.core.Access.People() {
		if !p.Erased {
			continue
		}
		d, ok, err := s.people.Get(ctx, p.ID)
		if err != nil {
			return err
		}
		if ok && d.Erased {
			if err := s.shred(ctx, d.ID, d.Erasure, d.TextsErased); err != nil {
				return fmt.Errorf("repeat the erasure of %s: %w", d.ID, err)
			}
		}
	}
	return nil
}
