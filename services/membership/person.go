package membership

import (
	"kith/api/sealed"

	events "kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// person is somebody of the organisation. Names are not part of the state: no
// rule of the aggregate depends on them.
type person struct {
	registered, active, erased, texts bool
	registration                      string // id of the command that registered them
	unit, site                        string
	language                          string // what they have chosen; "": nothing
	profile                           uint64 // position of the newest profile; of the registration before there is one
}

// record is what the organisation says of a person, in plain text.
type record struct {
	name, email, staffNumber, unit, site, language string
}

func foldPerson(p *person, r es.Recorded) {
	switch e := r.Data.(type) {
	case events.PersonRegistered:
		p.registered, p.active, p.registration, p.profile = true, true, r.Meta.Command, r.Seq
		p.unit, p.site = e.Unit, e.Site
	case events.PersonLanguageChosen:
		p.language = e.Language
	case events.PersonMoved:
		p.unit, p.site = e.Unit, e.Site
	case events.PersonDeactivated:
		p.active = false
	case events.PersonReactivated:
		p.active = true
	case events.PersonErased:
		p.active, p.erased, p.texts = false, true, p.texts || e.Texts
	case events.ProfileChanged:
		p.profile = r.Seq
	}
}

// Register brings the person with this id into the organisation.
func (p person) Register(id string, r record) (es.Event, error) {
	if p.erased {
		return nil, beingErased()
	}
	if p.registered {
		return nil, fault.New(fault.Conflict, "This person is registered already.")
	}
	return events.PersonRegistered{
		Name: identity(id, r.name), Email: identity(id, r.email), StaffNumber: identity(id, r.staffNumber),
		Unit: r.unit, Site: r.site, Language: r.language,
	}, nil
}

// Change replaces name, address and language.
func (p person) Change(id string, r record) (es.Event, error) {
	if err := p.mustExist(); err != nil {
		return nil, err
	}
	return events.PersonChanged{Name: identity(id, r.name), Email: identity(id, r.email), Language: r.language}, nil
}

// ChooseLanguage is the person's own choice, which outlasts what the
// organisation's files say.
func (p person) ChooseLanguage(language string) (es.Event, error) {
	if err := p.mustExist(); err != nil || p.language == language {
		return nil, err
	}
	return events.PersonLanguageChosen{Language: language}, nil
}

// Move ends the affiliation so far and begins another; why may be empty.
func (p person) Move(unit, site string, why sealed.Text) (es.Event, error) {
	if err := p.mustExist(); err != nil || p.unit == unit && p.site == site {
		return nil, err
	}
	return events.PersonMoved{Unit: unit, Site: site, Reason: why}, nil
}

// Deactivate blocks the person; why may be empty.
func (p person) Deactivate(why sealed.Text) (es.Event, error) {
	if err := p.mustExist(); err != nil || !p.active {
		return nil, err
	}
	return events.PersonDeactivated{Reason: why}, nil
}

// Reactivate undoes Deactivate; why may be empty.
func (p person) Reactivate(why sealed.Text) (es.Event, error) {
	if err := p.mustExist(); err != nil || p.active {
		return nil, err
	}
	return events.PersonReactivated{Reason: why}, nil
}

// Erase orders the destruction of the person's keys. Afterwards texts can
// still be ordered to go, but nothing comes back.
func (p person) Erase(texts bool) (es.Event, error) {
	switch {
	case !p.registered:
		return nil, unknownPerson()
	case p.erased && (p.texts || !texts):
		return nil, nil
	}
	return events.PersonErased{Texts: texts}, nil
}

// profile is a person's own description, in plain text.
type profile struct {
	canHelp, wantToLearn, about string // topics one per line
	languages                   []string
	availability                string
	visibility                  map[string]string
}

// ChangeProfile replaces the profile that was read at version. Returns Stale
// if there is a newer one.
func (p person) ChangeProfile(id string, version uint64, n profile) (es.Event, error) {
	if err := p.mustExist(); err != nil {
		return nil, err
	}
	if p.profile != version {
		return nil, fault.New(fault.Stale, "Your profile has changed since you read it. Read it again and repeat your change.")
	}
	return events.ProfileChanged{
		CanHelp: identity(id, n.canHelp), WantToLearn: identity(id, n.wantToLearn), About: identity(id, n.about),
		Languages: n.languages, Availability: n.availability, Visibility: n.visibility,
	}, nil
}

func (p person) mustExist() error {
	switch {
	case !p.registered:
		return unknownPerson()
	case p.erased:
		return fault.New(fault.Conflict, "This person has been erased. Nothing of them can be changed any more.")
	}
	return nil
}

func identity(person, text string) sealed.Text { return sealed.New(person, sealed.Identity, text) }

func content(person, text string) sealed.Text { return sealed.New(person, sealed.Content, text) }

func unknownPerson() error { return fault.New(fault.NotFound, "There is no person with this id.") }

func beingErased() error {
	return fault.New(fault.Conflict, "The person who had this key is being erased. Repeat this in a minute; it will then become a new person.")
}
