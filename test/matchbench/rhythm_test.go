package main

import (
	"testing"
	"time"
)

// What is written follows a week of work, in order.
func TestRhythm(t *testing.T) {
	w := newWeek()
	before := began
	office, nights, weekends := 0, 0, 0
	for n := range 3 * perWeek {
		at := w.at(n)
		if at.Before(before) {
			t.Fatalf("request %d is at %v, the one before at %v", n, at, before)
		}
		before = at
		switch day := at.Weekday(); {
		case day == time.Saturday || day == time.Sunday:
			weekends++
		case at.Hour() >= 8 && at.Hour() < 18:
			office++
		case at.Hour() < 6:
			nights++
		}
	}
	if end := began.AddDate(0, 0, 21); before.After(end) || before.Before(end.Add(-2*time.Hour)) {
		t.Errorf("three weeks end at %v, want shortly before %v", before, end)
	}
	if office < 2*perWeek || weekends == 0 || weekends > perWeek/4 || nights == 0 || nights > perWeek/10 {
		t.Errorf("%d in offices' hours, %d at weekends and %d at night, of %d", office, weekends, nights, 3*perWeek)
	}
}
