package mydata

import (
	"context"

	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
)

// names are what ids in the archive are called. Everybody may look up the name
// of anybody, and of every community and unit.
type names struct {
	w           World
	People      map[string]personName `json:"people"`
	Communities map[string]string     `json:"communities"`
	Units       map[string]string     `json:"units"`
}

// personName is what somebody is called; who has been erased has no name.
type personName struct {
	Name   string `json:"name,omitempty"`
	Former bool   `json:"former,omitempty"`
}

func newNames(w World) names {
	return names{w: w, People: map[string]personName{}, Communities: map[string]string{}, Units: map[string]string{}}
}

// meet learns what id is called, if it is the id of anything.
func (n *names) meet(ctx context.Context, id string) error {
	if p, ok := n.w.Access.Person(id); ok {
		if _, known := n.People[id]; known {
			return nil
		}
		name, err := n.person(ctx, id, p.Erased)
		n.People[id] = name
		return err
	}
	if c, ok := n.w.Access.Community(id); ok {
		n.Communities[id] = c.Name
	} else if u, ok := n.w.Access.Unit(id); ok {
		n.Units[id] = u.Name
	}
	return nil
}

// person reads the newest name of somebody from their stream, which is short.
func (n *names) person(ctx context.Context, id string, erased bool) (personName, error) {
	if erased {
		return personName{Former: true}, nil
	}
	var name sealed.Text
	for r, err := range n.w.Log.Load(ctx, es.Stream{Context: membership.Context, Aggregate: membership.Person, ID: id}, 0) {
		if err != nil {
			return personName{}, err
		}
		switch e := r.Data.(type) {
		case membership.PersonRegistered:
			name = e.Name
		case membership.PersonChanged:
			name = e.Name
		}
	}
	text, ok, err := n.w.Vault.Reveal(ctx, name)
	return personName{Name: text, Former: !ok}, err
}
