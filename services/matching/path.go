package matching

import (
	"slices"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/pkg/access"
	"kith/pkg/worktime"
)

const (
	maxTold  = 20 // people asked at a step to help to find somebody
	maxDepth = 50 // units above one that are looked at
)

// path is the way that a request takes while nobody answers it.
type path struct {
	access   *access.Access
	calendar worktime.Calendar
	after    After
	// links are the communities that one is linked with. It is asked while
	// requests are routed and read, by several at once.
	links func(community string) []string
}

// ahead are the steps after one, in their order.
func ahead(step string) []string {
	all := []string{events.StepCommunity, events.StepLinked, events.StepConnectors, events.StepHosts, events.StepCoordinators, events.StepEnded}
	if step == events.StepHosts {
		step = events.StepCoordinators // one stands for the other
	}
	return all[slices.Index(all, step)+1:]
}

// next is the first step ahead that would reach somebody as things stand, and
// whom it would ask to help to find somebody.
func (x path) next(d routingDoc) (step string, told []string) {
	for _, step := range ahead(d.Step) {
		switch step {
		case events.StepLinked:
			if len(x.linked(d)) > 0 {
				return step, nil
			}
		case events.StepEnded:
			return step, nil
		default:
			if told := x.told(step, d); len(told) > 0 {
				return step, told
			}
		}
	}
	return events.StepEnded, nil
}

// linked are the communities linked with the request's whose content the asker
// sees: that somebody is proposed for being a member must not tell of others.
func (x path) linked(d routingDoc) []string {
	if d.Community == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(x.links(d.Community)), func(c string) bool {
		return c == d.Community || !x.access.SeesCommunity(d.Asker, c)
	})
}

// members of the communities linked with the request's.
func (x path) members(d routingDoc) map[string]bool {
	all := map[string]bool{}
	for _, c := range x.linked(d) {
		for _, person := range x.access.Members(c) {
			all[person] = true
		}
	}
	return all
}

// told are the people whom a step asks to help to find somebody: those who may
// be asked about the request at all, and were not told before.
func (x path) told(step string, d routingDoc) []string {
	var all []string
	switch step {
	case events.StepConnectors:
		return x.connectors(d)
	case events.StepHosts:
		if d.Community != "" {
			all = x.access.Members(d.Community, access.Host)
		}
	case events.StepCoordinators:
		all = x.access.Holding(access.Coordinator)
	}
	return x.tellable(all, d)
}

// connectors are those of the asker's unit, or of the nearest unit above it
// that has any.
func (x path) connectors(d routingDoc) []string {
	asker, _ := x.access.Person(d.Asker)
	of := map[string][]string{}
	for _, id := range x.access.Holding(access.Connector) {
		p, _ := x.access.Person(id)
		of[p.Unit] = append(of[p.Unit], id)
	}
	unit := asker.Unit
	for range maxDepth {
		if unit == "" {
			break
		}
		if told := x.tellable(of[unit], d); len(told) > 0 {
			return told
		}
		u, _ := x.access.Unit(unit)
		unit = u.Parent
	}
	return nil
}

func (x path) tellable(people []string, d routingDoc) []string {
	people = slices.DeleteFunc(slices.Clone(people), func(person string) bool {
		return !x.access.MayBeAsked(person, d.Request) || slices.Contains(d.Told, person)
	})
	return people[:min(len(people), maxTold)]
}

// due is when the step after one taken now follows if nobody answers.
func (x path) due(kind string, now time.Time) time.Time {
	return x.calendar.After(now, x.after.of(kind)).Truncate(time.Second)
}

// After is how long nobody may have answered before routing is widened, in
// working hours. Zero is the default of the kind. Names differ from those of
// Config, or the flags would be lost.
type After struct {
	ProblemAfter     time.Duration `name:"widen-after-problem" default:"4h" help:"Working hours after which a request of kind problem that nobody has answered reaches further people."`
	InformationAfter time.Duration `name:"widen-after-information" default:"8h" help:"The same for the kind information."`
	ExperienceAfter  time.Duration `name:"widen-after-experience" default:"16h" help:"The same for the kind experience."`
}

// kinds are the fields of a, with what is taken for zero.
func (a *After) kinds() []afterKind {
	return []afterKind{
		{community.Problem, &a.ProblemAfter, 4 * time.Hour},
		{community.Information, &a.InformationAfter, 8 * time.Hour},
		{community.Experience, &a.ExperienceAfter, 16 * time.Hour},
	}
}

type afterKind struct {
	kind     string
	after    *time.Duration
	fallback time.Duration
}

// of a kind; unknown kinds are treated as information.
func (a After) of(kind string) time.Duration {
	switch kind {
	case community.Problem:
		return a.ProblemAfter
	case community.Experience:
		return a.ExperienceAfter
	default:
		return a.InformationAfter
	}
}
