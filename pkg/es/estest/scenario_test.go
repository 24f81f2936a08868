package estest_test

import (
	"fmt"
	"strings"
	"testing"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

// verdict takes what a scenario complains about.
type verdict struct {
	testing.TB
	complaints []string
}

func (v *verdict) Errorf(format string, args ...any) {
	v.complaints = append(v.complaints, fmt.Sprintf(format, args...))
}

type count struct {
	things int
	last   es.Recorded
}

func fold(c *count, r es.Recorded) {
	if _, ok := r.Data.(estest.Put); ok {
		c.things++
	}
	c.last = r
}

func putSecond(c count) (es.Event, error) {
	switch c.things {
	case 0:
		return nil, fault.New(fault.Conflict, "open the box first")
	case 1:
		return estest.Put{Thing: "second", Note: sealed.New("ann", sealed.Content, "hello")}, nil
	}
	return nil, nil
}

func TestScenario(t *testing.T) {
	second := estest.Put{Thing: "second", Note: sealed.New("ann", sealed.Content, "hello")}
	none := []any{estest.Opened{}}
	one := append(none, estest.Put{Thing: "first"})
	two := append(one, estest.Put{Thing: "second"})

	t.Run("what is expected passes", func(t *testing.T) {
		estest.Given(t, fold, none...).When(putSecond).Fails(fault.Conflict)
		estest.Given(t, fold, one...).When(putSecond).Then(second)
		estest.Given(t, fold, two...).When(putSecond).Nothing()
	})
	t.Run("anything else fails and says why", func(t *testing.T) {
		other := estest.Put{Thing: "second", Note: sealed.New("ann", sealed.Content, "bye")}
		for _, c := range []struct {
			given  []any
			expect func(estest.Outcome)
			want   string
		}{
			{none, func(o estest.Outcome) { o.Then(second) }, "open the box first"},
			{none, func(o estest.Outcome) { o.Nothing() }, "open the box first"},
			{none, func(o estest.Outcome) { o.Fails(fault.Forbidden) }, "conflict"},
			{one, func(o estest.Outcome) { o.Then(estest.Opened{}) }, "box.opened"},
			{one, func(o estest.Outcome) { o.Then(other) }, `note="bye"`},
			{one, func(o estest.Outcome) { o.Nothing() }, "box.put"},
			{one, func(o estest.Outcome) { o.Fails(fault.Conflict) }, "box.put"},
			{two, func(o estest.Outcome) { o.Then(second) }, "decided\nnothing"},
			{two, func(o estest.Outcome) { o.Fails(fault.Conflict) }, "nothing"},
		} {
			v := &verdict{TB: t}
			c.expect(estest.Given(v, fold, c.given...).When(putSecond))
			if len(v.complaints) != 1 || !strings.Contains(v.complaints[0], c.want) {
				t.Errorf("complaints %q, want one with %q", v.complaints, c.want)
			}
		}
	})
	t.Run("events have positions, and meta data where given", func(t *testing.T) {
		estest.Given(t, fold, estest.Opened{}, es.Recorded{Meta: es.Meta{Actor: "ann"}, Data: estest.Opened{}}).
			When(func(c count) (es.Event, error) {
				if c.last.Seq != 2 || c.last.Type != "box.opened" || c.last.Meta.Actor != "ann" {
					t.Errorf("folded %+v", c.last)
				}
				return nil, nil
			}).Nothing()
	})
}
