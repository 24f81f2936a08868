package matching

import (
	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// maxCap is the highest number of proposals a week that somebody can ask for.
const maxCap = 50

// helper is what a person wishes as helper. It is also what the view shows.
type helper struct {
	OptOut  bool   `json:"opt_out"`
	Cap     int    `json:"cap"`     // proposals within seven days
	Version uint64 `json:"version"` // 0: nothing was wished yet
}

func foldHelper(h *helper, r es.Recorded) {
	if e, ok := r.Data.(events.HelperPreferencesChanged); ok {
		*h = helper{OptOut: e.OptOut, Cap: e.Cap, Version: h.Version + 1}
	}
}

// Change replaces the preferences that were read as version. Returns Invalid
// for a cap out of bounds and Stale if they have changed since.
func (h helper) Change(optOut bool, limit int, version uint64) (es.Event, error) {
	switch {
	case limit < 0 || limit > maxCap:
		return nil, fault.InvalidField("cap", "must be from 0 to 50 proposals a week")
	case version != h.Version:
		return nil, fault.New(fault.Stale, "Your preferences have changed since you read them. Read them again and repeat the change.")
	case h.Version > 0 && h.OptOut == optOut && h.Cap == limit:
		return nil, nil
	}
	return events.HelperPreferencesChanged{OptOut: optOut, Cap: limit}, nil
}
