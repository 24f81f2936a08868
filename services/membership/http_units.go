package membership

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// ListUnits answers GET /units.
func (s *service) ListUnits(c echo.Context, _ api.ListUnitsParams) error {
	units, next, err := slice(c, s.core.Access.Units(), func(u access.Unit) string { return u.ID })
	if err != nil {
		return err
	}
	items := make([]api.Unit, len(units))
	for i, u := range units {
		items[i] = showUnit(u)
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// GetUnit answers GET /units/{unit}.
func (s *service) GetUnit(c echo.Context, id api.UnitId, _ api.GetUnitParams) error {
	u, version, err := s.units.Load(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !u.exists {
		return fault.New(fault.NotFound, "There is no unit with this id.")
	}
	rest.SetETag(c, version)
	return c.JSON(http.StatusOK, showUnit(access.Unit{ID: id, Parent: u.parent, Code: u.code, Name: u.name, Kind: u.kind, Closed: u.closed}))
}

// CreateUnit answers POST /units.
func (s *service) CreateUnit(c echo.Context, _ api.CreateUnitParams) error {
	var in api.NewUnit
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	if err := plainName(in.Name, in.Code); err != nil {
		return err
	}
	id, parent := unitID(in.Code), rest.Value(in.Parent)
	seq, err := s.reshape(c.Request().Context(), id, m, func(u unit) (es.Event, error) {
		if err := s.fits(id, parent); err != nil {
			return nil, err
		}
		return u.Create(in.Code, parent, in.Name, string(in.Kind))
	})
	return rest.Created(c, id, seq, err)
}

// ChangeUnit answers PUT /units/{unit}.
func (s *service) ChangeUnit(c echo.Context, id api.UnitId, _ api.ChangeUnitParams) error {
	var in api.UnitChange
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	if err := plainName(in.Name, ""); err != nil {
		return err
	}
	parent := rest.Value(in.Parent)
	seq, err := s.reshape(c.Request().Context(), id, m, func(u unit) (es.Event, error) {
		if u.exists && u.version != version {
			return nil, fault.New(fault.Stale, "This unit has changed since you read it. Read it again and repeat your change.")
		}
		if err := s.fits(id, parent); err != nil {
			return nil, err
		}
		return u.Change(parent, in.Name, string(in.Kind), whyOf(c, in.Reason))
	})
	return done(c, seq, err)
}

// CloseUnit answers POST /units/{unit}/close.
func (s *service) CloseUnit(c echo.Context, id api.UnitId, _ api.CloseUnitParams) error {
	why, err := because(c)
	if err != nil {
		return err
	}
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	seq, err := s.reshape(c.Request().Context(), id, m, func(u unit) (es.Event, error) {
		if err := s.empty(id); u.exists && !u.closed && err != nil {
			return nil, err
		}
		return u.Close(why)
	})
	return done(c, seq, err)
}

// plainName returns Invalid naming the field unless name and code can stand in
// one line.
func plainName(name, code string) error {
	if err := said("name", name); err != nil {
		return err
	}
	if reason := fault.WrongLine(name); reason != "" {
		return fault.InvalidField("name", reason)
	}
	if reason := fault.WrongLine(code); reason != "" {
		return fault.InvalidField("code", reason)
	}
	return nil
}

// reshape executes a command on a unit while nobody else in this process
// changes the tree, on what the tree was when the command before was folded.
func (s *service) reshape(ctx context.Context, id string, m es.Meta, decide func(unit) (es.Event, error)) (uint64, error) {
	s.tree.Lock()
	defer s.tree.Unlock()
	if err := s.core.Follower.Decisions().CatchUp(ctx); err != nil {
		return 0, err
	}
	m.Access = s.core.Access.Position()
	return s.units.Execute(ctx, id, m, decide)
}

// fits returns Invalid naming the field unless parent is a unit in use, or
// none, that does not lie below the unit id.
func (s *service) fits(id, parent string) error {
	if err := s.openUnit(parent, "parent"); err != nil {
		return err
	}
	seen := map[string]bool{id: true}
	for at := parent; at != ""; {
		if seen[at] {
			return fault.InvalidField("parent", "must not be the unit itself or one below it: that would be a cycle")
		}
		seen[at] = true
		u, _ := s.core.Access.Unit(at)
		at = u.Parent
	}
	return nil
}

// empty returns Conflict if units or active people are in the unit.
func (s *service) empty(id string) error {
	units, people := 0, 0
	for _, u := range s.core.Access.Units() {
		if u.Parent == id && !u.Closed {
			units++
		}
	}
	for _, p := range s.core.Access.People() {
		if p.Unit == id && p.Active {
			people++
		}
	}
	if units+people == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "This unit is not empty (units: %d, active people: %d). Move them to another one before you close it.", units, people)
}

func showUnit(u access.Unit) api.Unit {
	return api.Unit{Id: u.ID, Parent: rest.Optional(u.Parent), Code: u.Code, Name: u.Name, Kind: api.UnitKind(u.Kind), Closed: u.Closed}
}
