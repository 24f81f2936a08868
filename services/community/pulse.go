package community

import (
	"math"
	"slices"
	"time"
)

// shareStep is what shares are rounded to, in percent.
const shareStep = 10

// beat is what is published of one month of a community; nil where too few
// people are behind it.
type beat struct {
	month   string
	members *int
	hours   *int // median time to the first response
	share   *int // of requests with a response, in percent
}

// monthly gathers the requests that were raised in one month.
type monthly struct {
	askers, responders map[string]bool
	requests, answered int
	waits              []time.Duration
}

// beats are the months of a window. members counts those who are in the
// community at the end of each.
func beats(window span, growth growthDoc, requests []helpDoc) []beat {
	byMonth := map[string]*monthly{}
	for _, d := range requests {
		m := byMonth[d.Month]
		if m == nil {
			m = &monthly{askers: map[string]bool{}, responders: map[string]bool{}}
			byMonth[d.Month] = m
		}
		m.take(d)
	}
	var all []beat
	for _, month := range window.months() {
		b := beat{month: month, members: membersAt(growth, month)}
		if m := byMonth[month]; m != nil {
			b.hours, b.share = m.median(), m.share()
		}
		all = append(all, b)
	}
	return all
}

func (m *monthly) take(d helpDoc) {
	m.requests++
	m.askers[d.Asker] = true
	if d.Answered {
		m.answered++
	}
	if d.First != nil && !d.First.At.Before(d.Raised) {
		m.responders[d.First.By] = true
		m.waits = append(m.waits, d.First.At.Sub(d.Raised))
	}
}

// median is the median time to the first response in hours: whole hours below
// two days, above whole days. nil unless at least leastCounted requests of as
// many people were answered first by as many people.
func (m *monthly) median() *int {
	n := len(m.waits)
	if n < leastCounted || len(m.askers) < leastCounted || len(m.responders) < leastCounted {
		return nil
	}
	slices.Sort(m.waits)
	mid := (m.waits[(n-1)/2] + m.waits[n/2]) / 2
	step := time.Hour
	if mid >= 48*time.Hour {
		step = 24 * time.Hour
	}
	hours := int(mid.Round(step) / time.Hour)
	return &hours
}

// share is how many of the requests have a response, rounded to tens of
// percent. nil unless there are at least leastCounted by as many people.
func (m *monthly) share() *int {
	if m.requests < leastCounted || len(m.askers) < leastCounted {
		return nil
	}
	percent := float64(m.answered) / float64(m.requests) * 100
	share := int(math.Round(percent/shareStep)) * shareStep
	return &share
}

// membersAt counts the members at the end of a month; nil for fewer than
// leastCounted.
func membersAt(d growthDoc, month string) *int {
	n := 0
	for _, c := range d.Months {
		if c.Month <= month {
			n += c.Net
		}
	}
	if n < leastCounted {
		return nil
	}
	return &n
}
