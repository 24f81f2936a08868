package matching_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"kith/api/events"
	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/matching"
)

// bed is the service in a running process, with people and what other
// services have brought about.
type bed struct {
	*apptest.System
	t *testing.T
}

func start(t *testing.T, cfg matching.Config) *bed {
	t.Helper()
	return &bed{t: t, System: apptest.Start(t, codec(), func(ctx context.Context, core app.Core) (app.Module, error) {
		return matching.New(ctx, core, cfg)
	})}
}

func codec() *es.Codec {
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(types...)
}

func (b *bed) person(id, unit string) {
	b.t.Helper()
	if err := b.App.Core.Vault.Create(b.t.Context(), id); err != nil {
		b.t.Fatal(err)
	}
	b.Append("admin", stream(membership.Context, membership.Person, id),
		membership.PersonRegistered{Name: sealed.New(id, sealed.Identity, "Name of "+id), Unit: unit, Language: "en"})
}

func (b *bed) profile(id string, change func(*membership.ProfileChanged), topics string) {
	b.t.Helper()
	e := membership.ProfileChanged{CanHelp: sealed.New(id, sealed.Identity, topics), Availability: "available"}
	if change != nil {
		change(&e)
	}
	b.Append(id, stream(membership.Context, membership.Person, id), e)
}

func (b *bed) community(id, host, visibility string) {
	b.t.Helper()
	b.Append(host, stream(community.Context, community.Community, id), community.CommunityFounded{Founder: host, Settings: community.Settings{
		Name: id, Kind: "community", Visibility: visibility, Joining: community.JoinOpen, Language: "en"}})
	b.join(id, host, "host")
}

func (b *bed) join(communityID, person, role string) {
	b.t.Helper()
	b.Append(person, stream(membership.Context, membership.Membership, es.ID(communityID, person)),
		membership.MembershipJoined{Tie: membership.Tie{Community: communityID, Person: person}, Via: membership.ViaOpen, Role: role})
}

// raise asks for help; change may be nil.
func (b *bed) raise(id, asker, title string, change func(*community.RequestRaised)) {
	b.t.Helper()
	e := community.RequestRaised{Asker: asker, Kind: community.Problem, Title: sealed.New(asker, sealed.Content, title),
		Tried: sealed.New(asker, sealed.Content, "nothing yet"), Language: "en"}
	if change != nil {
		change(&e)
	}
	b.Append(asker, request(id), e)
}

func in(communityID string) func(*community.RequestRaised) {
	return func(e *community.RequestRaised) { e.Community = communityID }
}

// answer responds to a request and has it accepted.
func (b *bed) answer(id, asker, author string) {
	b.t.Helper()
	b.Append(author, request(id), community.RequestResponded{Response: "r-" + author, Author: author, Body: sealed.New(author, sealed.Content, "Do it like this.")})
	b.Append(asker, request(id), community.ResponseAccepted{Response: "r-" + author, Author: author, Resolves: true})
}

func stream(context, aggregate, id string) es.Stream {
	return es.Stream{Context: context, Aggregate: aggregate, ID: id}
}

func request(id string) es.Stream { return stream(community.Context, community.Request, id) }

// proposals are those that reader sees.
func (b *bed) proposals(reader, id string) api.Proposals {
	b.t.Helper()
	var out api.Proposals
	b.get(reader, "/requests/"+id+"/proposals", &out)
	return out
}

func (b *bed) get(reader, path string, out any) {
	b.t.Helper()
	if err := b.Must(http.StatusOK, reader, http.MethodGet, "/api/matching"+path, nil).JSON(out); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) similar(reader, text string) []string {
	b.t.Helper()
	var out api.SimilarRequests
	b.get(reader, "/similar?text="+url.QueryEscape(text), &out)
	var ids []string
	for _, one := range out.Items {
		ids = append(ids, one.Request)
	}
	return ids
}

func (b *bed) preview(asker string, draft map[string]any) []api.PreviewedHelper {
	b.t.Helper()
	if draft["kind"] == nil {
		draft["kind"] = "problem"
	}
	var out api.Preview
	if err := b.Must(http.StatusOK, asker, http.MethodPost, "/api/matching/preview", draft).JSON(&out); err != nil {
		b.t.Fatal(err)
	}
	return out.Items
}

func (b *bed) offer(person, id, answer string) apptest.Response {
	b.t.Helper()
	return b.Do(person, http.MethodPost, "/api/matching/requests/"+id+"/offer", map[string]any{"answer": answer})
}

func helpers(p api.Proposals) []string {
	var out []string
	for _, h := range p.Items {
		out = append(out, h.Person)
	}
	return out
}

// codes are the helpers with the reasons that the reader got.
func codes(p api.Proposals) []string {
	var out []string
	for _, h := range p.Items {
		line := h.Person + ":"
		for _, r := range h.Reasons {
			line += " " + string(r.Code)
			for _, of := range []*string{r.Request, r.Tag} {
				if of != nil {
					line += "=" + *of
				}
			}
		}
		out = append(out, line)
	}
	return out
}

func (b *bed) expect(what string, got []string, want ...string) {
	b.t.Helper()
	if !slices.Equal(got, want) {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (b *bed) alive() {
	b.t.Helper()
	if dead := b.Dead(); len(dead) > 0 {
		b.t.Errorf("the router gave up: %v", dead)
	}
}

func reasonOf(list []api.Reason, code api.ReasonCode) *api.Reason {
	for i := range list {
		if list[i].Code == code {
			return &list[i]
		}
	}
	return nil
}

func numbered(prefix string, n int) string { return fmt.Sprint(prefix, n) }
