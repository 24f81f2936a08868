package matching

import (
	"context"
	"errors"
	"fmt"
	"time"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/services/matching/pairing"
)

// roundsPolicy names the way of pairing in what it brought about.
const roundsPolicy = "pairs-1"

// introducer is the name under which rounds are started and made. It is part of
// command ids and never changes.
const introducer = "matching-introducer"

const (
	introduceEvery = 20 * time.Second // how long a round that was started waits, at most
	roundHour      = 7                // UTC, on Mondays: when a round starts by itself
	week           = 7 * 24 * time.Hour
)

// firstMonday is where weeks are counted from.
func firstMonday() time.Time { return time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC) }

// roundOf is the id of the round of the week of now, and how it begins.
func (c Config) roundOf(now time.Time) (id string, e events.RoundStarted) {
	year, number := now.UTC().ISOWeek()
	period := fmt.Sprintf("%d-W%02d", year, number)
	id = es.ID("round", period)
	return id, events.RoundStarted{
		Period: period, Week: int(now.Sub(firstMonday()) / week), Apart: c.Apart,
		Seed: id, Policy: roundsPolicy,
	}
}

// introduceDue starts the round of the week and makes those that are under way:
// what was interrupted is gone on with at the next tick, in whichever process
// comes first.
func (s *service) introduceDue(ctx context.Context, now time.Time) error {
	if err := s.startDue(ctx, now); err != nil {
		return err
	}
	open, err := s.rounds.Find(ctx, view.Query{Index: "finished", Equal: []any{false}, Limit: 10}, nil)
	if err != nil {
		return err
	}
	for _, d := range open.Items {
		seq, err := s.introduce(ctx, d.ID, d.Started)
		if err == nil {
			err = s.core.Follower.Wait(ctx, seq)
		}
		if err != nil {
			return fmt.Errorf("make the introductions of %s: %w", d.Period, err)
		}
	}
	return nil
}

// startDue starts the round of the week once its hour has come, if at least two
// people want to be introduced.
func (s *service) startDue(ctx context.Context, now time.Time) error {
	id, e := s.cfg.roundOf(now)
	begins := firstMonday().Add(time.Duration(e.Week)*week + roundHour*time.Hour)
	if s.cfg.RoundsByHand || now.Before(begins) {
		return nil
	}
	if _, there, err := s.rounds.Get(ctx, id); err != nil || there {
		return err
	}
	page, err := s.meetings.Find(ctx, view.Query{Index: "introduced", Equal: []any{true}, Limit: 2}, nil)
	if err != nil || len(page.Items) < 2 {
		return err
	}
	m := es.Meta{Command: es.ID("start", id), Actor: "reactor:" + introducer, Access: s.core.Access.Position()}
	seq, err := s.roundsRepo.Execute(ctx, id, m, func(o round) (es.Event, error) { return o.Start(e) })
	if err != nil {
		return err
	}
	return s.core.Follower.Wait(ctx, seq)
}

// introduce makes the pairs of a round. They follow from the log up to where the
// round started, and each has a command of its own, so that it can be called again
// and again, and by several processes at once. It returns the position of the last
// event of the round.
func (s *service) introduce(ctx context.Context, id string, started uint64) (uint64, error) {
	p, err := readPast(ctx, s.core.Events, started)
	if err != nil {
		return 0, err
	}
	made, err := s.pairsOf(ctx, p)
	if err != nil {
		return 0, err
	}
	command := func(op ...string) es.Meta {
		m := react.Command(p.started, introducer, op...)
		m.Access = s.core.Access.Position()
		return m
	}
	for _, e := range made {
		m := command(append([]string{"introduce"}, e.People...)...)
		_, err := s.roundsRepo.Execute(ctx, id, m, func(o round) (es.Event, error) {
			for _, person := range e.People {
				if !s.core.Access.Active(person) { // they have left meanwhile
					return nil, nil
				}
			}
			return o.Introduce(e)
		})
		// Nobody is introduced to two people, nor to somebody who has just been
		// erased; the other one comes first next time.
		if err != nil && fault.CodeOf(err) != fault.Conflict && !errors.Is(err, vault.ErrErased) {
			return 0, err
		}
	}
	return s.roundsRepo.Execute(ctx, id, command("finish"), func(o round) (es.Event, error) { return o.Finish(len(p.due)) })
}

// pairsOf are the introductions of the round that p ends with. The same log gives
// the same ones as long as nobody in it is erased.
func (s *service) pairsOf(ctx context.Context, p *past) ([]events.IntroductionMade, error) {
	people := p.people()
	of := make(map[string]opened, len(people))
	for i := range people {
		o, err := s.openLines(ctx, p.lines[people[i].ID])
		if err != nil {
			return nil, err
		}
		o.describe(&people[i], s.index.analyser)
		of[people[i].ID] = o
	}
	e := p.started.Data.(events.RoundStarted)
	pairs, _ := pairing.Round(people, pairing.Rules{Seed: e.Seed, Share: p.access.Share})
	out := make([]events.IntroductionMade, len(pairs))
	for i, pair := range pairs {
		reasons := []events.MeetReason{{Code: events.MeetOtherUnit}}
		if l := commonLanguage(p.lines[pair.A].Languages, p.lines[pair.B].Languages); l != "" {
			reasons = append(reasons, events.MeetReason{Code: events.MeetLanguage, Language: l})
		}
		out[i] = events.IntroductionMade{
			Introduction: es.ID("introduction", p.started.Stream.ID, pair.A, pair.B), People: []string{pair.A, pair.B},
			Reasons: append(reasons, sharedReasons(pair.A, pair.B, of, pair.Shared)...),
		}
	}
	return out, nil
}
