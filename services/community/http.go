package community

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/communityapi"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// handlers implements the generated server interface.
//
// Permission is judged inside of decisions, so that a command that is repeated
// after its answer was lost has the same answer, whatever has changed since.
type handlers struct {
	core        app.Core
	cfg         Config
	communities *es.Repo[commons]
	charters    *es.Repo[charter]
	requests    *es.Repo[request]

	directory     *view.View[communityDoc]
	charterTexts  *view.View[charterDoc]
	list          *view.View[requestDoc]
	conversations *view.View[conversationDoc]
	timeline      *view.View[timelineDoc]
	similar       *similarity
	cursors       cursors
}

// meta is what the event of the command of c carries, with the position at
// which permission is judged.
func (h *handlers) meta(c echo.Context) (es.Meta, error) {
	m, err := rest.MetaOf(c)
	m.Access = h.core.Access.Position()
	return m, err
}

func caller(c echo.Context) string { return rest.PrincipalOf(c).Person }

// written is what person has written, without space around it; blank is absent.
func written(person, s string) sealed.Text {
	return sealed.New(person, sealed.Content, strings.TrimSpace(s))
}

func orEmpty[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// reveal opens a text; nil where there is none or its owner took the key along.
func (h *handlers) reveal(ctx context.Context, t sealed.Text) (*string, error) {
	s, ok, err := h.core.Vault.Reveal(ctx, t)
	if err != nil || !ok {
		return nil, err
	}
	return &s, nil
}

// revealing opens texts one after the other and keeps the first error.
type revealing struct {
	h   *handlers
	ctx context.Context
	err error
}

func (r *revealing) text(t sealed.Text) *string {
	if r.err != nil {
		return nil
	}
	var s *string
	s, r.err = r.h.reveal(r.ctx, t)
	return s
}

// person refers to somebody; who has been erased is a former member.
func (h *handlers) person(id string) api.PersonRef {
	p, _ := h.core.Access.Person(id)
	return api.PersonRef{Id: id, Former: orNil(p.Erased)}
}

// page reads limit and cursor of a list.
func (h *handlers) page(c echo.Context, list string, q *view.Query) error {
	p, err := rest.PageOf(c)
	if err != nil {
		return err
	}
	q.Limit = p.Limit
	q.After, err = h.cursors.show(caller(c), list, p)
	return err
}

// next is the cursor of the following page for the caller, nil if there is none.
func (h *handlers) next(c echo.Context, list, cursor string) (*string, error) {
	s, err := h.cursors.hide(caller(c), list, cursor)
	return orNil(s), err
}

// created answers a command that created something.
func created(c echo.Context, seq uint64, id string) error {
	return rest.Done(c, seq, http.StatusCreated, api.Created{Id: id, Seq: seq})
}

func done(c echo.Context, seq uint64) error {
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}

// reads returns an error unless the caller may read the community's content.
func (h *handlers) reads(c echo.Context, community string) error {
	return h.core.Access.May(caller(c), access.ReadContent, community)
}

// notEnded returns Conflict for a community that is closed for good.
func (h *handlers) notEnded(community string) error {
	if community == "" {
		return nil
	}
	if c, ok := h.core.Access.Community(community); ok && nextStates(c.State) == nil {
		return ended()
	}
	return nil
}

// active returns Forbidden for people who have left or were deactivated.
func (h *handlers) active(person string) error {
	if h.core.Access.Active(person) {
		return nil
	}
	return fault.New(fault.Forbidden, "Only active people of the organisation may do this.")
}
