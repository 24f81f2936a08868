package matching

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/matchingapi"
	"kith/pkg/access"
	"kith/pkg/rest"
	"kith/pkg/text/tidy"
)

const similarByDefault = 10

// SimilarRequests answers earlier requests that resemble a text, of those that
// the caller may see.
func (s *service) SimilarRequests(c echo.Context, in api.SimilarRequestsParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	limit := similarByDefault
	if in.AtMost != nil {
		limit = *in.AtMost
	}
	hits, err := s.index.similar(ctx, typing{rest.Value(in.Title), in.Text, rest.Value(in.Language), rest.Value(in.Community)}, limit, s.sees(person))
	if err != nil {
		return err
	}
	out := api.SimilarRequests{Items: []api.SimilarRequest{}}
	for _, hit := range hits {
		text, ok, err := s.core.Vault.Reveal(ctx, hit.Text)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		q, _ := s.core.Access.Request(hit.Request)
		asker, _ := s.core.Access.Person(q.Asker)
		out.Items = append(out.Items, api.SimilarRequest{
			Request: hit.Request, Title: text, Score: float32(hit.Score), Community: rest.Optional(q.Community),
			Kind: api.RequestKind(hit.Kind), State: api.SimilarRequestState(hit.State),
			Asker: q.Asker, Former: rest.Optional(asker.Erased), Created: hit.Created, Responses: hit.responses,
		})
	}
	return c.JSON(http.StatusOK, out)
}

// PreviewHelpers answers who would be proposed for a request that has not been
// raised yet.
func (s *service) PreviewHelpers(c echo.Context, _ api.PreviewHelpersParams) error {
	var in api.Draft
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	d := draft{
		asker: rest.Caller(c), community: rest.Value(in.Community), kind: string(in.Kind), title: in.Title,
		body: rest.Value(in.Body), language: rest.Value(in.Language), beyond: rest.Value(in.Beyond), tags: tidy.Tags(in.Tags),
	}
	// The draft is judged as the request would be.
	action := access.AskCommunity
	if d.community == "" {
		action = access.AskEverybody
	}
	if err := s.core.Access.May(d.asker, action, d.community); err != nil {
		return err
	}
	chosen, err := s.forDraft(c.Request().Context(), d)
	if err != nil {
		return err
	}
	out := api.Preview{Items: []api.PreviewedHelper{}}
	for _, one := range chosen {
		out.Items = append(out.Items, api.PreviewedHelper{Person: one.Person, Reasons: shownReasons(one.reasons)})
	}
	return c.JSON(http.StatusOK, out)
}
