package matching

import (
	"context"

	events "kith/api/events/matching"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/view"
)

// meetingService is the part of the module by which people meet: buddies for
// newcomers, and introductions across units.
type meetingService struct {
	wished        *es.Repo[meeting]
	buddiesRepo   *es.Repo[buddy]
	roundsRepo    *es.Repo[round]
	introductions *es.Repo[introduction]

	meetings   *view.View[meeting]
	lines      *view.View[linesDoc]
	buddies    *view.View[buddyDoc]
	introduced *view.View[introductionsDoc]
	rounds     *view.View[roundDoc]
	newcomers  *view.View[newcomerDoc]
}

func (s *service) openMeetings(core app.Core) {
	s.wished = app.Repo(core, events.Context, events.Meeting, foldMeeting)
	s.buddiesRepo = app.Repo(core, events.Context, events.Buddy, foldBuddy)
	s.roundsRepo = app.Repo(core, events.Context, events.Round, foldRound)
	s.introductions = app.Repo(core, events.Context, events.Introduction, foldIntroduction)
}

func (s *service) openMeetingViews(ctx context.Context) (err error) {
	if s.meetings, err = view.Open(ctx, s.core.Views, meetingsView()); err != nil {
		return err
	}
	if s.lines, err = view.Open(ctx, s.core.Views, linesView()); err != nil {
		return err
	}
	if s.buddies, err = view.Open(ctx, s.core.Views, buddiesView()); err != nil {
		return err
	}
	if s.introduced, err = view.Open(ctx, s.core.Views, introductionsView()); err != nil {
		return err
	}
	if s.rounds, err = view.Open(ctx, s.core.Views, roundsView()); err != nil {
		return err
	}
	s.newcomers, err = view.Open(ctx, s.core.Views, newcomersView())
	return err
}

func (s *service) meetingFolders() []view.Folder {
	return []view.Folder{s.meetings, s.lines, s.buddies, s.introduced, s.rounds, s.newcomers}
}
