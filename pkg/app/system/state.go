package system

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/systemapi"
	"kith/pkg/react"
	"kith/pkg/view"
)

// GetState answers how this process is doing.
func (s service) GetState(c echo.Context, p api.GetStateParams) error {
	if _, err := s.allowed(c, p.Service); err != nil {
		return err
	}
	ctx := c.Request().Context()
	end, err := s.core.Events.Last(ctx)
	if err != nil {
		return err
	}
	letters, err := s.process.Letters().List(ctx, 0, react.MaxLetters)
	if err != nil {
		return err
	}
	here := s.here()
	out := api.State{
		Services: here, Elsewhere: slices.DeleteFunc(slices.Clone(s.process.Services), func(name string) bool { return slices.Contains(here, name) }),
		Version: s.process.Version, Position: s.core.Follower.Position(), End: end,
		Ready: s.process.Ready(), UptimeSeconds: int64(s.core.Now().Sub(s.started).Seconds()),
		Sync: s.process.Sync, Lanes: []api.Lane{}, Checkpoint: s.signed(),
		Views: []api.ViewState{}, Reactors: []string{}, DeadLetters: int64(len(letters)),
	}
	out.Unreadable.Newer, out.Unreadable.Damaged = s.core.Follower.Unreadable()
	for _, l := range s.core.Follower.Lags() {
		out.Lanes = append(out.Lanes, api.Lane{Name: l.Lane, Views: l.Views, Position: l.Position, Events: l.Events, Seconds: int64(l.Age.Seconds())})
	}
	for _, f := range s.core.Follower.Folders() {
		_, ok := f.(view.Rebuilder)
		out.Views = append(out.Views, api.ViewState{Name: f.Name(), Position: f.Position(), Rebuildable: ok})
	}
	for _, r := range s.process.Reactors() {
		out.Reactors = append(out.Reactors, r.Name)
	}
	return c.JSON(http.StatusOK, out)
}

// here are the services that this process runs.
func (s service) here() []string {
	here := []string{}
	for _, m := range s.process.Modules() {
		if slices.Contains(s.process.Services, m.Name) {
			here = append(here, m.Name)
		}
	}
	return here
}

// signed is the newest checkpoint, if a service here signs and has signed one.
func (s service) signed() *api.SignedHead {
	for _, m := range s.process.Modules() {
		if m.Checkpoint == nil {
			continue
		}
		if c, ok := m.Checkpoint(); ok {
			return &api.SignedHead{Size: c.Size, Time: c.Time, Damaged: c.Damaged}
		}
	}
	return nil
}
