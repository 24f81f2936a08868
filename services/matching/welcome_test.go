package matching_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"kith/api/events/community"
	matched "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/pkg/es"
	"kith/services/matching"
)

// volunteer makes somebody a member who is willing to be a buddy.
func (b *bed) volunteer(person, unit, communityID string, limit int) {
	b.t.Helper()
	b.person(person, unit)
	b.join(communityID, person, "member")
	b.wish(person, matched.MeetingPreferencesChanged{BuddyCommunities: []string{communityID}, BuddyCap: limit})
}

func (b *bed) buddies(person string) []api.Buddy {
	b.t.Helper()
	var page api.BuddyPage
	b.get(person, "/me/buddies", &page)
	// Volunteers are newcomers too when they join; that is not what is looked at.
	return slices.DeleteFunc(page.Items, func(one api.Buddy) bool { return one.Newcomer == person && volunteers[person] })
}

var volunteers = map[string]bool{"ben": true, "cyd": true}

// buddiesFor are the people who were suggested to a newcomer who joins.
func (b *bed) buddiesFor(newcomer, communityID string) []string {
	b.t.Helper()
	b.join(communityID, newcomer, "member")
	for _, one := range b.buddies(newcomer) {
		if one.Community == communityID {
			var out []string
			for _, s := range one.Suggested {
				out = append(out, s.Person)
			}
			return out
		}
	}
	return nil
}

func (b *bed) onBuddy(want int, person, communityID, newcomer, act string, body any) {
	b.t.Helper()
	b.Must(want, person, http.MethodPost, "/api/matching/buddies/"+es.ID(communityID, newcomer)+"/"+act, body)
}

func welcoming(t *testing.T) *bed {
	b := start(t, matching.Config{RoundsByHand: true})
	b.person("hal", "unit-h")
	b.community("circle", "hal", community.Closed)
	b.person("new", "unit-a")
	return b
}

func TestABuddyIsFound(t *testing.T) {
	t.Parallel()
	b := welcoming(t)
	b.volunteer("ben", "unit-b", "circle", 1)
	b.volunteer("cyd", "unit-a", "circle", 2)
	b.person("dan", "unit-d") // a member who has not asked to be a buddy
	b.join("circle", "dan", "member")
	b.learn("new", "", "Contract law", nil)
	b.learn("cyd", "Contract law", "", nil)
	b.expect("suggested", b.buddiesFor("new", "circle"), "ben", "cyd")

	mine := b.buddies("new")[0]
	var codes []string
	for _, r := range mine.Suggested[1].Reasons {
		codes = append(codes, string(r.Code))
	}
	b.expect("reasons for cyd", codes, "helps", "is_available")
	b.learn("cyd", "Contract law", "", func(e *membership.ProfileChanged) {
		e.Visibility = map[string]string{"availability": membership.VisibleNobody, "can_help": membership.VisibleNobody}
	})
	if got := b.buddies("new")[0].Suggested[1].Reasons; len(got) != 0 {
		t.Errorf("new reads what cyd hides: %+v", got)
	}
	if mine.State != "suggested" || len(b.buddies("ben")) != 0 {
		t.Errorf("%+v; ben sees %+v", mine, b.buddies("ben"))
	}

	// The newcomer chooses, is refused, and chooses another one.
	b.onBuddy(404, "hal", "circle", "new", "choose", map[string]any{"person": "ben"})
	b.onBuddy(422, "new", "circle", "new", "choose", map[string]any{})
	b.onBuddy(422, "new", "circle", "new", "choose", map[string]any{"person": "dan"})
	b.onBuddy(200, "new", "circle", "new", "choose", map[string]any{"person": "ben"})
	b.onBuddy(404, "cyd", "circle", "new", "answer", map[string]any{"answer": "agree"})
	if got := b.buddies("ben"); len(got) != 1 || got[0].Newcomer != "new" || got[0].Suggested != nil || len(got[0].Reasons) == 0 {
		t.Errorf("ben sees %+v", got)
	}
	b.onBuddy(200, "ben", "circle", "new", "answer", map[string]any{"answer": "decline"})
	if got := b.buddies("new")[0]; got.State != "suggested" || got.Suggested[0].Available || !got.Suggested[1].Available {
		t.Errorf("new sees %+v", got)
	}
	b.onBuddy(409, "new", "circle", "new", "choose", map[string]any{"person": "ben"})
	b.onBuddy(200, "new", "circle", "new", "choose", map[string]any{"person": "cyd"})
	b.onBuddy(200, "cyd", "circle", "new", "answer", map[string]any{"answer": "agree"})
	for _, p := range []string{"new", "cyd"} {
		if got := b.buddies(p); len(got) != 1 || got[0].State != "agreed" || *got[0].Buddy != "cyd" {
			t.Errorf("%s sees %+v", p, got)
		}
	}
	b.onBuddy(404, "ben", "circle", "new", "end", nil)
	b.onBuddy(200, "cyd", "circle", "new", "end", nil)
	if len(b.buddies("new"))+len(b.buddies("cyd")) != 0 {
		t.Error("it has not ended")
	}
	b.alive()
}

func TestWhoIsSuggested(t *testing.T) {
	t.Parallel()
	b := welcoming(t)
	b.volunteer("ben", "unit-b", "circle", 1)
	t.Run("nobody who is away, speaks another language, is not a member, or has been deactivated", func(t *testing.T) {
		b.volunteer("away", "unit-b", "circle", 1)
		b.profile("away", func(e *membership.ProfileChanged) { e.Availability = "away" }, "Birds")
		b.volunteer("dane", "unit-b", "circle", 1)
		b.profile("dane", func(e *membership.ProfileChanged) { e.Languages = []string{"da"} }, "")
		b.profile("new", func(e *membership.ProfileChanged) { e.Languages = []string{"de", "en"} }, "")
		b.volunteer("gone", "unit-b", "circle", 1)
		b.Append("gone", stream(membership.Context, membership.Membership, es.ID("circle", "gone")),
			membership.MembershipLeft{Tie: membership.Tie{Community: "circle", Person: "gone"}})
		b.volunteer("idle", "unit-b", "circle", 1)
		b.Append("admin", stream(membership.Context, membership.Person, "idle"), membership.PersonDeactivated{})
		b.person("other", "unit-b")
		b.wish("other", matched.MeetingPreferencesChanged{BuddyAnywhere: true, BuddyCap: 2})
		b.expect("suggested", b.buddiesFor("new", "circle"), "ben")
	})
	t.Run("nobody with as many newcomers as they want", func(t *testing.T) {
		b.onBuddy(200, "new", "circle", "new", "choose", map[string]any{"person": "ben"})
		b.person("second", "unit-c")
		b.profile("second", func(e *membership.ProfileChanged) { e.Languages = []string{"de"} }, "")
		b.expect("suggested", b.buddiesFor("second", "circle"))
	})
	t.Run("nobody who has become full meanwhile can be chosen", func(t *testing.T) {
		b.community("square", "hal", community.Open)
		b.volunteer("eve", "unit-e", "square", 1)
		for i, want := range []int{200, 409} {
			p := numbered("n", i)
			b.person(p, "unit-n")
			b.join("square", p, "member")
			if i == 0 {
				b.person("n1", "unit-n")
				b.expect("suggested", b.buddiesFor("n1", "square"), "eve")
			}
			b.onBuddy(want, p, "square", p, "choose", map[string]any{"person": "eve"})
		}
	})
	t.Run("at most three, and who is with nobody first", func(t *testing.T) {
		b.community("hall", "hal", community.Open)
		for i := range 5 {
			b.volunteer(numbered("v", i), "unit-v", "hall", 2)
		}
		b.person("x", "unit-x")
		first := b.buddiesFor("x", "hall")
		if len(first) != 3 {
			t.Fatalf("suggested %v", first)
		}
		b.onBuddy(200, "x", "hall", "x", "choose", map[string]any{"person": first[0]})
		b.person("y", "unit-x")
		for _, p := range b.buddiesFor("y", "hall") {
			if p == first[0] {
				t.Errorf("%s is suggested again before others", p)
			}
		}
	})
	t.Run("a newcomer who leaves needs no buddy, and one who founds none", func(t *testing.T) {
		b.Append("new", stream(membership.Context, membership.Membership, es.ID("circle", "new")),
			membership.MembershipLeft{Tie: membership.Tie{Community: "circle", Person: "new"}})
		if len(b.buddies("new"))+len(b.buddies("ben")) != 0 {
			t.Error("it has not ended")
		}
		b.person("fay", "unit-f")
		b.Append("fay", stream(membership.Context, membership.Membership, es.ID("hall", "fay")),
			membership.MembershipJoined{Tie: membership.Tie{Community: "hall", Person: "fay"}, Via: membership.ViaFounding, Role: "host"})
		if got := b.buddies("fay"); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a buddy who leaves or is deactivated is none any more", func(t *testing.T) {
		agreed := func(newcomer string) string {
			b.person(newcomer, "unit-"+newcomer)
			buddy := b.buddiesFor(newcomer, "hall")[0]
			b.onBuddy(200, newcomer, "hall", newcomer, "choose", map[string]any{"person": buddy})
			b.onBuddy(200, buddy, "hall", newcomer, "answer", map[string]any{"answer": "agree"})
			return buddy
		}
		state := func(newcomer string) string {
			for _, one := range b.buddies(newcomer) {
				if one.Community == "hall" {
					return string(one.State)
				}
			}
			return ""
		}
		left := agreed("kim")
		if got := state("kim"); got != "agreed" {
			t.Fatalf("it is %q", got)
		}
		b.Append(left, stream(membership.Context, membership.Membership, es.ID("hall", left)),
			membership.MembershipLeft{Tie: membership.Tie{Community: "hall", Person: left}})
		if got := state("kim"); got != "" {
			t.Errorf("after the buddy has left it is %q", got)
		}
		b.person("lou", "unit-l")
		asked := b.buddiesFor("lou", "hall")[0]
		b.onBuddy(200, "lou", "hall", "lou", "choose", map[string]any{"person": asked})
		b.Append(asked, stream(membership.Context, membership.Person, asked), membership.PersonDeactivated{})
		if got := state("lou"); got != "suggested" {
			t.Errorf("after who was asked is gone it is %q", got)
		}
	})
	t.Run("no, thanks", func(t *testing.T) {
		b.person("shy", "unit-s")
		if got := b.buddiesFor("shy", "hall"); len(got) == 0 {
			t.Fatal("nobody was suggested")
		}
		b.onBuddy(200, "shy", "hall", "shy", "choose", map[string]any{"nobody": true})
		if got := b.buddies("shy"); len(got) != 0 {
			t.Errorf("got %s", fmt.Sprint(got))
		}
	})
	b.alive()
}
