package membership

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// ListPeople answers GET /people.
func (s *service) ListPeople(c echo.Context, in api.ListPeopleParams) error {
	inactive := rest.Value(in.Inactive)
	if inactive {
		if err := s.core.Access.May(rest.Caller(c), access.ManageOrganisation, ""); err != nil {
			return err
		}
	}
	p, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	after := ""
	if _, err := p.Cursor(&after); err != nil {
		return err
	}
	units, err := s.below(rest.Value(in.Unit))
	if err != nil {
		return err
	}
	page, more, found := s.names.search(rest.Value(in.Query), after, p.Limit, func(n *namedPerson) bool {
		return n.Active != inactive && (units == nil || units[n.Unit])
	})
	if !found {
		return fault.InvalidField("cursor", "points to a person who has been erased since; begin again without it")
	}
	items := make([]api.PersonSummary, len(page))
	for i, n := range page {
		items[i] = api.PersonSummary{Id: n.ID, Name: n.Name, Unit: rest.Optional(n.Unit), Site: rest.Optional(n.Site)}
	}
	next := ""
	if more {
		// The id, not the name: cursors end up in addresses.
		if next, err = p.Next(page[len(page)-1].ID); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

// below is the set of a unit and all below it, nil for no unit.
func (s *service) below(id string) (map[string]bool, error) {
	if id == "" {
		return nil, nil
	}
	if _, ok := s.core.Access.Unit(id); !ok {
		return nil, fault.InvalidField("unit", "must be the id of a unit")
	}
	children := map[string][]string{}
	for _, u := range s.core.Access.Units() {
		children[u.Parent] = append(children[u.Parent], u.ID)
	}
	in := map[string]bool{}
	for open := []string{id}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if !in[at] {
			in[at] = true
			open = append(open, children[at]...)
		}
	}
	return in, nil
}

// LookUpPeople answers POST /people/lookup.
func (s *service) LookUpPeople(c echo.Context, _ api.LookUpPeopleParams) error {
	var in api.PersonIds
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	out := api.PersonNames{Items: []api.NameOfPerson{}}
	for _, id := range in.Ids {
		p, ok := s.core.Access.Person(id)
		name := s.name(id)
		if !ok || name == nil && !p.Erased {
			continue
		}
		item := api.NameOfPerson{Id: id, Former: p.Erased}
		if !p.Erased {
			item.Name, item.Unit = name, rest.Optional(p.Unit)
		}
		out.Items = append(out.Items, item)
	}
	return c.JSON(http.StatusOK, out)
}

// RegisterPerson answers POST /people.
func (s *service) RegisterPerson(c echo.Context, _ api.RegisterPersonParams) error {
	var in api.NewPerson
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	r := record{
		name: strings.TrimSpace(in.Name), email: rest.Value(in.Email), staffNumber: strings.TrimSpace(rest.Value(in.StaffNumber)),
		unit: rest.Value(in.Unit), site: rest.Value(in.Site), language: rest.Value(in.Language),
	}
	if r.language == "" {
		r.language = s.cfg.Language
	}
	login, field := strings.TrimSpace(rest.Value(in.Login)), "login"
	if login == "" {
		login, field = r.email, "email"
	}
	if err := s.acceptable(r); err != nil {
		return err
	}
	keys := keysOf(r.staffNumber, login, field)
	reg, err := s.register(c.Request().Context(), m, r, keys)
	if err == nil && !reg.created {
		return s.known(reg.person, keys)
	}
	return rest.Created(c, reg.person, reg.seq, err)
}

// acceptable returns Invalid naming every field of r that breaks a rule which
// the contract cannot express.
func (s *service) acceptable(r record) error {
	if err := s.openUnit(r.unit, "unit"); err != nil {
		return err
	}
	if err := said("name", r.name); err != nil {
		return err
	}
	for _, f := range []struct{ field, text, reason string }{
		{"name", r.name, fault.WrongLine(r.name)}, {"site", r.site, fault.WrongLine(r.site)}, {"staff_number", r.staffNumber, fault.WrongLine(r.staffNumber)},
		{"email", r.email, wrongEmail(r.email)}, {"language", r.language, wrongLanguage(r.language)},
	} {
		if f.text != "" && f.reason != "" {
			return fault.InvalidField(f.field, f.reason)
		}
	}
	return nil
}

// known is the refusal to register person again, naming the keys that lead to them.
func (s *service) known(person string, keys []key) error {
	e := &fault.Error{Code: fault.Conflict, Detail: "This person is registered already. Find them by name, or correct what identifies the new one."}
	for _, k := range keys {
		if held, ok := s.core.Access.Reserved(access.ReservationID(s.secret, k.kind, k.value)); ok && held == person {
			e.Fields = append(e.Fields, fault.Field{Field: k.field, Reason: "belongs to a person who is registered already"})
		}
	}
	return e
}

// DeactivatePerson answers POST /people/{person}/deactivate.
func (s *service) DeactivatePerson(c echo.Context, id api.PersonId, _ api.DeactivatePersonParams) error {
	why, err := because(c)
	if err != nil {
		return err
	}
	return s.onPerson(c, id, func(p person) (es.Event, error) {
		if err := s.notAuditor(id); err != nil {
			return nil, err
		}
		return p.Deactivate(why)
	})
}

// notAuditor returns Conflict for auditors: whom the deployment's configuration
// has named to watch over administrators, no administrator can shut out.
func (s *service) notAuditor(id string) error {
	if !s.isAuditor(id) {
		return nil
	}
	return fault.New(fault.Conflict, "This person is an auditor. Auditors are changed in the configuration of the deployment; remove the person there and restart first.")
}

func (s *service) isAuditor(id string) bool {
	p, _ := s.core.Access.Person(id)
	return p.Has(access.Auditor)
}

// ReactivatePerson answers POST /people/{person}/reactivate.
func (s *service) ReactivatePerson(c echo.Context, id api.PersonId, _ api.ReactivatePersonParams) error {
	why, err := because(c)
	if err != nil {
		return err
	}
	return s.onPerson(c, id, func(p person) (es.Event, error) { return p.Reactivate(why) })
}

// MovePerson answers POST /people/{person}/move.
func (s *service) MovePerson(c echo.Context, id api.PersonId, _ api.MovePersonParams) error {
	var in api.Affiliation
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.onPerson(c, id, func(p person) (es.Event, error) {
		if err := s.openUnit(in.Unit, "unit"); err != nil {
			return nil, err
		}
		if reason := fault.WrongLine(rest.Value(in.Site)); reason != "" {
			return nil, fault.InvalidField("site", reason)
		}
		return p.Move(in.Unit, rest.Value(in.Site), whyOf(c, in.Reason))
	})
}

// ErasePerson answers POST /people/{person}/erase.
func (s *service) ErasePerson(c echo.Context, id api.PersonId, _ api.ErasePersonParams) error {
	var in api.Erasure
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	return s.onPerson(c, id, func(p person) (es.Event, error) {
		if err := s.notAuditor(id); err != nil {
			return nil, err
		}
		return p.Erase(in.Texts)
	})
}

// onPerson executes an administrator's command on a person.
func (s *service) onPerson(c echo.Context, id string, decide func(person) (es.Event, error)) error {
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	return s.execute(c, id, m, decide)
}

func (s *service) execute(c echo.Context, id string, m es.Meta, decide func(person) (es.Event, error)) error {
	seq, err := s.persons.Execute(c.Request().Context(), id, m, decide)
	return done(c, seq, err)
}

// GetPerson answers GET /people/{person}.
func (s *service) GetPerson(c echo.Context, id api.PersonId, _ api.GetPersonParams) error {
	d, ok, err := s.people.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return unknownPerson()
	}
	out, err := s.showPerson(c.Request().Context(), d, rest.Caller(c), s.administrator(c))
	if err != nil {
		return err
	}
	if id == rest.Caller(c) {
		rest.SetETag(c, d.Version)
	}
	return c.JSON(http.StatusOK, out)
}

// showPerson is d as viewer may see it.
func (s *service) showPerson(ctx context.Context, d personDoc, viewer string, administrator bool) (api.Person, error) {
	out := api.Person{Id: d.ID, Active: d.Active, Former: d.Erased}
	if d.Erased {
		return out, nil
	}
	self := d.ID == viewer
	o := s.core.Vault.Opener(ctx)
	out.Name = o.Text(d.Name)
	at := d.present()
	out.Unit, out.Site, out.Language = rest.Optional(at.Unit), rest.Optional(at.Site), rest.Optional(d.speaks())
	if known, ok := s.core.Access.Person(d.ID); ok {
		for _, r := range known.Roles {
			out.Roles = append(out.Roles, api.OrganisationRole(r))
		}
	}
	seen := s.seenBy(d, viewer)
	if administrator || seen("email") {
		out.Email = o.Text(d.Email)
	}
	if administrator || self {
		out.StaffNumber = o.Text(d.StaffNumber)
		for _, a := range d.Affiliations {
			past := api.PastAffiliation{Unit: rest.Optional(a.Unit), Site: rest.Optional(a.Site), From: a.From}
			if !a.Until.IsZero() {
				past.Until = &a.Until
			}
			out.Affiliations = append(out.Affiliations, past)
		}
	}
	out.Profile = showProfile(o, d.Profile, seen)
	if self {
		out.Profile.Visibility = showVisibility(d.Profile.Visibility)
	}
	if o.Erased {
		// The key went between the event and the view.
		return api.Person{Id: d.ID, Former: true}, nil
	}
	return out, o.Err
}
