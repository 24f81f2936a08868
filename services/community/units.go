package community

import (
	"slices"

	"kith/pkg/access"
)

// Numbers of units that are shown side by side: below the fewest the next level
// of the tree is shown in their place, unless that makes more than the most.
const (
	fewestUnits = 3
	mostUnits   = 20
)

// maxDepth bounds the way up a tree, should it ever have a loop.
const maxDepth = 64

// unitTree is the organisation tree as it is now, with closed units in it: past
// affiliations name them. "" is above all.
type unitTree struct {
	units    map[string]access.Unit
	children map[string][]string
	direct   map[string]bool // units that people work in who are in none below
}

func newUnitTree(units []access.Unit, people []access.Person) unitTree {
	t := unitTree{units: map[string]access.Unit{}, children: map[string][]string{}, direct: map[string]bool{}}
	for _, u := range units {
		t.units[u.ID] = u
	}
	for _, u := range units {
		parent := u.Parent
		if _, ok := t.units[parent]; !ok {
			parent = ""
		}
		t.children[parent] = append(t.children[parent], u.ID)
	}
	for _, p := range people {
		if p.Active {
			t.direct[p.Unit] = true
		}
	}
	return t
}

// level is a set of units that are shown side by side. Each stands for all that
// is below it, but those in alone for the people who work in it and in no unit
// below.
type level struct {
	whole map[string]bool
	alone map[string]bool
}

func (l level) size(t unitTree) int {
	n := len(l.alone)
	for id := range l.whole {
		if !t.units[id].Closed {
			n++
		}
	}
	return n
}

// below is the level that is shown below a unit: its children, and theirs in
// their place as long as there are too few.
func (t unitTree) below(unit string) level {
	l := t.expand(level{whole: map[string]bool{unit: true}})
	for range maxDepth {
		next := t.expand(l)
		if len(next.whole) == len(l.whole) && len(next.alone) == len(l.alone) && equalKeys(next.whole, l.whole) {
			break
		}
		if n := l.size(t); n >= fewestUnits || n > 1 && next.size(t) > mostUnits {
			break
		}
		l = next
	}
	return l
}

// expand puts children in the place of their parents.
func (t unitTree) expand(l level) level {
	out := level{whole: map[string]bool{}, alone: map[string]bool{}}
	for id := range l.alone {
		out.alone[id] = true
	}
	for id := range l.whole {
		if len(t.children[id]) == 0 {
			out.whole[id] = id != ""
			continue
		}
		for _, child := range t.children[id] {
			out.whole[child] = true
		}
		if t.direct[id] && id != "" {
			out.alone[id] = true
		}
	}
	delete(out.whole, "")
	return out
}

func equalKeys(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

// in is the unit of the level that stands for unit; "" if none does.
func (t unitTree) in(l level, unit string) string {
	if l.alone[unit] {
		return unit
	}
	for range maxDepth {
		if unit == "" || l.whole[unit] {
			return unit
		}
		unit = t.units[unit].Parent
	}
	return ""
}

// place is where figures can be looked at: a unit that a level shows, and what
// is above it on the way from the top, outermost first.
type place struct {
	unit  string // "": the whole organisation
	above []string
}

// find is the way from the top to a unit. ok is false for units that no level
// shows: whatever is counted between units is counted in one level, so that
// none is the sum of others.
func (t unitTree) find(unit string) (place, bool) {
	p := place{}
	for range maxDepth {
		if p.unit == unit {
			return p, true
		}
		l := t.below(p.unit)
		next := t.in(l, unit)
		if next == "" || l.alone[next] || next == p.unit {
			return place{}, false
		}
		if p.unit != "" {
			p.above = append(p.above, p.unit)
		}
		p.unit = next
	}
	return place{}, false
}

// further reports whether there is a level to look at below a unit.
func (t unitTree) further(unit string) bool { return t.below(unit).size(t) > 1 }

// sorted are the units of a level in the order of names.
func (t unitTree) sorted(l level) []string {
	var ids []string
	for id := range l.whole {
		ids = append(ids, id)
	}
	for id := range l.alone {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return byName(t.units[a], t.units[b]) })
	return ids
}
