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
