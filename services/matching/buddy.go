package matching

import (
	"slices"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// States of a newcomer's search for a buddy.
const (
	buddySuggested = "suggested" // the newcomer chooses
	buddyChosen    = "chosen"    // the buddy is asked
	buddyAgreed    = "agreed"
	buddyEnded     = "ended" // nothing is open: waived or ended
)

// maxBuddies are suggested to a newcomer.
const maxBuddies = 3

// buddy is a newcomer of a community and their buddy. Somebody who leaves and
// joins again begins anew.
type buddy struct {
	Welcome   events.Welcome
	State     string // "": nobody was suggested yet
	Suggested []string
	Declined  []string // who said no
	Buddy     string   // chosen, or agreed
}

func foldBuddy(b *buddy, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.BuddiesSuggested:
		*b = buddy{Welcome: e.Welcome, State: buddySuggested}
		for _, s := range e.Buddies {
			b.Suggested = append(b.Suggested, s.Person)
		}
	case events.BuddyChosen:
		b.State, b.Buddy = buddyChosen, e.Buddy
	case events.BuddyAgreed:
		b.State = buddyAgreed
	case events.BuddyDeclined:
		b.State, b.Buddy = buddySuggested, ""
		b.Declined = append(slices.Clone(b.Declined), e.Buddy)
	case events.BuddiesWaived, events.BuddyEnded:
		b.State, b.Buddy = buddyEnded, ""
	}
}

// Suggest offers buddies to somebody who has just joined. Nothing happens if there
// is nobody to suggest, or if something is open still.
func (b buddy) Suggest(e events.BuddiesSuggested) (es.Event, error) {
	if len(e.Buddies) == 0 || b.State != "" && b.State != buddyEnded {
		return nil, nil
	}
	if len(e.Buddies) > maxBuddies || slices.ContainsFunc(e.Buddies, func(s events.SuggestedBuddy) bool { return s.Person == e.Newcomer }) {
		return nil, fault.New(fault.Conflict, "A newcomer is offered one to three others.")
	}
	return e, nil
}

// Choose is the newcomer's choice among those who were suggested. Choosing the
// same person again changes nothing; another one can be chosen until one agrees.
// Returns NotFound for everybody but the newcomer, Invalid for a person who was not
// suggested, and Conflict for one who declined or cannot be asked any more.
func (b buddy) Choose(person, chosen string, available bool) (es.Event, error) {
	if b.State == "" || person != b.Welcome.Newcomer {
		return nil, noBuddy()
	}
	switch {
	case !slices.Contains(b.Suggested, chosen):
		return nil, fault.InvalidField("person", "must be one of the people who were suggested to you")
	case b.Buddy == chosen:
		return nil, nil
	case b.State != buddySuggested && b.State != buddyChosen:
		return nil, fault.New(fault.Conflict, "This choice is over. Ask anybody in the community whom you would like to know.")
	case !available || slices.Contains(b.Declined, chosen):
		return nil, fault.New(fault.Conflict, "This person is not available as buddy. Choose another one.")
	}
	return events.BuddyChosen{Welcome: b.Welcome, Buddy: chosen}, nil
}

// Waive is the newcomer's "no, thanks". Returns NotFound for everybody else, and
// Conflict once a buddy has agreed.
func (b buddy) Waive(person string) (es.Event, error) {
	switch {
	case b.State == "" || person != b.Welcome.Newcomer:
		return nil, noBuddy()
	case b.State == buddyAgreed:
		return nil, fault.New(fault.Conflict, "You have a buddy. You can end that.")
	case b.State == buddyEnded:
		return nil, nil
	}
	return events.BuddiesWaived{Welcome: b.Welcome}, nil
}

// Agree is the chosen buddy's yes. Saying it again changes nothing. Returns
// NotFound for everybody who is not chosen.
func (b buddy) Agree(person string) (es.Event, error) {
	switch {
	case b.Buddy == "" || person != b.Buddy:
		return nil, noBuddy()
	case b.State == buddyAgreed:
		return nil, nil
	}
	return events.BuddyAgreed{Welcome: b.Welcome, Buddy: person}, nil
}

// Decline is the chosen buddy's no. Saying it again changes nothing. Returns
// NotFound for everybody who is not chosen, and Conflict after a yes.
func (b buddy) Decline(person string) (es.Event, error) {
	switch {
	case slices.Contains(b.Declined, person):
		return nil, nil
	case b.Buddy == "" || person != b.Buddy:
		return nil, noBuddy()
	case b.State == buddyAgreed:
		return nil, fault.New(fault.Conflict, "You have agreed already. You can end it.")
	}
	return events.BuddyDeclined{Welcome: b.Welcome, Buddy: person}, nil
}

// End is the end by one of the two once the buddy has agreed. Ending what has
// ended changes nothing for the newcomer. Returns NotFound for everybody else.
func (b buddy) End(person string) (es.Event, error) {
	switch {
	case b.State == buddyAgreed && (person == b.Buddy || person == b.Welcome.Newcomer):
		return events.BuddyEnded{Welcome: b.Welcome, Buddy: b.Buddy}, nil
	case b.State == "" || person != b.Welcome.Newcomer:
		return nil, noBuddy()
	case b.State == buddyEnded:
		return nil, nil
	}
	return nil, fault.New(fault.Conflict, "You have no buddy yet. You can say that you want none.")
}

// Leave ends everything that is open, for the newcomer has left the community.
func (b buddy) Leave() (es.Event, error) {
	if b.State == "" || b.State == buddyEnded {
		return nil, nil
	}
	return events.BuddyEnded{Welcome: b.Welcome, Buddy: b.Buddy}, nil
}

// Abandon ends the part of somebody who cannot be the buddy any more: what was
// agreed ends, what they were asked for counts as declined.
func (b buddy) Abandon(person string) (es.Event, error) {
	switch {
	case b.Buddy != person:
		return nil, nil
	case b.State == buddyAgreed:
		return b.End(person)
	}
	return b.Decline(person)
}

// FirstWeek tells a newcomer that it is a week since they joined, whether or not
// they have a buddy.
func (b buddy) FirstWeek(w events.Welcome) (es.Event, error) {
	return events.FirstWeekPassed{Welcome: w}, nil
}

// noBuddy is also the answer for what is between others.
func noBuddy() error {
	return fault.New(fault.NotFound, "There is no suggestion of buddies with this id, or none that concerns you.")
}
