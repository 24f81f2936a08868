package library

import (
	events "kith/api/events/library"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// practice is what somebody has learned, or what resolved a request.
type practice struct {
	Recorded bool
	Response string // that resolved the request; "" where somebody wrote
}

func foldPractice(p *practice, r es.Recorded) {
	if e, ok := r.Data.(events.PracticeRecorded); ok {
		*p = practice{Recorded: true, Response: e.Response}
	}
}

// Record takes what somebody wrote. Returns Invalid for a missing text and
// Conflict if there is a practice already.
func (p practice) Record(e events.PracticeRecorded) (es.Event, error) {
	switch {
	case p.Recorded:
		return nil, fault.New(fault.Conflict, "There is a practice with this id already.")
	case e.Title.IsZero():
		return nil, fault.InvalidField("title", "say in a few words what the practice is about")
	case e.Text.IsZero():
		return nil, fault.InvalidField("text", "say what you have learned")
	}
	return e, nil
}

// Keep takes what resolved a request. Kept already, it changes nothing; another
// response replaces the one before.
func (p practice) Keep(e events.PracticeRecorded) (es.Event, error) {
	if p.Response == e.Response {
		return nil, nil
	}
	return e, nil
}
