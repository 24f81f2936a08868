// Package system shows administrators how a process is doing, rebuilds its
// views, and settles what its reactors gave up on.
package system

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/systemapi"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/fault"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/view"
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
	Sync     string // when acknowledged events are on disk
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
		h := handlers{core, p, core.Now()}
		return app.Module{Name: "system", Spec: spec, Routes: func(r app.Router) { api.RegisterHandlers(r, h) }}, nil
	}
}

type handlers struct {
	core    app.Core
	process Process
	started time.Time
}

// allowed returns the caller if they may operate the system.
func (h handlers) allowed(c echo.Context) (person string, err error) {
	person = rest.PrincipalOf(c).Person
	return person, h.core.Access.May(person, access.ManageSystem, "")
}

// GetState implements the contract.
func (h handlers) GetState(c echo.Context) error {
	if _, err := h.allowed(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	end, err := h.core.Events.Last(ctx)
	if err != nil {
		return err
	}
	letters, err := h.process.Letters().List(ctx, 0, react.MaxLetters)
	if err != nil {
		return err
	}
	out := api.State{
		Version: h.process.Version, Position: h.core.Follower.Position(), End: end,
		Ready: h.process.Ready(), UptimeSeconds: int64(h.core.Now().Sub(h.started).Seconds()),
		Sync: h.process.Sync, Reactors: []string{}, DeadLetters: int64(len(letters)),
	}
	for _, f := range h.core.Follower.Folders() {
		_, ok := f.(view.Rebuilder)
		out.Views = append(out.Views, api.ViewState{Name: f.Name(), Position: f.Position(), Rebuildable: ok})
	}
	for _, r := range h.process.Reactors() {
		out.Reactors = append(out.Reactors, r.Name)
	}
	return c.JSON(http.StatusOK, out)
}

// RebuildView implements the contract.
func (h handlers) RebuildView(c echo.Context, name string, _ api.RebuildViewParams) error {
	if _, err := h.allowed(c); err != nil {
		return err
	}
	if !contains(h.core.Follower.Rebuildable(), name) {
		return fault.New(fault.NotFound, "There is no view %q that can be rebuilt here. The state lists them.", name)
	}
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "application/x-ndjson")
	w.Header().Set("Kith-Seq", strconv.FormatUint(h.core.Follower.Position(), 10))
	w.WriteHeader(http.StatusOK)
	enc := json.NewEncoder(w)
	var shown time.Time
	out, err := h.core.Follower.Rebuild(c.Request().Context(), name, func(done, total uint64) {
		if now := h.core.Now(); now.Sub(shown) >= time.Second/2 {
			shown = now
			_ = enc.Encode(map[string]uint64{"done": done, "total": total})
			w.Flush()
		}
	})
	if err != nil {
		// The status is out already; the last line says what went wrong.
		h.core.Log.Error("rebuild failed", "view", name, "error", err)
		return enc.Encode(rest.ProblemOf(err))
	}
	return enc.Encode(out)
}

// ListDeadLetters implements the contract.
func (h handlers) ListDeadLetters(c echo.Context, _ api.ListDeadLettersParams) error {
	if _, err := h.allowed(c); err != nil {
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
	letters, err := h.process.Letters().List(c.Request().Context(), after, page.Limit)
	if err != nil {
		return err
	}
	out := api.DeadLetterPage{Items: []api.DeadLetter{}}
	for _, l := range letters {
		out.Items = append(out.Items, shown(l))
	}
	if len(letters) == page.Limit {
		next, err := rest.NextCursor(letters[len(letters)-1].Place)
		if err != nil {
			return err
		}
		out.Next = &next
	}
	return c.JSON(http.StatusOK, out)
}

// GetDeadLetter implements the contract.
func (h handlers) GetDeadLetter(c echo.Context, letter string, _ api.GetDeadLetterParams) error {
	if _, err := h.allowed(c); err != nil {
		return err
	}
	l, err := h.process.Letters().Get(c.Request().Context(), letter)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown(l))
}

// ReplayDeadLetter implements the contract.
func (h handlers) ReplayDeadLetter(c echo.Context, letter string, _ api.ReplayDeadLetterParams) error {
	if _, err := h.allowed(c); err != nil {
		return err
	}
	if err := h.process.Letters().Replay(c.Request().Context(), letter); err != nil {
		return err
	}
	return h.done(c)
}

// DiscardDeadLetter implements the contract.
func (h handlers) DiscardDeadLetter(c echo.Context, letter string, _ api.DiscardDeadLetterParams) error {
	person, err := h.allowed(c)
	if err != nil {
		return err
	}
	var in api.Discard
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if err := h.process.Letters().Discard(c.Request().Context(), letter, person, in.Reason); err != nil {
		return err
	}
	return h.done(c)
}

func (h handlers) done(c echo.Context) error {
	last, err := h.core.Events.Last(c.Request().Context())
	if err != nil {
		return err
	}
	return rest.Done(c, last, http.StatusNoContent, nil)
}

func shown(l react.Letter) api.DeadLetter {
	return api.DeadLetter{Id: l.ID, Reactor: l.Reactor, Seq: l.Seq, Subject: l.Subject, Type: l.Type,
		Reason: l.Code + ": " + l.Error, Time: l.Time, Attempts: l.Attempts}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
