// Package worktime counts the hours that an organisation works, so that what
// is due "after four working hours" is not due in the night.
package worktime

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines without a database of them
)

// Config says when an organisation works. Fields with a default may be left out.
type Config struct {
	Days     []string `default:"mon,tue,wed,thu,fri" help:"Days on which people work: mon, tue, wed, thu, fri, sat, sun."`
	From     string   `default:"08:00" help:"When work begins on such a day, as 08:00."`
	To       string   `default:"17:00" help:"When it ends, as 17:00; 24:00 is midnight."`
	Zone     string   `default:"Europe/Berlin" help:"Time zone of these hours, by its IANA name."`
	Holidays []string `help:"Dates on which nobody works, as 2026-12-25."`
}

// maxHolidays bounds how many dates are kept.
const maxHolidays = 1000

// Calendar knows the hours of Config. It is made by New and never changes.
type Calendar struct {
	days     [7]bool // by time.Weekday
	from, to int     // minutes since midnight on the clock, from < to
	zone     *time.Location
	holidays map[string]bool // by date
}

// New returns the calendar of c. It returns an error that names the field for
// what cannot be.
func New(c Config) (Calendar, error) {
	k := Calendar{holidays: map[string]bool{}}
	c.complete()
	for _, day := range c.Days {
		i := slices.Index(weekdays(), strings.ToLower(strings.TrimSpace(day)))
		if i < 0 {
			return k, fmt.Errorf("days: %q is none of %s", day, strings.Join(weekdays(), ", "))
		}
		k.days[i] = true
	}
	var err error
	if k.from, err = clock(c.From); err != nil {
		return k, fmt.Errorf("from: %w", err)
	}
	if k.to, err = clock(c.To); err != nil {
		return k, fmt.Errorf("to: %w", err)
	}
	if k.from >= k.to {
		return k, fmt.Errorf("to: %s must be later than from, %s", c.To, c.From)
	}
	if k.zone, err = time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		return k, fmt.Errorf("zone: %q is no time zone such as Europe/Berlin or UTC", c.Zone)
	}
	if len(c.Holidays) > maxHolidays {
		return k, fmt.Errorf("holidays: %d dates are more than %d; leave out those of the past", len(c.Holidays), maxHolidays)
	}
	for _, date := range c.Holidays {
		d, err := time.Parse(time.DateOnly, strings.TrimSpace(date))
		if err != nil {
			return k, fmt.Errorf("holidays: %q is no date such as 2026-12-25", date)
		}
		k.holidays[d.Format(time.DateOnly)] = true
	}
	return k, nil
}

// complete sets defaults.
func (c *Config) complete() {
	if len(c.Days) == 0 {
		c.Days = weekdays()[time.Monday:time.Saturday]
	}
	for _, d := range []struct {
		field *string
		value string
	}{{&c.From, "08:00"}, {&c.To, "17:00"}, {&c.Zone, "Europe/Berlin"}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
}

// weekdays are the names of days, by time.Weekday.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// clock reads a time of day as minutes since midnight.
func clock(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day such as 08:00", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// After returns the earliest time within working hours, their end included, by
// which people have worked for work since start. It is in UTC. A negative work
// is none.
//
// Work is time that passes: where clocks change during working hours, that day
// is shorter or longer. An hour of Config that a change of clocks skips or
// repeats is one of the two that it can be.
func (k Calendar) After(start time.Time, work time.Duration) time.Time {
	work = max(work, 0)
	year, month, day := start.In(k.zone).Date()
	for ; ; day++ {
		opens, closes, ok := k.hours(year, month, day)
		if !ok {
			continue
		}
		if opens.Before(start) {
			opens = start
		}
		room := closes.Sub(opens)
		if room > 0 && work <= room {
			return opens.Add(work).UTC()
		}
		work -= max(room, 0)
	}
}

// hours are those of a date; ok is false if nobody works then. day may be
// beyond the month's end.
func (k Calendar) hours(year int, month time.Month, day int) (opens, closes time.Time, ok bool) {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if !k.days[date.Weekday()] || k.holidays[date.Format(time.DateOnly)] {
		return opens, closes, false
	}
	at := func(minutes int) time.Time { return time.Date(year, month, day, 0, minutes, 0, 0, k.zone) }
	return at(k.from), at(k.to), true
}
