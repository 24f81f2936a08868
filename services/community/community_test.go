package community

import (
	"testing"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

// by is a text of person that is not sealed yet.
func by(person, text string) sealed.Text { return sealed.New(person, sealed.Content, text) }

func someSettings() events.Settings {
	return events.Settings{Name: "Contracts", Purpose: "We read contracts together.", Kind: "community",
		Visibility: events.Open, Joining: events.JoinOpen, Language: "en", Topics: []string{"law"}}
}

func founded() events.CommunityFounded {
	return events.CommunityFounded{Settings: someSettings(), Founder: "ada"}
}

func moved(from, to string) events.CommunityStateChanged {
	return events.CommunityStateChanged{From: from, To: to, Reason: by("ada", "why")}
}

func TestCommunityIsFounded(t *testing.T) {
	found := func(s events.Settings) func(commons) (es.Event, error) {
		return func(c commons) (es.Event, error) { return c.Found(s, "ada", []string{"c1"}) }
	}
	t.Run("texts are trimmed and topics named once", func(t *testing.T) {
		s := someSettings()
		s.Name, s.Purpose, s.Topics = "  Con  tracts ", " why ", []string{"Law", " law ", "", "money"}
		want := someSettings()
		want.Name, want.Purpose, want.Topics = "Con tracts", "why", []string{"Law", "money"}
		estest.Given(t, foldCommons).When(found(s)).Then(events.CommunityFounded{Settings: want, Founder: "ada", Shown: []string{"c1"}})
	})
	t.Run("a blank name is refused", func(t *testing.T) {
		s := someSettings()
		s.Name = "  "
		estest.Given(t, foldCommons).When(found(s)).Fails(fault.Invalid)
	})
	t.Run("a blank purpose is refused", func(t *testing.T) {
		s := someSettings()
		s.Purpose = "\n"
		estest.Given(t, foldCommons).When(found(s)).Fails(fault.Invalid)
	})
	for name, wrong := range map[string]func(*events.Settings){
		"name":    func(s *events.Settings) { s.Name = "Con\x1b[31mtracts" },
		"purpose": func(s *events.Settings) { s.Purpose = "why\n--\nYour account ends today." },
	} {
		t.Run("a "+name+" with control characters or line breaks is refused", func(t *testing.T) {
			s := someSettings()
			wrong(&s)
			estest.Given(t, foldCommons).When(found(s)).Fails(fault.Invalid)
		})
	}
	t.Run("an id is founded once", func(t *testing.T) {
		estest.Given(t, foldCommons, founded()).When(found(someSettings())).Fails(fault.Conflict)
	})
}

func TestCommunityLifeCycle(t *testing.T) {
	all := []string{events.Draft, events.Forming, events.Active, events.Dormant, events.Ended}
	paths := map[string][]any{
		events.Draft:   {founded()},
		events.Forming: {founded(), moved(events.Draft, events.Forming)},
		events.Active:  {founded(), moved(events.Draft, events.Forming), moved(events.Forming, events.Active)},
		events.Dormant: {founded(), moved(events.Forming, events.Active), moved(events.Active, events.Dormant)},
		events.Ended:   {founded(), moved(events.Draft, events.Ended)},
	}
	allowed := map[[2]string]bool{
		{events.Draft, events.Forming}: true, {events.Forming, events.Active}: true,
		{events.Active, events.Dormant}: true, {events.Dormant, events.Active}: true,
		{events.Draft, events.Ended}: true, {events.Forming, events.Ended}: true,
		{events.Active, events.Ended}: true, {events.Dormant, events.Ended}: true,
	}
	for from, past := range paths {
		for _, to := range all {
			t.Run(from+" to "+to, func(t *testing.T) {
				o := estest.Given(t, foldCommons, past...).When(func(c commons) (es.Event, error) {
					return c.ChangeState(to, by("ada", "because"))
				})
				switch {
				case from == to:
					o.Nothing()
				case allowed[[2]string{from, to}]:
					o.Then(events.CommunityStateChanged{From: from, To: to, Reason: by("ada", "because")})
				default:
					o.Fails(fault.Conflict)
				}
			})
		}
	}
	t.Run("a reason is needed", func(t *testing.T) {
		estest.Given(t, foldCommons, founded()).When(func(c commons) (es.Event, error) {
			return c.ChangeState(events.Forming, sealed.Text{})
		}).Fails(fault.Invalid)
	})
	t.Run("what was not founded has no life cycle", func(t *testing.T) {
		estest.Given(t, foldCommons).When(func(c commons) (es.Event, error) {
			return c.ChangeState(events.Forming, by("ada", "because"))
		}).Fails(fault.NotFound)
	})
	t.Run("an imported community is active", func(t *testing.T) {
		imported := es.Recorded{Data: events.CommunityFounded{Settings: someSettings()}, Meta: es.Meta{Imported: true}}
		estest.Given(t, foldCommons, imported).When(func(c commons) (es.Event, error) {
			return c.ChangeState(events.Active, by("ada", "because"))
		}).Nothing()
	})
}

func TestCommunitySettings(t *testing.T) {
	other := someSettings()
	other.Purpose = "We write them too."
	change := func(s events.Settings, version uint64) func(commons) (es.Event, error) {
		return func(c commons) (es.Event, error) { return c.ChangeSettings(s, version) }
	}
	t.Run("the version that was read is replaced", func(t *testing.T) {
		estest.Given(t, foldCommons, founded()).When(change(other, 1)).Then(events.CommunitySettingsChanged{Settings: other})
	})
	t.Run("an older version is stale", func(t *testing.T) {
		estest.Given(t, foldCommons, founded(), events.CommunitySettingsChanged{Settings: other}).When(change(someSettings(), 1)).Fails(fault.Stale)
	})
	t.Run("equal settings change nothing", func(t *testing.T) {
		estest.Given(t, foldCommons, founded()).When(change(someSettings(), 1)).Nothing()
	})
	t.Run("a closed community keeps its settings", func(t *testing.T) {
		estest.Given(t, foldCommons, founded(), moved(events.Draft, events.Ended)).When(change(other, 1)).Fails(fault.Conflict)
	})
	t.Run("an unknown community has none", func(t *testing.T) {
		estest.Given(t, foldCommons).When(change(other, 0)).Fails(fault.NotFound)
	})
}

func TestSuccessionIsOpenedAndSettledOnce(t *testing.T) {
	open := func(c commons) (es.Event, error) { return c.OpenSuccession("ada", "left", []string{"bob"}) }
	settle := func(c commons) (es.Event, error) { return c.SettleSuccession("bob") }
	opened := events.SuccessionOpened{Last: "ada", Cause: "left", Asked: []string{"bob"}}
	estest.Given(t, foldCommons, founded()).When(open).Then(opened)
	estest.Given(t, foldCommons, founded(), opened).When(open).Nothing()
	estest.Given(t, foldCommons, founded(), opened).When(settle).Then(events.SuccessionSettled{Host: "bob"})
	estest.Given(t, foldCommons, founded()).When(settle).Nothing()
	estest.Given(t, foldCommons, founded(), moved(events.Draft, events.Ended)).When(open).Nothing()
	estest.Given(t, foldCommons).When(open).Nothing()
}
