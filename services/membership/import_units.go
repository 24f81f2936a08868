package membership

import (
	"context"
	"slices"

	"kith/api/sealed"
	"kith/pkg/es"
)

func unitColumns() []string { return []string{"id", "parent_id", "name", "kind"} }

// unitRow is one line of units.csv.
type unitRow struct {
	line                     int
	code, parent, name, kind string
}

// readUnits reads and checks units.csv on its own.
func readUnits(body []byte, bad *problems) ([]unitRow, error) {
	lines, err := readCSV(body, unitColumns(), bad)
	if err != nil {
		return nil, err
	}
	rows := make([]unitRow, 0, len(lines))
	first := make(map[string]int, len(lines))
	for _, l := range lines {
		u := unitRow{l.line, l.fields[0], l.fields[1], l.fields[2], l.fields[3]}
		bad.check(u.line, "id", u.code, 1, 64)
		bad.check(u.line, "name", u.name, 1, 200)
		if !slices.Contains([]string{"organisation", "department", "team", "site"}, u.kind) {
			bad.add(problem{line: u.line, Field: "kind", Code: "kind", Reason: "must be one of organisation, department, team, site"})
		}
		if bad.once(first, u.line, "id", u.code) {
			rows = append(rows, u)
		}
	}
	return rows, nil
}

// planUnits compares rows with the tree that there is: steps come in waves,
// parents before children. A row that lies on a cycle has none.
func (s *service) planUnits(rows []unitRow, bad *problems) (waves [][]step) {
	parents := map[string]string{} // code → code of the parent
	for _, u := range s.core.Access.Units() {
		if !u.Closed {
			above, _ := s.core.Access.Unit(u.Parent)
			parents[u.Code] = above.Code
		}
	}
	for _, u := range rows {
		parents[u.code] = u.parent
	}
	for _, u := range rows {
		if _, ok := parents[u.parent]; !ok && u.parent != "" {
			bad.add(problem{line: u.line, Field: "parent_id", Code: "no-parent", Reason: "there is no unit with this id, neither here nor in this file"})
		}
		if known, ok := s.core.Access.UnitByCode(u.code); ok && known.Closed {
			bad.add(problem{line: u.line, Field: "id", Code: "closed", Reason: "this unit is closed; give the new unit another id"})
		}
	}
	depth := depths(parents)
	for _, u := range rows {
		if depth[u.code] < 0 {
			bad.add(problem{line: u.line, Field: "parent_id", Code: "cycle", Reason: "this unit lies below itself: the parents form a cycle"})
			continue
		}
		for len(waves) <= depth[u.code] {
			waves = append(waves, nil)
		}
		waves[depth[u.code]] = append(waves[depth[u.code]], s.planUnit(u))
	}
	return waves
}

// planUnit compares a row with the unit as it is.
func (s *service) planUnit(u unitRow) step {
	parent := ""
	if u.parent != "" {
		parent = unitID(u.parent)
	}
	st := step{line: u.line, does: []string{doesCreate}}
	if known, exists := s.core.Access.UnitByCode(u.code); exists {
		above, _ := s.core.Access.Unit(known.Parent)
		st.changes = differences("parent_id", above.Code, u.parent, "name", known.Name, u.name, "kind", known.Kind, u.kind)
		if len(st.changes) == 0 {
			st.does[0] = doesNothing
			return st
		}
		st.does[0] = doesChange
	}
	st.apply = func(ctx context.Context, m es.Meta) (uint64, error) {
		return s.units.Execute(ctx, unitID(u.code), sub(m, "unit", u.code), func(have unit) (es.Event, error) {
			if have.exists {
				return have.Change(parent, u.name, u.kind, sealed.Text{})
			}
			return have.Create(u.code, parent, u.name, u.kind)
		})
	}
	return st
}

// depths says how far below a root each unit lies, -1 for those on or below a
// cycle. It does not recurse: a hostile file may be very deep.
func depths(parents map[string]string) map[string]int {
	const cycle = -1
	depth := make(map[string]int, len(parents))
	for code := range parents {
		var path []string
		on := map[string]bool{}
		at, d := code, 0
		for {
			known, done := depth[at]
			above, exists := parents[at]
			if done {
				if d = known + 1; known == cycle {
					d = cycle
				}
				break
			}
			if on[at] {
				d = cycle
				break
			}
			if !exists {
				break
			}
			on[at] = true
			path = append(path, at)
			if above == "" {
				break
			}
			at = above
		}
		for _, code := range slices.Backward(path) {
			depth[code] = d
			if d != cycle {
				d++
			}
		}
	}
	return depth
}
