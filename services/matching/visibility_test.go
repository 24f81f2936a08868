package matching_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/services/matching"
)

// vaulted is a world with the closed community "den": host and mel are in it,
// out and eve are not. In it mel has answered a question about reactors.
func vaulted(t *testing.T) *bed {
	b := start(t, matching.Config{})
	for _, p := range []string{"host", "mel", "out", "eve", "gone"} {
		b.person(p, "unit-"+p)
	}
	b.community("den", "host", community.Closed)
	b.join("den", "mel", "member")
	b.raise("secret", "host", "Leaking reactor coolant under building nine", func(e *community.RequestRaised) { e.Community, e.Tags = "den", []string{"coolant"} })
	b.answer("secret", "host", "mel")
	return b
}

func TestClosedCommunity(t *testing.T) {
	b := vaulted(t)
	const text = "Leaking reactor coolant under building nine"
	t.Run("similar requests are found by members alone", func(t *testing.T) {
		b.expect("mel", b.similar("mel", text), "secret")
		for _, person := range []string{"out", "eve"} {
			b.expect(person, b.similar(person, text))
			var got struct{ Items []any }
			b.get(person, "/similar?community=den&text=coolant", &got)
			if len(got.Items) > 0 {
				t.Errorf("%s found %v", person, got.Items)
			}
		}
	})
	t.Run("a preview cannot be used to try texts on it", func(t *testing.T) {
		for _, draft := range []map[string]any{
			{"title": text}, {"title": text, "beyond": true}, {"title": "x", "body": text, "tags": []string{"coolant"}},
		} {
			if got := b.preview("out", draft); len(got) > 0 {
				t.Errorf("%v: found %+v", draft, got)
			}
		}
	})
	t.Run("nobody previews a request to a community in which they may not ask", func(t *testing.T) {
		r := b.Do("out", http.MethodPost, "/api/matching/preview", map[string]any{"kind": "problem", "title": text, "community": "den"})
		if r.Problem() != "forbidden" || strings.Contains(string(r.Body), "mel") {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
	})
	t.Run("a member's preview names the request", func(t *testing.T) {
		got := b.preview("host", map[string]any{"title": text, "community": "den"})
		if len(got) != 1 || got[0].Person != "mel" {
			t.Fatalf("got %+v", got)
		}
		if r := reasonOf(got[0].Reasons, "answered_similar"); r == nil || r.Request == nil || *r.Request != "secret" {
			t.Errorf("got %+v", got[0].Reasons)
		}
	})
	t.Run("nor can a request, by words or by tags", func(t *testing.T) {
		b.raise("probe", "out", text, func(e *community.RequestRaised) { e.Tags = []string{"coolant"} })
		if got := b.proposals("out", "probe"); got.Round != 1 || len(got.Items) > 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("who is proposed for another reason has none from it", func(t *testing.T) {
		b.profile("mel", nil, "Orchids")
		b.raise("mixed", "out", text+", and orchids", func(e *community.RequestRaised) { e.Tags = []string{"coolant"} })
		for _, reader := range []string{"out", "eve", "host", "mel"} {
			b.expect(reader+" reads", codes(b.proposals(reader, "mixed")), "mel: topic other_unit")
		}
		b.profile("mel", nil, "")
	})
	t.Run("those outside read no reason from it for a member's request", func(t *testing.T) {
		b.raise("public", "host", "Leaking coolant from a reactor of building nine", func(e *community.RequestRaised) { e.Tags = []string{"coolant"} })
		for reader, want := range map[string]string{
			"out": "mel: other_unit", "eve": "mel: other_unit",
			"host": "mel: answered_similar=secret tag=coolant helped_asker other_unit", "mel": "mel: answered_similar=secret tag=coolant helped_asker other_unit",
		} {
			b.expect(reader+" reads", codes(b.proposals(reader, "public")), want)
		}
	})
	t.Run("until there is an answer that everybody can see", func(t *testing.T) {
		b.raise("seen", "host", "Changing coolant of lathes", func(e *community.RequestRaised) { e.Tags = []string{"coolant"} })
		b.answer("seen", "host", "mel")
		b.expect("out reads", codes(b.proposals("out", "public")), "mel: tag=coolant other_unit")
		b.Append("host", request("seen"), community.RequestRetracted{})
		b.expect("out reads", codes(b.proposals("out", "public")), "mel: other_unit")
	})
	t.Run("its requests have neither proposals nor offers for those outside", func(t *testing.T) {
		for _, id := range []string{"secret", "nonsense"} {
			if r := b.Do("out", http.MethodGet, "/api/matching/requests/"+id+"/proposals", nil); r.Problem() != "not-found" {
				t.Errorf("proposals of %s: %d %s", id, r.Status, r.Body)
			}
			for _, answer := range []string{"can_help", "not_me"} {
				if r := b.offer("out", id, answer); r.Problem() != "not-found" {
					t.Errorf("%s for %s: %d %s", answer, id, r.Status, r.Body)
				}
			}
		}
	})
	t.Run("who leaves it sees of it what they did themselves", func(t *testing.T) {
		b.Append("mel", stream(membership.Context, membership.Membership, "den-mel"), membership.MembershipLeft{Tie: membership.Tie{Community: "den", Person: "mel"}})
		b.expect("mel", slices.Sorted(slices.Values(b.similar("mel", text))), "mixed", "probe", "public")
		b.expect("mel reads", codes(b.proposals("mel", "public")), "mel: answered_similar tag=coolant helped_asker other_unit")
	})
}

func TestRoutingBeyond(t *testing.T) {
	b := vaulted(t)
	b.profile("out", nil, "reactor coolant")
	b.profile("mel", nil, "reactor coolant")
	t.Run("a request in a closed community stays with its members", func(t *testing.T) {
		b.raise("inside", "host", "More reactor coolant", in("den"))
		b.expect("proposed", helpers(b.proposals("host", "inside")), "mel")
	})
	t.Run("unless its asker allows more", func(t *testing.T) {
		b.raise("beyond", "host", "More reactor coolant", func(e *community.RequestRaised) { e.Community, e.Beyond = "den", true })
		got := helpers(b.proposals("host", "beyond"))
		if !slices.Contains(got, "out") || !slices.Contains(got, "mel") {
			t.Errorf("proposed %q", got)
		}
		b.expect("what out can find", b.similar("out", "reactor coolant"), "beyond")
		b.expect("what eve can find", b.similar("eve", "reactor coolant"))
		if r := b.offer("out", "beyond", "can_help"); r.Status != http.StatusOK {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
		if r := b.offer("eve", "beyond", "can_help"); r.Problem() != "not-found" {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
		for reader, want := range map[string]bool{"host": true, "mel": true, "out": false} {
			if got := codes(b.proposals(reader, "beyond")); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, " community") }) != want {
				t.Errorf("%s reads %q about who is active in the community", reader, got)
			}
		}
	})
	t.Run("a preview asks the same people", func(t *testing.T) {
		for beyond, want := range map[bool]int{false: 1, true: 2} {
			if got := b.preview("host", map[string]any{"title": "More reactor coolant", "community": "den", "beyond": beyond}); len(got) != want {
				t.Errorf("beyond %v: %+v", beyond, got)
			}
		}
	})
}

func TestTopicsAreShownAsTheirOwnerWishes(t *testing.T) {
	visible := func(v string) func(*membership.ProfileChanged) {
		return func(e *membership.ProfileChanged) { e.Visibility = map[string]string{"can_help": v} }
	}
	b := vaulted(t)
	b.profile("mel", visible(membership.VisibleCommunities), "orchids")
	b.profile("eve", visible(membership.VisibleNobody), "orchids")
	t.Run("to those who share a community", func(t *testing.T) {
		if got := b.preview("host", map[string]any{"title": "orchids"}); len(got) != 1 || got[0].Person != "mel" {
			t.Errorf("host gets %+v", got)
		}
		if got := b.preview("out", map[string]any{"title": "orchids"}); len(got) != 0 {
			t.Errorf("out gets %+v", got)
		}
	})
	t.Run("also when others read the proposal", func(t *testing.T) {
		b.raise("q", "host", "orchids", nil)
		for reader, shown := range map[string]bool{"host": true, "mel": true, "out": false} {
			got := b.proposals(reader, "q").Items
			if len(got) != 1 || (reasonOf(got[0].Reasons, "topic") != nil) != shown {
				t.Errorf("%s sees %+v", reader, got)
			}
		}
	})
	t.Run("and not when they are hidden afterwards", func(t *testing.T) {
		b.profile("mel", visible(membership.VisibleNobody), "orchids")
		if got := b.proposals("host", "q").Items; reasonOf(got[0].Reasons, "topic") != nil {
			t.Errorf("host sees %+v", got)
		}
	})
}

func TestPreview(t *testing.T) {
	b := vaulted(t)
	b.profile("mel", nil, "orchids")
	b.profile("eve", func(e *membership.ProfileChanged) { e.Availability = "away" }, "orchids")
	b.profile("gone", nil, "orchids")
	b.Append("admin", stream(membership.Context, membership.Person, "gone"), membership.PersonDeactivated{})
	before, _ := b.App.Core.Events.Last(t.Context())
	got := b.preview("out", map[string]any{"title": "Growing orchids", "tags": []string{" Plants "}, "body": "They wilt"})
	if len(got) != 1 || got[0].Person != "mel" {
		t.Errorf("got %+v", got)
	}
	if after, _ := b.App.Core.Events.Last(t.Context()); after != before {
		t.Error("a preview is in the log")
	}
	t.Run("its tags are those that the request will have", func(t *testing.T) {
		b.raise("asked", "host", "Watering", func(e *community.RequestRaised) { e.Tags = []string{"house plants"} })
		b.answer("asked", "host", "mel")
		got := b.preview("out", map[string]any{"title": "Soil", "tags": []string{" House \t Plants"}})
		if len(got) != 1 || reasonOf(got[0].Reasons, "tag") == nil {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("the caller is never among the helpers", func(t *testing.T) {
		if got := b.preview("mel", map[string]any{"title": "Growing orchids"}); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

// Every route refuses who has no token or is not active, and takes what
// x-kith-roles lets through.
func TestPermissions(t *testing.T) {
	b := vaulted(t)
	b.raise("open", "out", "A question to everybody", nil)
	b.Append("admin", stream(membership.Context, membership.Person, "gone"), membership.PersonDeactivated{})
	for _, route := range []struct {
		method, path string
		body         any
		who          string // may
		other        string // active, and may not; "" if everybody may
		problem      string
	}{
		{http.MethodGet, "/similar?text=x", nil, "out", "", ""},
		{http.MethodPost, "/preview", map[string]any{"kind": "problem", "title": "x"}, "out", "", ""},
		{http.MethodPost, "/preview", map[string]any{"kind": "problem", "title": "x", "community": "den"}, "mel", "out", "forbidden"},
		{http.MethodGet, "/requests/open/proposals", nil, "eve", "", ""},
		{http.MethodGet, "/requests/secret/proposals", nil, "mel", "out", "not-found"},
		{http.MethodPost, "/requests/open/offer", map[string]any{"answer": "can_help"}, "eve", "out", "conflict"},
		{http.MethodGet, "/me/proposals", nil, "out", "", ""},
		{http.MethodGet, "/me/preferences", nil, "out", "", ""},
		{http.MethodGet, "/me/communities/suggested", nil, "out", "", ""},
		{http.MethodPost, "/me/communities/suggested/den/dismiss", nil, "out", "", ""},
		{http.MethodGet, "/communities/den/links/suggested", nil, "host", "mel", "forbidden"},
		{http.MethodPost, "/communities/den/links/suggested/den/dismiss", nil, "host", "mel", "forbidden"},
		{http.MethodGet, "/communities/den/split/suggested", nil, "host", "out", "forbidden"},
		{http.MethodPost, "/communities/den/split/suggested/dismiss", nil, "host", "mel", "forbidden"},
	} {
		t.Run(route.method+" "+route.path, func(t *testing.T) {
			path := "/api/matching" + route.path
			if r := b.Do("", route.method, path, route.body); r.Problem() != "unauthenticated" {
				t.Errorf("without a token: %d %s", r.Status, r.Body)
			}
			if r := b.Do("gone", route.method, path, route.body); r.Status != http.StatusForbidden {
				t.Errorf("deactivated: %d %s", r.Status, r.Body)
			}
			if r := b.Do(route.who, route.method, path, route.body); r.Status != http.StatusOK {
				t.Errorf("%s: %d %s", route.who, r.Status, r.Body)
			}
			if route.other == "" {
				return
			}
			if r := b.Do(route.other, route.method, path, route.body); r.Problem() != route.problem {
				t.Errorf("%s: %d %s", route.other, r.Status, r.Body)
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	b := vaulted(t)
	for name, c := range map[string]struct {
		method, path string
		body         any
		field        string
	}{
		"no text":              {http.MethodGet, "/similar", nil, "text"},
		"too long a text":      {http.MethodGet, "/similar?text=" + strings.Repeat("x", 2001), nil, "text"},
		"too many wanted":      {http.MethodGet, "/similar?text=x&at_most=51", nil, "at_most"},
		"an unknown kind":      {http.MethodPost, "/preview", map[string]any{"kind": "order", "title": "x"}, "kind"},
		"no title":             {http.MethodPost, "/preview", map[string]any{"kind": "problem"}, "title"},
		"an unknown field":     {http.MethodPost, "/preview", map[string]any{"kind": "problem", "title": "x", "grade": 3}, "grade"},
		"an unknown answer":    {http.MethodPost, "/requests/secret/offer", map[string]any{"answer": "perhaps"}, "answer"},
		"somebody else's page": {http.MethodGet, "/me/proposals?cursor=bm9uc2Vuc2U", nil, "cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.Do("mel", c.method, "/api/matching"+c.path, c.body)
			if r.Problem() != "invalid" || !strings.Contains(string(r.Body), `"`+c.field+`"`) {
				t.Errorf("answered %d %s", r.Status, r.Body)
			}
		})
	}
	t.Run("a text without a word finds nothing", func(t *testing.T) {
		b.expect("found", b.similar("mel", "?!… and the"))
	})
}

func TestPagesOfProposals(t *testing.T) {
	b := start(t, matching.Config{Cap: 10})
	b.person("ada", "u1")
	b.person("ben", "u2")
	b.profile("ben", nil, "orchids")
	for i := range 5 {
		b.raise(numbered("q", i), "ada", "orchids", nil)
	}
	var got []string
	cursor := ""
	for range 5 {
		var page struct {
			Items []struct{ Request string }
			Next  string
		}
		b.get("ben", "/me/proposals?limit=2"+cursor, &page)
		for _, one := range page.Items {
			got = append(got, one.Request)
		}
		if page.Next == "" {
			break
		}
		cursor = "&cursor=" + page.Next
	}
	slices.Sort(got)
	b.expect("on all pages", got, "q0", "q1", "q2", "q3", "q4")
	b.Append("ada", request("q1"), community.RequestUnresolved{Reason: sealed.New("ada", sealed.Content, "no")})
	var page struct{ Items []any }
	b.get("ben", "/me/proposals", &page)
	if len(page.Items) != 4 {
		t.Errorf("%d wait", len(page.Items))
	}
}
