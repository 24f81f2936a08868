package engine

import (
	"math"
	"time"
)

// slots are parts of a week in which people work or rest alike: three hours in
// UTC, on days from Monday to Friday and on the others.
const (
	slotHours = 3
	slotsADay = 24 / slotHours
	slots     = 2 * slotsADay
)

type slot uint8

func slotOf(at time.Time) slot {
	at = at.UTC()
	s := slot(at.Hour() / slotHours)
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		s += slotsADay
	}
	return s
}

// next is the slot so many after s, on the same kind of day.
func (s slot) next(n slot) slot {
	day := s / slotsADay * slotsADay
	return day + (s-day+n)%slotsADay
}

// rhythm is how many answers somebody gave in each slot. When one is full all are
// halved: what was lately counts more.
type rhythm [slots]uint8

func (r *rhythm) add(s slot) {
	if r[s] == math.MaxUint8 {
		for i := range r {
			r[i] /= 2
		}
	}
	r[s]++
}

func (r *rhythm) take(s slot) { r[s] -= min(r[s], 1) }

// rhythmDoubt is how many answers like those of everybody are taken as given.
const rhythmDoubt = 4

// now is ln of how much more somebody with the rhythm answers around s than all do.
func (r *rhythm) now(all *[slots]uint32, s slot) float64 {
	theirs, everybodys := 0, uint64(0)
	sum, whole := 0, uint64(0)
	for i := range r {
		sum, whole = sum+int(r[i]), whole+uint64(all[i])
	}
	// Half of what is counted comes from the slots beside it.
	for _, near := range [...]struct{ slot, times slot }{{s, 2}, {s.next(1), 1}, {s.next(slotsADay - 1), 1}} {
		theirs += int(near.times) * int(r[near.slot])
		everybodys += uint64(near.times) * uint64(all[near.slot])
	}
	if everybodys == 0 || sum == 0 {
		return 0
	}
	expected := float64(everybodys) / float64(4*whole)
	return math.Log((float64(theirs)/4 + rhythmDoubt*expected) / (float64(sum+rhythmDoubt) * expected))
}
