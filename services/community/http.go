package community

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// written is what person has written, without space around it; blank is absent.
func written(person, s string) sealed.Text {
	return sealed.New(person, sealed.Content, strings.TrimSpace(s))
}

// person refers to somebody; who has been erased is a former member.
func (s *service) person(id string) api.PersonRef {
	p, _ := s.core.Access.Person(id)
	return api.PersonRef{Id: id, Former: rest.Optional(p.Erased)}
}

// lookUp returns the documents of the ids in the body that may be seen, each
// once, in the order of the ids.
func lookUp[D any](c echo.Context, v *view.View[D], sees func(id string) bool) ([]D, error) {
	var in api.Ids
	if err := rest.Decode(c, &in); err != nil {
		return nil, err
	}
	var found []D
	asked := make(map[string]bool, len(in.Ids))
	for _, id := range in.Ids {
		if asked[id] || !sees(id) {
			continue
		}
		asked[id] = true
		d, ok, err := v.Get(c.Request().Context(), id)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, d)
		}
	}
	return found, nil
}

// done answers a command that created nothing, or is its error.
func done(c echo.Context, seq uint64, err error) error {
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// reads returns an error unless the caller may read the community's content.
func (s *service) reads(c echo.Context, community string) error {
	return s.core.Access.May(rest.Caller(c), access.ReadContent, community)
}

// notEnded returns Conflict for a community that is closed for good.
func (s *service) notEnded(community string) error {
	if community == "" {
		return nil
	}
	if c, ok := s.core.Access.Community(community); ok && nextStates(c.State) == nil {
		return ended()
	}
	return nil
}

// active returns Forbidden for people who have left or were deactivated.
func (s *service) active(person string) error {
	if s.core.Access.Active(person) {
		return nil
	}
	return fault.New(fault.Forbidden, "Only active people of the organisation may do this.")
}
