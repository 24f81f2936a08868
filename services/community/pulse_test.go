package community

import (
	"fmt"
	"testing"
	"time"
)

func shownOf(n *int) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// asks are n requests of a month by people of their own; the first so many are
// answered after as many hours by people of their own.
func asks(n, answers, hours int) (all []helpDoc) {
	at := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	for i := range n {
		d := helpDoc{ID: fmt.Sprint("q", i), Asker: fmt.Sprint("asker", i), Raised: at, Month: monthOf(at)}
		if i < answers {
			d.Answered, d.First = true, &answered{By: fmt.Sprint("helper", i), At: at.Add(time.Duration(hours) * time.Hour)}
		}
		all = append(all, d)
	}
	return all
}

func TestPulse(t *testing.T) {
	one := asks(8, 8, 5)
	for i := range one {
		one[i].First.By = "the one who always answers"
	}
	few := asks(8, 8, 5)
	for i := range few {
		few[i].Asker = fmt.Sprint("asker", i%4)
	}
	for name, c := range map[string]struct {
		requests     []helpDoc
		hours, share string
	}{
		"four requests are too few":                       {asks(4, 4, 1), "-", "-"},
		"five answered by five people":                    {asks(5, 5, 7), "7", "100"},
		"four answers have no median":                     {asks(9, 4, 7), "-", "40"},
		"above two days it is whole days":                 {asks(5, 5, 61), "72", "100"},
		"a share is rounded to tens":                      {asks(9, 7, 7), "7", "80"},
		"one person's speed is theirs":                    {one, "-", "100"},
		"what four people asked is theirs":                {few, "-", "-"},
		"an answer that came before the question is none": {append(asks(4, 4, 7), asks(6, 6, -1)[4:]...), "-", "100"},
	} {
		got := beats(span{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}, growthDoc{}, c.requests)
		if len(got) != 1 || shownOf(got[0].hours) != c.hours || shownOf(got[0].share) != c.share {
			t.Errorf("%s: %s hours, %s percent, want %s and %s", name, shownOf(got[0].hours), shownOf(got[0].share), c.hours, c.share)
		}
	}
	t.Run("members are those at the end of a month", func(t *testing.T) {
		d := growthDoc{Months: []change{{"2025-12", 4}, {"2026-01", 3}, {"2026-03", -3}}}
		got := ""
		for _, b := range beats(lastMonths(time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC), 4), d, nil) {
			got += shownOf(b.members) + " "
		}
		if got != "- 7 7 - " {
			t.Errorf("%q", got)
		}
	})
}
