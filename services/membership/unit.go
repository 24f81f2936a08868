package membership

import (
	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// unitID is the id of the unit that the organisation's files call code. It is
// made of the code rather than of a command, so that there can be only one.
func unitID(code string) string { return es.ID("unit", code) }

// unit is one node of the organisation tree. What holds across units (known
// parents, no cycles) is judged by tree.
type unit struct {
	code, parent, name, kind string
	exists, closed           bool
	version                  uint64 // position of the last event
}

func foldUnit(u *unit, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.UnitCreated:
		u.exists, u.code, u.parent, u.name, u.kind = true, e.Code, e.Parent, e.Name, e.Kind
	case events.UnitChanged:
		u.parent, u.name, u.kind = e.Parent, e.Name, e.Kind
	case events.UnitClosed:
		u.closed = true
	}
	u.version = r.Seq
}

// Create adds the unit. Returns Conflict if its code is in use.
func (u unit) Create(code, parent, name, kind string) (es.Event, error) {
	if u.exists {
		return nil, &fault.Error{
			Code: fault.Conflict, Detail: "There is a unit with this code already. Change that one, or choose another code.",
			Fields: []fault.Field{{Field: "code", Reason: "is used by another unit"}},
		}
	}
	return events.UnitCreated{Parent: parent, Code: code, Name: name, Kind: kind}, nil
}

// Change replaces what is known of the unit; why may be empty. Returns NotFound or Conflict for
// one that does not exist or is closed.
func (u unit) Change(parent, name, kind string, why sealed.Text) (es.Event, error) {
	switch {
	case !u.exists:
		return nil, fault.New(fault.NotFound, "There is no unit with this id.")
	case u.closed:
		return nil, fault.New(fault.Conflict, "This unit is closed and stays as it was. Create a new unit instead.")
	case u.parent == parent && u.name == name && u.kind == kind:
		return nil, nil
	}
	return events.UnitChanged{Parent: parent, Name: name, Kind: kind, Reason: why}, nil
}

// Close takes the unit out of use; why may be empty. Closing it again changes nothing.
func (u unit) Close(why sealed.Text) (es.Event, error) {
	switch {
	case !u.exists:
		return nil, fault.New(fault.NotFound, "There is no unit with this id.")
	case u.closed:
		return nil, nil
	}
	return events.UnitClosed{Reason: why}, nil
}
