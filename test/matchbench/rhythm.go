package main

import (
	"slices"
	"time"
)

// weekend is how much is written on its days, in relation to working days.
const weekend = 0.08

// began is a Monday.
var began = time.Date(2020, 1, 6, 0, 0, 0, 0, time.UTC)

const perWeek = 7 * requestsPerDay

// week is the rhythm in which people write: the part of a week's requests that
// has come at the end of each hour, from Monday on.
type week [7 * 24]float64

func newWeek() (w week) {
	// How much is written in each hour of a working day, in relation to the others.
	// Lunch is a dip, and little comes at night.
	perHour := [24]float64{1, 1, 1, 1, 1, 2, 5, 15, 45, 80, 90, 80, 45, 70, 85, 75, 50, 25, 12, 8, 8, 6, 3, 2}
	sum := 0.0
	for hour := range w {
		much := perHour[hour%24]
		if hour >= 5*24 {
			much *= weekend
		}
		sum += much
		w[hour] = sum
	}
	for hour := range w {
		w[hour] /= sum
	}
	return w
}

// at is when the request n is raised.
func (w *week) at(n int) time.Time {
	part := (float64(n%perWeek) + 0.5) / perWeek
	hour, _ := slices.BinarySearch(w[:], part)
	before := 0.0
	if hour > 0 {
		before = w[hour-1]
	}
	within := (part - before) / (w[hour] - before)
	return began.AddDate(0, 0, n/perWeek*7).Add(time.Duration((float64(hour) + within) * float64(time.Hour)))
}

// rests says whether somebody does not write at that time: a third of all are
// there in the morning only, another third from late morning on.
func rests(person int, at time.Time) bool {
	switch person % 3 {
	case 0:
		return at.Hour() >= 13
	case 1:
		return at.Hour() < 11
	default:
		return false
	}
}
