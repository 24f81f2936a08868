package audit

import (
	"time"

	events "kith/api/events/audit"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// consentLasts is how long a consent opens a person's data to them.
const consentLasts = 7 * 24 * time.Hour

// consent is a person's yes to their data being put together, the newest one.
// A new one takes the place of the one before.
type consent struct{ until time.Time }

func foldConsent(c *consent, r es.Recorded) {
	if e, ok := r.Data.(events.ConsentGiven); ok {
		c.until = e.Until
	}
}

// Give is the consent of person, by nobody but themself.
func (consent) Give(person, by string, now time.Time) (es.Event, error) {
	if by != person {
		return nil, fault.New(fault.Forbidden, "Nobody consents for another person.")
	}
	return events.ConsentGiven{
		Person: person, Purpose: events.OwnCopy, Scope: events.Everything, Until: now.Add(consentLasts).UTC(),
	}, nil
}

// holds reports whether the data may be put together at this time.
func (c consent) holds(now time.Time) bool { return now.Before(c.until) }

// needed returns Conflict unless c holds.
func (c consent) needed(now time.Time) error {
	switch {
	case c.until.IsZero():
		return fault.New(fault.Conflict, "Your data is put together only with your consent. Give it first: POST /api/audit/me/consent.")
	case !c.holds(now):
		return fault.New(fault.Conflict, "Your consent has ended. Give it again: POST /api/audit/me/consent.")
	}
	return nil
}
