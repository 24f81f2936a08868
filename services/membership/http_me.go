package membership

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// GetMe answers GET /me.
func (s *service) GetMe(c echo.Context, _ api.GetMeParams) error {
	d, err := s.self(c)
	if err != nil {
		return err
	}
	shown, err := s.showPerson(c.Request().Context(), d, d.ID, false)
	if err != nil {
		return err
	}
	out := api.Me{Person: shown, Communities: []api.MyCommunity{}, Settings: api.Settings{Language: d.speaks()}}
	for id, role := range s.core.Access.CommunitiesOf(d.ID) {
		community, _ := s.core.Access.Community(id)
		out.Communities = append(out.Communities, api.MyCommunity{Community: id, Name: community.Name, Role: api.CommunityRole(role)})
	}
	slices.SortFunc(out.Communities, func(a, b api.MyCommunity) int { return strings.Compare(a.Community, b.Community) })
	return c.JSON(http.StatusOK, out)
}

// GetMyProfile answers GET /me/profile.
func (s *service) GetMyProfile(c echo.Context, _ api.GetMyProfileParams) error {
	d, err := s.self(c)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	p := showProfile(o, d.Profile, func(string) bool { return true })
	if o.Err != nil {
		return o.Err
	}
	out := api.Profile{
		About: p.About, CanHelp: p.CanHelp, WantToLearn: p.WantToLearn, Languages: p.Languages,
		Availability: api.AvailabilityAvailable, Visibility: showVisibility(d.Profile.Visibility),
	}
	if p.Availability != nil {
		out.Availability = *p.Availability
	}
	rest.SetETag(c, d.Version)
	return c.JSON(http.StatusOK, out)
}

// ChangeMyProfile answers PUT /me/profile.
func (s *service) ChangeMyProfile(c echo.Context, _ api.ChangeMyProfileParams) error {
	var in api.Profile
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	for _, tag := range in.Languages {
		if reason := wrongLanguage(tag); reason != "" {
			return fault.InvalidField("languages", reason)
		}
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	return s.execute(c, m.Actor, m, func(p person) (es.Event, error) {
		return p.ChangeProfile(m.Actor, version, profile{
			canHelp: strings.Join(in.CanHelp, "\n"), wantToLearn: strings.Join(in.WantToLearn, "\n"), about: rest.Value(in.About),
			languages: in.Languages, availability: string(in.Availability), visibility: readVisibility(in.Visibility),
		})
	})
}

// ChangeMySettings answers PUT /me/settings.
func (s *service) ChangeMySettings(c echo.Context, _ api.ChangeMySettingsParams) error {
	var in api.Settings
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	if reason := wrongLanguage(in.Language); reason != "" {
		return fault.InvalidField("language", reason)
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	return s.execute(c, m.Actor, m, func(p person) (es.Event, error) { return p.ChooseLanguage(in.Language) })
}

// EraseMe answers POST /me/erase.
func (s *service) EraseMe(c echo.Context, _ api.EraseMeParams) error {
	var in api.Erasure
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	return s.execute(c, m.Actor, m, func(p person) (es.Event, error) { return p.Erase(in.Texts) })
}

// self is the caller's document.
func (s *service) self(c echo.Context) (personDoc, error) {
	d, ok, err := s.people.Get(c.Request().Context(), rest.Caller(c))
	if err == nil && !ok {
		err = unknownPerson()
	}
	return d, err
}

// ListMyMemberships answers GET /me/memberships.
func (s *service) ListMyMemberships(c echo.Context, _ api.ListMyMembershipsParams) error {
	page, next, err := app.Find(c, s.tied, view.Query{Index: "person", Equal: []any{rest.Caller(c)}}, nil)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.Membership, len(page))
	for i, d := range page {
		items[i] = s.showMembership(o, d)
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}

func (s *service) showMembership(o *vault.Opener, d tieDoc) api.Membership {
	community, _ := s.core.Access.Community(d.Community)
	out := api.Membership{Community: d.Community, CommunityName: community.Name, Status: api.MembershipStatus(d.Status), Since: d.Since}
	if d.Status == statusMember {
		role, via := api.CommunityRole(d.Role), api.MembershipVia(d.Via)
		out.Role, out.Via = &role, &via
	}
	if d.Declined.By != "" {
		out.Declined = &api.Declined{By: d.Declined.By, At: d.Declined.At, Reason: o.Text(d.Declined.Reason)}
	}
	for _, p := range d.Past {
		out.Past = append(out.Past, api.PastMembership{
			Role: api.CommunityRole(p.Role), Since: p.Since, Until: p.Until, End: api.PastMembershipEnd(p.End),
			By: rest.Optional(p.By), Reason: o.Text(p.Reason),
		})
	}
	return out
}

// ListMyInvitations answers GET /me/invitations.
func (s *service) ListMyInvitations(c echo.Context, _ api.ListMyInvitationsParams) error {
	page, next, err := app.Find(c, s.tied, view.Query{Index: "invited", Equal: []any{rest.Caller(c), statusInvited}}, nil)
	if err != nil {
		return err
	}
	o := s.core.Vault.Opener(c.Request().Context())
	items := make([]api.MyInvitation, len(page))
	for i, d := range page {
		community, _ := s.core.Access.Community(d.Community)
		items[i] = api.MyInvitation{
			Community: d.Community, CommunityName: community.Name, By: d.By, ByName: s.name(d.By),
			Message: o.Text(d.Message), Invited: d.Since,
		}
	}
	if o.Err != nil {
		return o.Err
	}
	return c.JSON(http.StatusOK, rest.NewList(items, next))
}
