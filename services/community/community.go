package community

import (
	"slices"
	"strings"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/text/tidy"
)

// commons is the state of one community: its life cycle and its settings.
type commons struct {
	State      string // "": it has not been founded
	Settings   events.Settings
	Version    uint64 // of the settings, from 1
	Succession bool   // no host is left, and successors are asked
}

func foldCommons(c *commons, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.CommunityFounded:
		c.State, c.Settings, c.Version = stateAtFounding(r.Meta.Imported), e.Settings, 1
	case events.CommunitySettingsChanged:
		c.Settings = e.Settings
		c.Version++
	case events.CommunityStateChanged:
		c.State = e.To
	case events.SuccessionOpened:
		c.Succession = true
	case events.SuccessionSettled:
		c.Succession = false
	}
}

// stateAtFounding: what comes from another forum has been formed there.
func stateAtFounding(imported bool) string {
	if imported {
		return events.Active
	}
	return events.Draft
}

// Found begins the community; founder is its first host, "" for an imported one.
// Returns Invalid for settings that say nothing.
func (c commons) Found(s events.Settings, founder string, shown []string) (es.Event, error) {
	if c.State != "" {
		return nil, fault.New(fault.Conflict, "There is a community with this id already.")
	}
	s, err := tidySettings(s)
	if err != nil {
		return nil, err
	}
	return events.CommunityFounded{Settings: s, Founder: founder, Shown: shown}, nil
}

// ChangeSettings replaces the settings that were read as version. Returns
// NotFound, Conflict for a closed community, Stale, or Invalid.
func (c commons) ChangeSettings(s events.Settings, version uint64) (es.Event, error) {
	if err := c.alive(); err != nil {
		return nil, err
	}
	s, err := tidySettings(s)
	if err != nil {
		return nil, err
	}
	if version != c.Version {
		return nil, stale("the settings")
	}
	if sameSettings(s, c.Settings) {
		return nil, nil
	}
	return events.CommunitySettingsChanged{Settings: s}, nil
}

// ChangeState moves the community on. Being there already changes nothing.
// Returns NotFound, or Conflict with the states that can be reached.
func (c commons) ChangeState(to string, reason sealed.Text) (es.Event, error) {
	switch {
	case c.State == "":
		return nil, noCommunity()
	case c.State == to:
		return nil, nil
	case c.State == events.Ended:
		return nil, ended()
	case reason.IsZero():
		return nil, fault.InvalidField("reason", "say why, so that members can understand it")
	case !slices.Contains(nextStates(c.State), to):
		return nil, fault.New(fault.Conflict, "A community that is %s cannot become %s, but %s.", c.State, to, strings.Join(nextStates(c.State), " or "))
	}
	return events.CommunityStateChanged{From: c.State, To: to, Reason: reason}, nil
}

// OpenSuccession says that last was the last host and who is asked to take over.
func (c commons) OpenSuccession(last, cause string, asked []string) (es.Event, error) {
	if c.State == "" || c.State == events.Ended || c.Succession {
		return nil, nil
	}
	return events.SuccessionOpened{Last: last, Cause: cause, Asked: asked}, nil
}

// SettleSuccession says that host has taken over.
func (c commons) SettleSuccession(host string) (es.Event, error) {
	if !c.Succession {
		return nil, nil
	}
	return events.SuccessionSettled{Host: host}, nil
}

// nextStates are the states that can follow state.
func nextStates(state string) []string {
	switch state {
	case events.Draft:
		return []string{events.Forming, events.Ended}
	case events.Forming:
		return []string{events.Active, events.Ended}
	case events.Active:
		return []string{events.Dormant, events.Ended}
	case events.Dormant:
		return []string{events.Active, events.Ended}
	default:
		return nil
	}
}

func (c commons) alive() error {
	switch c.State {
	case "":
		return noCommunity()
	case events.Ended:
		return ended()
	}
	return nil
}

// tidySettings trims the texts and drops repeated topics.
func tidySettings(s events.Settings) (events.Settings, error) {
	s.Name, s.Purpose = strings.Join(strings.Fields(s.Name), " "), strings.TrimSpace(s.Purpose)
	s.Topics = tidy.Words(s.Topics)
	switch {
	case s.Name == "":
		return s, fault.InvalidField("name", "give the community a name")
	case s.Purpose == "":
		return s, fault.InvalidField("purpose", "say in one sentence what the community is for")
	}
	for _, f := range []fault.Field{{Field: "name", Reason: fault.WrongLine(s.Name)}, {Field: "purpose", Reason: fault.WrongLine(s.Purpose)}} {
		if f.Reason != "" {
			return s, fault.InvalidField(f.Field, f.Reason)
		}
	}
	return s, nil
}

func sameSettings(a, b events.Settings) bool {
	return slices.Equal(a.Topics, b.Topics) && a.Name == b.Name && a.Purpose == b.Purpose && a.Kind == b.Kind &&
		a.Visibility == b.Visibility && a.Joining == b.Joining && a.Language == b.Language
}

func noCommunity() error {
	return fault.New(fault.NotFound, "There is no community with this id.")
}

func ended() error {
	return fault.New(fault.Conflict, "This community is closed for good. You can found a new one.")
}

func stale(what string) error {
	return fault.New(fault.Stale, "Somebody has changed %s since you read them. Read them again and repeat your change.", what)
}
