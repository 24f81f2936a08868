package membership

import (
	"context"
	"strings"

	"kith/api/events/membership"
	api "kith/api/openapi/membershipapi"
	"kith/api/sealed"
	"kith/pkg/vault"
)

// opener opens the texts of one answer and keeps the first error.
type opener struct {
	ctx    context.Context
	vault  *vault.Vault
	erased bool // some text's key was destroyed
	err    error
}

// text returns the opened text, nil if there is none or its key was destroyed.
func (o *opener) text(t sealed.Text) *string {
	if o.err != nil || t.IsZero() {
		return nil
	}
	plain, ok, err := o.vault.Reveal(o.ctx, t)
	if err != nil {
		o.err = err
		return nil
	}
	if !ok {
		o.erased = true
		return nil
	}
	return &plain
}

// lines is text as a list of its lines.
func (o *opener) lines(t sealed.Text) []string {
	plain := o.text(t)
	if plain == nil {
		return nil
	}
	return strings.Split(*plain, "\n")
}

// profile opens the fields of p that are seen.
func (o *opener) profile(p profileDoc, seen func(field string) bool) *api.SeenProfile {
	out := &api.SeenProfile{}
	if seen("can_help") {
		out.CanHelp = o.lines(p.CanHelp)
	}
	if seen("want_to_learn") {
		out.WantToLearn = o.lines(p.WantToLearn)
	}
	if seen("about") {
		out.About = o.text(p.About)
	}
	if seen("languages") {
		out.Languages = p.Languages
	}
	if seen("availability") && p.Availability != "" {
		a := api.Availability(p.Availability)
		out.Availability = &a
	}
	return out
}

// seenBy says which fields of a person's profile viewer sees.
func (s *service) seenBy(d personDoc, viewer string) func(field string) bool {
	return func(field string) bool {
		switch {
		case d.ID == viewer:
			return true
		case d.Profile.Visibility[field] == membership.VisibleNobody:
			return false
		case d.Profile.Visibility[field] == membership.VisibleCommunities:
			return s.core.Access.Share(d.ID, viewer)
		}
		return true
	}
}

func showVisibility(v map[string]string) *api.ProfileVisibility {
	of := func(field string) *api.Visibility {
		if v[field] == "" {
			return nil
		}
		x := api.Visibility(v[field])
		return &x
	}
	return &api.ProfileVisibility{
		Email: of("email"), CanHelp: of("can_help"), WantToLearn: of("want_to_learn"),
		About: of("about"), Languages: of("languages"), Availability: of("availability"),
	}
}

func readVisibility(in *api.ProfileVisibility) map[string]string {
	if in == nil {
		return nil
	}
	out := map[string]string{}
	for field, v := range map[string]*api.Visibility{
		"email": in.Email, "can_help": in.CanHelp, "want_to_learn": in.WantToLearn,
		"about": in.About, "languages": in.Languages, "availability": in.Availability,
	} {
		if v != nil && *v != membership.VisibleOrganisation {
			out[field] = string(*v)
		}
	}
	return out
}
