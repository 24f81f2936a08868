package estest

import (
	"fmt"

	"kith/api/sealed"
	"kith/pkg/es"
)

// describe prints an event with its texts opened, which a sealed.Text itself
// never does: in a test the difference must be seen.
func describe(e es.Event) string {
	if e == nil {
		return "nothing"
	}
	s := fmt.Sprintf("%s %+v", e.EventType(), e)
	_, _ = sealed.Map(e, func(path string, t sealed.Text) (sealed.Text, error) {
		if person, class, plain, ok := t.Plain(); ok {
			s += fmt.Sprintf(" %s=%q (%s of %s)", path, plain, class, person)
		}
		return t, nil
	})
	return s
}
