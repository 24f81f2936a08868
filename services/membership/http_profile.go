package membership

import (
	"strings"

	events "kith/api/events/membership"
	api "kith/api/openapi/membershipapi"
	"kith/api/sealed"
	"kith/pkg/rest"
	"kith/pkg/vault"
)

// showProfile opens the fields of p that are seen.
func showProfile(o *vault.Opener, p profileDoc, seen func(field string) bool) *api.SeenProfile {
	out := &api.SeenProfile{}
	if seen("can_help") {
		out.CanHelp = linesOf(o, p.CanHelp)
	}
	if seen("want_to_learn") {
		out.WantToLearn = linesOf(o, p.WantToLearn)
	}
	if seen("about") {
		out.About = o.Text(p.About)
	}
	if seen("languages") {
		out.Languages = p.Languages
	}
	if seen("availability") {
		out.Availability = rest.Optional(api.Availability(p.Availability))
	}
	return out
}

// linesOf is a text as a list of its lines.
func linesOf(o *vault.Opener, t sealed.Text) []string {
	plain := o.Text(t)
	if plain == nil {
		return nil
	}
	return strings.Split(*plain, "\n")
}

// seenBy says which fields of a person's profile viewer sees.
func (s *service) seenBy(d personDoc, viewer string) func(field string) bool {
	return func(field string) bool {
		switch {
		case d.ID == viewer:
			return true
		case d.Profile.Visibility[field] == events.VisibleNobody:
			return false
		case d.Profile.Visibility[field] == events.VisibleCommunities:
			return s.core.Access.Share(d.ID, viewer)
		}
		return true
	}
}

func showVisibility(v map[string]string) *api.ProfileVisibility {
	of := func(field string) *api.Visibility { return rest.Optional(api.Visibility(v[field])) }
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
		if v != nil && *v != events.VisibleOrganisation {
			out[field] = string(*v)
		}
	}
	return out
}
