package worktime_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/worktime"
)

func calendar(t testing.TB, c worktime.Config) worktime.Calendar {
	t.Helper()
	k, err := worktime.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAfter(t *testing.T) {
	berlin := func(s string) time.Time {
		zone, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	whole := worktime.Config{Days: []string{"sat", "sun", "mon"}, From: "00:00", To: "24:00"}
	for _, c := range []struct {
		name        string
		config      worktime.Config
		start       string
		work        time.Duration
		want        string
		wantAgainst time.Duration // time that passes, 0: not looked at
	}{
		{"within a day", worktime.Config{}, "2026-03-02 09:00", 4 * time.Hour, "2026-03-02 13:00", 4 * time.Hour},
		{"to the end of the day", worktime.Config{}, "2026-03-02 09:00", 8 * time.Hour, "2026-03-02 17:00", 0},
		{"over night", worktime.Config{}, "2026-03-02 15:30", 4 * time.Hour, "2026-03-03 10:30", 0},
		{"before work begins", worktime.Config{}, "2026-03-02 03:00", time.Hour, "2026-03-02 09:00", 0},
		{"after it ends", worktime.Config{}, "2026-03-02 19:00", time.Hour, "2026-03-03 09:00", 0},
		{"over the weekend", worktime.Config{}, "2026-03-06 16:00", 4 * time.Hour, "2026-03-09 11:00", 0},
		{"for days", worktime.Config{}, "2026-03-02 08:00", 45 * time.Hour, "2026-03-06 17:00", 0},
		{"over holidays", worktime.Config{Holidays: []string{"2026-04-03", "2026-04-06"}}, "2026-04-02 16:00", 2 * time.Hour, "2026-04-07 09:00", 0},
		{"over the end of a year", worktime.Config{Holidays: []string{"2027-01-01"}}, "2026-12-31 16:30", time.Hour, "2027-01-04 08:30", 0},
		{"clocks go forward on the weekend", worktime.Config{}, "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 09:00", 64 * time.Hour},
		{"clocks go back on the weekend", worktime.Config{}, "2026-10-23 16:00", 2 * time.Hour, "2026-10-26 09:00", 66 * time.Hour},
		{"clocks go forward at work", whole, "2026-03-29 00:00", 4 * time.Hour, "2026-03-29 05:00", 4 * time.Hour},
		{"clocks go back at work", whole, "2026-10-25 00:00", 4 * time.Hour, "2026-10-25 03:00", 4 * time.Hour},
		{"no work is when work goes on", worktime.Config{}, "2026-03-07 12:00", 0, "2026-03-09 08:00", 0},
		{"less than none is none", worktime.Config{}, "2026-03-02 12:00", -time.Hour, "2026-03-02 12:00", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := berlin(c.start)
			got := calendar(t, c.config).After(start, c.work)
			if !got.Equal(berlin(c.want)) || got.Location() != time.UTC {
				t.Errorf("got %v, want %v", got.In(start.Location()), c.want)
			}
			if c.wantAgainst != 0 && got.Sub(start) != c.wantAgainst {
				t.Errorf("%v have passed, want %v", got.Sub(start), c.wantAgainst)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for field, c := range map[string]worktime.Config{
		"days:":       {Days: []string{"mon", "someday"}},
		"from:":       {From: "8 o'clock"},
		"to:":         {To: "24:30"},
		"to: 08:00":   {From: "08:00", To: "08:00"},
		"zone:":       {Zone: "Europe/Springfield"},
		"zone: \"Lo":  {Zone: "Local"},
		"holidays:":   {Holidays: []string{"25.12.2026"}},
		"holidays: 1": {Holidays: slices.Repeat([]string{"2026-12-25"}, 1001)},
	} {
		if _, err := worktime.New(c); err == nil || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("%+v: %v, want one about %q", c.Zone, err, field)
		}
	}
}

// world is a calendar, and when people work by the clock on the wall.
type world struct {
	worktime.Calendar
	zone  *time.Location
	works func(time.Time) bool
}

// anyWorld draws hours that no change of clocks skips or repeats at their ends.
func anyWorld(t *rapid.T) world {
	name := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"}).Draw(t, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	days := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}), 1, 7, rapid.ID[string]).Draw(t, "days")
	from := rapid.SampledFrom([]string{"00:00", "04:00", "08:00", "12:30"}).Draw(t, "from")
	to := rapid.SampledFrom([]string{"13:00", "17:00", "23:15", "24:00"}).Draw(t, "to")
	var holidays []string
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 800), 0, 20).Draw(t, "holidays") {
		holidays = append(holidays, time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	k, err := worktime.New(worktime.Config{Days: days, From: from, To: to, Zone: name, Holidays: holidays})
	if err != nil {
		t.Fatal(err)
	}
	return world{k, zone, func(at time.Time) bool {
		local := at.In(zone)
		clock := local.Format("15:04")
		return clock >= from && clock < to && slices.Contains(days, strings.ToLower(local.Format("Mon"))) &&
			!slices.Contains(holidays, local.Format(time.DateOnly))
	}}
}

// anyStart is a minute of the years 2026 and 2027, often near a change of clocks.
func anyStart(t *rapid.T) time.Time {
	near := rapid.SampledFrom([]string{"2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-07-01"}).Draw(t, "near")
	day, err := time.Parse(time.DateOnly, near)
	if err != nil {
		t.Fatal(err)
	}
	return day.Add(time.Duration(rapid.IntRange(-4*24*60, 2*24*60).Draw(t, "minutes")) * time.Minute)
}

func anyWork(t *rapid.T, name string) time.Duration {
	return time.Duration(rapid.IntRange(1, 40*60).Draw(t, name)) * time.Minute
}

func TestLaws(t *testing.T) {
	t.Run("so many minutes are worked until then, and the last one is", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			w, start, work := anyWorld(t), anyStart(t), anyWork(t, "work")
			due := w.After(start, work)
			worked := time.Duration(0)
			for at := start; at.Before(due); at = at.Add(time.Minute) {
				if w.works(at) {
					worked += time.Minute
				}
			}
			if worked != work || !w.works(due.Add(-time.Minute)) {
				t.Fatalf("from %v to %v people work %v, want %v", start.In(w.zone), due.In(w.zone), worked, work)
			}
		})
	})
	t.Run("in two parts it is the same as at once", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			w, start, one, two := anyWorld(t), anyStart(t), anyWork(t, "one"), anyWork(t, "two")
			if parts, whole := w.After(w.After(start, one), two), w.After(start, one+two); !parts.Equal(whole) {
				t.Fatalf("in parts %v, at once %v", parts, whole)
			}
		})
	})
	t.Run("who begins later is not done earlier", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			w, start, work := anyWorld(t), anyStart(t), anyWork(t, "work")
			later := start.Add(anyWork(t, "later"))
			if a, b := w.After(start, work), w.After(later, work); b.Before(a) {
				t.Fatalf("from %v by %v, from %v by %v", start, a, later, b)
			}
		})
	})
	t.Run("it ends for every hour of every zone", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			hour := rapid.SampledFrom([]string{"00:00", "00:30", "01:30", "02:00", "02:30", "03:00"})
			from, to := hour.Draw(t, "from"), hour.Draw(t, "to")
			if from >= to {
				from, to = "02:00", "02:01"
			}
			zone := rapid.SampledFrom([]string{"America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia"}).Draw(t, "zone")
			k, err := worktime.New(worktime.Config{Days: []string{"sun"}, From: from, To: to, Zone: zone})
			if err != nil {
				t.Fatal(err)
			}
			start := anyStart(t).AddDate(-rapid.IntRange(0, 15).Draw(t, "years"), 0, 0)
			if due := k.After(start, anyWork(t, "work")); due.Before(start) {
				t.Fatalf("%v is before %v", due, start)
			}
		})
	})
}
