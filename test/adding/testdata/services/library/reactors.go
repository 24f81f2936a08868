package library

import (
	"context"

	"kith/api/events/community"
	events "kith/api/events/library"
	"kith/pkg/es"
	"kith/pkg/react"
)

// Names of reactors. They are part of command ids and never change.
const keeperReactor = "library-keeper"

func (s *service) reactors() []react.Reactor {
	if s.cfg.NoKeeping {
		return nil
	}
	return []react.Reactor{
		{Name: keeperReactor, Subjects: []string{"evt.community.request.*"}, From: react.Start, Handle: s.keep},
	}
}

// keep puts what resolved a request into the library of its community.
func (s *service) keep(ctx context.Context, r es.Recorded) error {
	e, ok := r.Data.(community.ResponseAccepted)
	if !ok || !e.Resolves {
		return nil
	}
	q, ok := s.core.Access.Request(r.Stream.ID)
	if !ok || q.Community == "" {
		return nil
	}
	m := react.Command(r, keeperReactor)
	m.Access = s.core.Access.Position()
	_, err := s.practices.Execute(ctx, es.ID("practice", r.Stream.ID), m, func(p practice) (es.Event, error) {
		return p.Keep(events.PracticeRecorded{Community: q.Community, Author: e.Author, Request: r.Stream.ID, Response: e.Response})
	})
	return err
}
