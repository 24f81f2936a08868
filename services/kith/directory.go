package kith

import (
	"context"
	"slices"
	"strings"

	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/devissuer"
	"kith/pkg/es"
	"kith/pkg/view"
)

// knownDoc is by what somebody is found at the development issuer.
type knownDoc struct {
	ID    string      `json:"id"`
	Name  sealed.Text `json:"name"`
	Email sealed.Text `json:"email,omitzero"`
}

const (
	byPerson    = "by_person"
	maxSearched = view.MaxLimit // of people that are looked through at a time
)

// knownView holds everybody who is not erased; key: the person. It exists in
// development only.
func knownView() view.Spec[knownDoc] {
	return view.Spec[knownDoc]{
		Name: "development-people", Version: 1, Indexes: []view.Index{{Name: byPerson, Fields: []string{"id"}}},
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case membership.PersonRegistered, membership.PersonChanged, membership.PersonErased:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(key string, d *knownDoc, r es.Recorded) bool {
			d.ID = key
			switch e := r.Data.(type) {
			case membership.PersonRegistered:
				d.Name, d.Email = e.Name, e.Email
			case membership.PersonChanged:
				d.Name, d.Email = e.Name, e.Email
			default:
				return false
			}
			return true
		},
	}
}

// development is the module of development mode, if that is what s says.
func (p *Process) development(s Settings) []app.Constructor {
	if !s.Dev {
		return nil
	}
	return []app.Constructor{func(ctx context.Context, core app.Core) (_ app.Module, err error) {
		p.known, err = view.Open(ctx, core.Views, knownView())
		return app.Module{Name: "development", Folders: []view.Folder{p.known}}, err
	}}
}

// people is the directory of the development issuer: whom a part of a name or a
// login finds, those with a role first.
func (p *Process) people(ctx context.Context, query string, limit int) []devissuer.Person {
	query = strings.ToLower(query)
	var found []devissuer.Person
	for after := ""; ; {
		page, err := p.known.Find(ctx, view.Query{Index: byPerson, After: after, Limit: maxSearched}, nil)
		if err != nil {
			p.log.Warn("people cannot be shown at the sign-in", "error", err)
			return nil
		}
		for _, d := range page.Items {
			if person, ok := p.candidate(ctx, d); ok && strings.Contains(strings.ToLower(person.Name+" "+person.Login), query) {
				found = append(found, person)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	slices.SortFunc(found, func(a, b devissuer.Person) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.Name+a.Login, b.Name+b.Login)
	})
	return found[:min(limit, len(found))]
}

// rank puts those first of whom there are few.
func rank(p devissuer.Person) int {
	for n, role := range []access.OrgRole{access.Administrator, access.Auditor, access.Coordinator, access.Ombudsperson} {
		if slices.Contains(p.Roles, string(role)) {
			return n
		}
	}
	if len(p.Roles) > 0 {
		return 10
	}
	return 20
}

// candidate is somebody as they are offered; only who may act is.
func (p *Process) candidate(ctx context.Context, d knownDoc) (devissuer.Person, bool) {
	core := p.App.Core
	who, _ := core.Access.Person(d.ID)
	if !who.Active {
		return devissuer.Person{}, false
	}
	o := core.Vault.Opener(ctx)
	name, login := o.Text(d.Name), o.Text(d.Email)
	if o.Err != nil || name == nil || login == nil {
		return devissuer.Person{}, false
	}
	person := devissuer.Person{Name: *name, Login: *login}
	for _, r := range who.Roles {
		person.Roles = append(person.Roles, string(r))
	}
	for _, r := range core.Access.CommunitiesOf(d.ID) {
		if r == access.Host {
			person.Roles = append(person.Roles, string(access.Host))
			break
		}
	}
	return person, true
}
