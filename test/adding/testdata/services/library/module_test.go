package library_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"kith/api/events"
	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/libraryapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/library"
)

// shelf is the service in a running process, with the communities "open" and
// "closed": ada is host of both, ben a member; cyd is in neither.
type shelf struct {
	*apptest.System
	t *testing.T
}

func start(t *testing.T, cfg library.Config) shelf {
	t.Helper()
	var types []es.Option
	for _, e := range events.All() {
		types = append(types, es.Proto(e.Event))
	}
	s := shelf{t: t, System: apptest.Start(t, es.NewCodec(types...), func(ctx context.Context, core app.Core) (app.Module, error) {
		return library.New(ctx, core, cfg)
	})}
	for _, p := range []string{"ada", "ben", "cyd"} {
		if err := s.App.Core.Vault.Create(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		s.Append("admin", stream(membership.Context, membership.Person, p),
			membership.PersonRegistered{Name: sealed.New(p, sealed.Identity, "Name of "+p), Unit: "u", Language: "en"})
	}
	for _, c := range []string{community.Open, community.Closed} {
		s.Append("ada", stream(community.Context, community.Community, c), community.CommunityFounded{Founder: "ada",
			Settings: community.Settings{Name: c, Kind: "community", Visibility: c, Joining: community.JoinOpen, Language: "en"}})
		s.Append("ben", stream(membership.Context, membership.Membership, es.ID(c, "ben")),
			membership.MembershipJoined{Tie: membership.Tie{Community: c, Person: "ben"}, Via: membership.ViaOpen, Role: "member"})
	}
	return s
}

func stream(context, aggregate, id string) es.Stream {
	return es.Stream{Context: context, Aggregate: aggregate, ID: id}
}

// record returns the id of what person recorded in a community.
func (s shelf) record(person, in, title string) string {
	s.t.Helper()
	var out api.Created
	s.read(s.Must(http.StatusCreated, person, http.MethodPost, "/api/library/communities/"+in+"/practices",
		map[string]string{"title": title, "text": "Ask early."}), &out)
	return out.Id
}

// list is what reader sees of a community.
func (s shelf) list(reader, of string) []api.Practice {
	s.t.Helper()
	var page api.PracticePage
	s.read(s.Must(http.StatusOK, reader, http.MethodGet, "/api/library/communities/"+of+"/practices", nil), &page)
	return page.Items
}

func (s shelf) read(r apptest.Response, out any) {
	s.t.Helper()
	if err := r.JSON(out); err != nil {
		s.t.Fatal(err)
	}
}

// resolve has ada ask in a community ("": everybody), and accept what ben says.
func (s shelf) resolve(request, in string) {
	s.t.Helper()
	q := stream(community.Context, community.Request, request)
	s.Append("ada", q, community.RequestRaised{Community: in, Asker: "ada", Kind: community.Problem, Title: sealed.New("ada", sealed.Content, "How?"), Language: "en"})
	s.Append("ben", q, community.RequestResponded{Response: "r-" + request, Author: "ben", Body: sealed.New("ben", sealed.Content, "Like this.")})
	s.Append("ada", q, community.ResponseAccepted{Response: "r-" + request, Author: "ben", Resolves: true})
}

func (s shelf) alive() {
	s.t.Helper()
	if dead := s.Dead(); len(dead) > 0 {
		s.t.Errorf("the reactor gave up: %v", dead)
	}
}

func TestRecording(t *testing.T) {
	s := start(t, library.Config{})
	for _, in := range []string{community.Open, community.Closed} {
		t.Run("a member records in a community that is "+in, func(t *testing.T) {
			id := s.record("ben", in, " Clauses ")
			got := s.list("ada", in)
			if len(got) != 1 || got[0].Id != id || *got[0].Title != "Clauses" || *got[0].Text != "Ask early." || got[0].Author.Id != "ben" {
				t.Errorf("listed is %+v", got)
			}
		})
		t.Run("nobody else does so in a community that is "+in, func(t *testing.T) {
			r := s.Do("cyd", http.MethodPost, "/api/library/communities/"+in+"/practices", map[string]string{"title": "x", "text": "y"})
			if r.Problem() != "forbidden" {
				t.Errorf("answered %d %s", r.Status, r.Body)
			}
		})
	}
	t.Run("a practice without words is refused", func(t *testing.T) {
		r := s.Do("ben", http.MethodPost, "/api/library/communities/open/practices", map[string]string{"title": " ", "text": "y"})
		if r.Problem() != "invalid" || !strings.Contains(string(r.Body), "title") {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
	})
	t.Run("what an open community has learned everybody reads", func(t *testing.T) {
		if got := s.list("cyd", community.Open); len(got) != 1 {
			t.Errorf("listed is %+v", got)
		}
	})
	t.Run("what a closed one has learned only members read", func(t *testing.T) {
		hidden := "/api/library/practices/" + s.list("ada", community.Closed)[0].Id
		s.Must(http.StatusOK, "ada", http.MethodGet, hidden, nil)
		one, none := s.Do("cyd", http.MethodGet, hidden, nil), s.Do("cyd", http.MethodGet, "/api/library/practices/none", nil)
		if one.Status != http.StatusNotFound || one.Problem() != none.Problem() {
			t.Errorf("answered %d %s, and for none %d", one.Status, one.Body, none.Status)
		}
		s.Must(http.StatusForbidden, "cyd", http.MethodGet, "/api/library/communities/closed/practices", nil)
	})
	t.Run("an author who takes their texts along leaves the practice without words", func(t *testing.T) {
		if err := s.App.Core.Vault.Shred(t.Context(), "ben", sealed.Content, "erasure"); err != nil {
			t.Fatal(err)
		}
		s.Append("ben", stream(membership.Context, membership.Person, "ben"), membership.PersonErased{Texts: true})
		got := s.list("ada", community.Open)
		if len(got) != 1 || got[0].Title != nil || got[0].Text != nil || got[0].Author.Former == nil {
			t.Errorf("listed is %+v", got)
		}
	})
	s.alive()
}

func TestKeeping(t *testing.T) {
	for _, c := range []struct {
		name, request, in string
		cfg               library.Config
		kept              int
	}{
		{"what resolved a request of a community is kept", "q", community.Closed, library.Config{}, 1},
		{"what resolved a request to everybody is not", "q", "", library.Config{}, 0},
		{"nothing is where it was switched off", "q", community.Closed, library.Config{NoKeeping: true}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.cfg)
			s.resolve(c.request, c.in)
			got := s.list("ada", community.Closed)
			if len(got) != c.kept {
				t.Fatalf("kept is %+v", got)
			}
			for _, p := range got {
				if *p.Request != "q" || *p.Response != "r-q" || p.Author.Id != "ben" || p.Title != nil {
					t.Errorf("kept is %+v", p)
				}
			}
			s.alive()
		})
	}
}
