// Package system shows administrators how a process is doing, rebuilds its
// views, and settles what its reactors gave up on.
package system

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/systemapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/rest"
)

// Letters are the dead letters of the deployment; react.DeadLetters.
type Letters interface {
	List(ctx context.Context, after uint64, limit int) ([]react.Letter, error)
	Get(ctx context.Context, id string) (react.Letter, error)
	Replay(ctx context.Context, id string) error
	Discard(ctx context.Context, id, actor, why string) error
}

// Process is what the module shows.
type Process struct {
	Version  string
	Sync     string   // when acknowledged events are on disk
	Services []string // that Kith has, wherever they run
	Modules  func() []app.Module
	Ready    func() bool
	Reactors func() []react.Reactor
	Letters  func() Letters
}

// New makes the module.
func New(p Process) app.Constructor {
	return func(_ context.Context, core app.Core) (app.Module, error) {
		spec, err := api.GetSpecJSON()
		if err != nil {
			return app.Module{Name: "system"}, err
		}
		s := service{core, p, core.Now()}
		return app.Module{Name: "system", Spec: spec, Routes: func(r app.Router) { api.RegisterHandlers(r, s) }}, nil
	}
}

// service is the module. It implements the contract.
type service struct {
	core    app.Core
	process Process
	started time.Time
}

// allowed returns the caller if they may operate the system. It returns NotFound if
// they mean the process of a service, "" for any, that does not run here.
func (s service) allowed(c echo.Context, of *api.Service) (person string, err error) {
	person = rest.Caller(c)
	if err := s.core.Access.May(person, access.ManageSystem, ""); err != nil {
		return "", err
	}
	if name := rest.Value(of); name != "" && !slices.Contains(s.here(), name) {
		return "", fault.New(fault.NotFound, "The service %s does not run in this process. Ask the one that does; the state lists the services here.", name)
	}
	return person, nil
}

// RebuildView folds a view anew beside the live one, compares, and takes it over. It
// streams how far it is, the result last.
func (s service) RebuildView(c echo.Context, name string, p api.RebuildViewParams) error {
	if _, err := s.allowed(c, p.Service); err != nil {
		return err
	}
	if !slices.Contains(s.core.Follower.Rebuildable(), name) {
		return fault.New(fault.NotFound, "There is no view %q that can be rebuilt here. The state lists them.", name)
	}
	lines := rest.NewLines(c, s.core.Follower.Position())
	var shown time.Time
	out, err := s.core.Follower.Rebuild(c.Request().Context(), name, func(done, total uint64) {
		if now := s.core.Now(); now.Sub(shown) >= time.Second/2 {
			shown = now
			lines.Write(map[string]uint64{"done": done, "total": total})
		}
	})
	if err != nil {
		s.core.Log.Error("rebuild failed", "view", name, "error", err)
		lines.Write(rest.ProblemOf(err))
		return nil
	}
	lines.Write(out)
	return nil
}

// ListDeadLetters answers what reactors gave up on, oldest first.
func (s service) ListDeadLetters(c echo.Context, p api.ListDeadLettersParams) error {
	if _, err := s.allowed(c, p.Service); err != nil {
		return err
	}
	page, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	var after uint64
	if _, err := page.Cursor(&after); err != nil {
		return err
	}
	letters, err := s.process.Letters().List(c.Request().Context(), after, page.Limit)
	if err != nil {
		return err
	}
	var items []api.DeadLetter
	for _, l := range letters {
		items = append(items, shown(l))
	}
	next := ""
	if len(letters) == page.Limit {
		if next, err = page.Next(letters[len(letters)-1].Place); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// GetDeadLetter answers one of them.
func (s service) GetDeadLetter(c echo.Context, letter string, p api.GetDeadLetterParams) error {
	if _, err := s.allowed(c, p.Service); err != nil {
		return err
	}
	l, err := s.process.Letters().Get(c.Request().Context(), letter)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown(l))
}

// ReplayDeadLetter gives the event to its reactor again.
func (s service) ReplayDeadLetter(c echo.Context, letter string, p api.ReplayDeadLetterParams) error {
	if _, err := s.allowed(c, p.Service); err != nil {
		return err
	}
	if err := s.process.Letters().Replay(c.Request().Context(), letter); err != nil {
		return err
	}
	return s.done(c)
}

// DiscardDeadLetter settles a letter for good, with the reason.
func (s service) DiscardDeadLetter(c echo.Context, letter string, p api.DiscardDeadLetterParams) error {
	person, err := s.allowed(c, p.Service)
	if err != nil {
		return err
	}
	var in api.Discard
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if err := s.process.Letters().Discard(c.Request().Context(), letter, person, in.Reason); err != nil {
		return err
	}
	return s.done(c)
}

func (s service) done(c echo.Context) error {
	last, err := s.core.Events.Last(c.Request().Context())
	if err != nil {
		return err
	}
	return rest.Done(c, last, http.StatusNoContent, nil)
}

func shown(l react.Letter) api.DeadLetter {
	return api.DeadLetter{Id: l.ID, Reactor: l.Reactor, Seq: l.Seq, Subject: l.Subject, Type: l.Type,
		Reason: l.Code + ": " + l.Error, Time: l.Time, Attempts: l.Attempts}
}
