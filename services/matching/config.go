package matching

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kith/api/events/community"
	"kith/pkg/worktime"
	"kith/services/matching/circles"
	"kith/services/matching/engine"
)

// Config is what a deployment says about the matching service. Fields with a
// default may be left out.
type Config struct {
	// Policy is what counts besides the best chance of an answer; default
	// engine.DefaultPolicy.
	Policy engine.Policy `kong:"-"`
	// Cap is how often somebody is proposed within Window unless they chose
	// otherwise; default 5.
	Cap int `kong:"-"`
	// Window is the time that Cap is about, up to 31 days; default 7 days.
	Window time.Duration `kong:"-"`
	// Problem, Information and Experience say how many helpers are proposed
	// for a request of the kind. Defaults: for a problem 5 with at most 2 of a
	// unit, to think with; for information the 3 who know best; for an
	// experience 6 of as many units as possible.
	Problem, Information, Experience engine.Choice `kong:"-"`
	// WorksCouncil leaves out of suggestions and reasons what somebody did: whom they
	// answered and what they asked. Nothing that is counted about a person is written
	// into events.
	WorksCouncil bool `help:"Works-council mode: nothing is suggested to anybody by what they or others did, no reason names it, and no figures about a person are kept in the log."`
	// Large is how many members a community has at most before a split is
	// suggested; default 150, the size of groups that people can keep up with
	// (Dunbar, "Neocortex size as a constraint on group size in primates",
	// Journal of Human Evolution 22, 1992).
	Large int `name:"large-community" default:"150" help:"With more members than this a community is told that it could become two."`

	// WidenAfter says after how many working hours a request that nobody has
	// answered reaches further people, and Work when people work.
	WidenAfter After           `embed:""`
	Work       worktime.Config `embed:"" prefix:"work-"`

	// Apart is for how many rounds of introductions a pair is not made again;
	// default 12, at most 520.
	Apart int `kong:"-"`
	// RoundsByHand leaves starting rounds to coordinators. Otherwise one starts
	// on every Monday.
	RoundsByHand bool `kong:"-"`
}

// Check notes what is wrong with the settings that were given.
func (c Config) Check(wrong func(field, format string, args ...any)) {
	if _, err := worktime.New(c.Work); err != nil {
		field, text, _ := strings.Cut(err.Error(), ": ")
		wrong("work-"+field, "%s", text)
	}
	for _, one := range c.WidenAfter.kinds() {
		if *one.after < 0 || *one.after > longestAfter {
			wrong("widen-after-"+one.kind, "must be from 0s, which is the default, to %v", longestAfter)
		}
	}
}

const (
	defaultCap    = 5
	defaultWindow = 7 * 24 * time.Hour
	longestWindow = 31 * 24 * time.Hour
	defaultLarge  = 150
	longestAfter  = 1000 * time.Hour // half a year of work
	defaultApart  = 12
	mostApart     = 520
	// defaultExplore is how often the last place goes to a newcomer.
	defaultExplore = 0.1
)

// complete sets defaults and returns what cannot work.
func (c *Config) complete() error {
	if c.Policy == (engine.Policy{}) {
		c.Policy = engine.DefaultPolicy()
	}
	if c.Cap == 0 {
		c.Cap = defaultCap
	}
	if c.Window == 0 {
		c.Window = defaultWindow
	}
	if c.Large == 0 {
		c.Large = defaultLarge
	}
	if c.Apart == 0 {
		c.Apart = defaultApart
	}
	for _, d := range []struct{ choice, fallback *engine.Choice }{
		{&c.Problem, &engine.Choice{Count: 5, PerUnit: 2, Across: true, Explore: defaultExplore}},
		{&c.Information, &engine.Choice{Count: 3, Across: true, Explore: defaultExplore}},
		{&c.Experience, &engine.Choice{Count: 6, Spread: true, Across: true, Explore: defaultExplore}},
	} {
		if *d.choice == (engine.Choice{}) {
			*d.choice = *d.fallback
		}
		if d.choice.Count < 1 || d.choice.Count > 50 || d.choice.PerUnit < 0 {
			return errors.New("a kind needs from 1 to 50 helpers, and no negative number of a unit")
		}
	}
	for _, one := range c.WidenAfter.kinds() {
		if *one.after == 0 {
			*one.after = one.fallback
		}
		if *one.after < 0 || *one.after > longestAfter {
			return fmt.Errorf("widen-after-%s must be at most %v", one.kind, longestAfter)
		}
	}
	switch {
	case c.Cap < 0 || c.Cap > maxCap:
		return errors.New("cap must be from 1 to 50 proposals")
	case c.Large < circles.Group:
		return fmt.Errorf("large must be at least %d members", circles.Group)
	case c.Apart < 0 || c.Apart > mostApart:
		return errors.New("apart must be from 1 to 520 rounds")
	case c.Window < 0 || c.Window > longestWindow:
		return errors.New("window must be longer than nothing and at most 31 days")
	}
	return nil
}

// rules are the limits and the policy, with learned weights.
func (c Config) rules(w engine.Weights) engine.Rules {
	return engine.Rules{Weights: w, Policy: c.Policy, Cap: c.Cap, Window: c.Window}
}

// choice for a kind; unknown kinds are treated as information.
func (c Config) choice(kind string) engine.Choice {
	switch kind {
	case community.Problem:
		return c.Problem
	case community.Experience:
		return c.Experience
	default:
		return c.Information
	}
}
