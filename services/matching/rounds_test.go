package matching_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kith/api/events"
	"kith/api/events/community"
	matched "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/matching"
)

// meeting is a bed with people who want to be introduced every week.
func meeting(t *testing.T, people ...string) *bed {
	b := start(t, matching.Config{RoundsByHand: true})
	b.person("cora", "unit-0")
	b.Append("admin", stream(membership.Context, membership.Role, "cora"), membership.RoleGranted{Role: "coordinator"})
	for i, p := range people {
		b.person(p, numbered("unit-", i%3))
		b.wish(p, matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
	}
	return b
}

func (b *bed) wish(person string, e matched.MeetingPreferencesChanged) {
	b.t.Helper()
	b.Append(person, stream(matched.Context, matched.Meeting, person), e)
}

// learn gives somebody a profile with what they can help with and want to learn.
func (b *bed) learn(id, canHelp, want string, change func(*membership.ProfileChanged)) {
	b.t.Helper()
	b.profile(id, func(e *membership.ProfileChanged) {
		e.WantToLearn = sealed.New(id, sealed.Identity, want)
		if change != nil {
			change(e)
		}
	}, canHelp)
}

// startRound starts a round and returns its pairs once it has finished.
func (b *bed) startRound() [][]string {
	b.t.Helper()
	var out api.StartedRound
	if err := b.Must(http.StatusOK, "cora", http.MethodPost, "/api/matching/introductions/rounds", nil).JSON(&out); err != nil {
		b.t.Fatal(err)
	}
	return b.finished(out.Id)
}

// finished lets time pass until a round has finished.
func (b *bed) finished(id string) [][]string {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		b.Clock.Advance(20 * time.Second)
		for range 50 {
			if made, over := b.roundSoFar(id); over {
				b.later(0)
				return made
			}
			time.Sleep(time.Millisecond)
		}
	}
	b.t.Fatal("the round has not finished after 20 s")
	return nil
}

// later lets time pass until the process knows again that it is up to date.
func (b *bed) later(d time.Duration) {
	b.t.Helper()
	b.Clock.Advance(d)
	for deadline := time.Now().Add(20 * time.Second); !b.App.Core.Follower.Fresh(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatal("the process is not up to date after 20 s")
		}
		b.Clock.Advance(time.Second)
	}
	b.Settle()
}

func (b *bed) roundSoFar(id string) (pairs [][]string, finished bool) {
	b.t.Helper()
	for r, err := range b.App.Core.Events.Load(b.t.Context(), stream(matched.Context, matched.Round, id), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		switch e := r.Data.(type) {
		case matched.IntroductionMade:
			pairs = append(pairs, e.People)
		case matched.RoundFinished:
			finished = true
		}
	}
	return pairs, finished
}

func (b *bed) introductions(person string) []api.Introduction {
	b.t.Helper()
	var out api.Introductions
	b.get(person, "/me/introductions", &out)
	return out.Items
}

const aWeek = 7 * 24 * time.Hour

func TestIntroductions(t *testing.T) {
	t.Parallel()
	b := meeting(t, "ada", "ben", "cyd", "dan")
	b.learn("ada", "Baking", "Contract law", nil)
	b.learn("cyd", "Contract law\nBirds", "", nil)
	if pairs := b.startRound(); len(pairs) != 2 {
		t.Fatalf("pairs %v", pairs)
	}
	first := b.introductions("ada")
	if len(first) != 1 || first[0].Person != "cyd" {
		t.Fatalf("ada was introduced to %+v", first)
	}
	t.Run("both read why", func(t *testing.T) {
		for _, reader := range []string{"ada", "cyd"} {
			var got []string
			for _, r := range b.introductions(reader)[0].Reasons {
				line := string(r.Code)
				if r.Topic != nil {
					line += " " + *r.Person + " " + *r.Topic + " / " + *r.Other
				}
				got = append(got, line)
			}
			b.expect(reader, got, "other_unit", "helps cyd Contract law / Contract law")
		}
	})
	t.Run("the lines are sealed in the log", func(t *testing.T) {
		for r, err := range b.App.Core.Events.Load(t.Context(), stream(matched.Context, matched.Round, roundID), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(r.Stored.Data), "law") {
				t.Errorf("%s shows a profile", r.Type)
			}
		}
	})
	t.Run("what somebody hides from now on is no reason any more", func(t *testing.T) {
		b.learn("cyd", "Contract law", "", func(e *membership.ProfileChanged) {
			e.Visibility = map[string]string{"can_help": membership.VisibleCommunities}
		})
		if got := b.introductions("ada")[0].Reasons; len(got) != 1 {
			t.Errorf("ada reads %+v", got)
		}
		if got := b.introductions("cyd")[0].Reasons; len(got) != 2 {
			t.Errorf("cyd reads %+v", got)
		}
	})
	t.Run("there is one round a week", func(t *testing.T) {
		if pairs := b.startRound(); len(pairs) != 2 || len(b.introductions("ada")) != 1 {
			t.Errorf("pairs %v, ada %+v", pairs, b.introductions("ada"))
		}
	})
	t.Run("what the two say", func(t *testing.T) {
		path := "/api/matching/introductions/" + first[0].Id + "/answer"
		b.Must(http.StatusOK, "ada", http.MethodPost, path, map[string]string{"answer": "not_this_time"})
		b.Must(http.StatusNotFound, "ben", http.MethodPost, path, map[string]string{"answer": "met"})
		b.Must(http.StatusUnprocessableEntity, "ada", http.MethodPost, path, map[string]string{"answer": "perhaps"})
		if a := b.introductions("ada")[0].Answer; a == nil || *a != "not_this_time" {
			t.Errorf("ada reads %v", a)
		}
		if a := b.introductions("cyd")[0].Answer; a != nil {
			t.Errorf("cyd is told %v", *a)
		}
	})
	t.Run("an erased person is a former one, and their own list is gone", func(t *testing.T) {
		b.Append("cyd", stream(membership.Context, membership.Person, "cyd"), membership.PersonErased{})
		got := b.introductions("ada")
		if len(got) != 1 || got[0].Former == nil || !*got[0].Former || len(got[0].Reasons) != 1 {
			t.Errorf("ada reads %+v", got)
		}
		b.later(aWeek)
		for _, pair := range b.startRound() {
			if slices.Contains(pair, "cyd") {
				t.Errorf("paired %v", pair)
			}
		}
	})
	b.alive()
}

var roundID = es.ID("round", "2026-W10") // of apptest's clock

func TestWhoTakesPart(t *testing.T) {
	t.Parallel()
	t.Run("only who has asked, is active and has not paused", func(t *testing.T) {
		t.Parallel()
		b := meeting(t, "ada", "ben", "cyd", "dan", "eve")
		b.person("fay", "unit-9")
		b.wish("cyd", matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly, Paused: true})
		b.Append("admin", stream(membership.Context, membership.Person, "dan"), membership.PersonDeactivated{})
		b.wish("eve", matched.MeetingPreferencesChanged{BuddyCap: 2})
		if got := fmt.Sprint(b.startRound()); got != "[[ada ben]]" {
			t.Errorf("pairs %s", got)
		}
	})
	t.Run("who wants it every two weeks has a week off", func(t *testing.T) {
		t.Parallel()
		b := meeting(t, "ada", "ben")
		b.wish("ada", matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceFortnightly})
		for week, want := range []int{1, 0, 0} { // in the third they were introduced two rounds ago
			if got := len(b.startRound()); got != want {
				t.Errorf("week %d: %d pairs", week, got)
			}
			if week == 0 {
				b.person("cyd", "unit-7")
				b.wish("cyd", matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceMonthly})
				b.wish("ben", matched.MeetingPreferencesChanged{BuddyCap: 2, Paused: true, Introductions: matched.IntroduceWeekly})
				b.Append("admin", stream(membership.Context, membership.Person, "cyd"), membership.PersonDeactivated{})
			}
			b.later(aWeek)
		}
		b.Append("admin", stream(membership.Context, membership.Person, "cyd"), membership.PersonReactivated{})
		if got := fmt.Sprint(b.startRound()); got != "[[ada cyd]]" {
			t.Errorf("pairs %s", got)
		}
	})
	t.Run("who was left out comes first next time, and nobody meets again", func(t *testing.T) {
		t.Parallel()
		b := meeting(t, "ada", "ben", "cyd")
		met := map[string]bool{}
		left := ""
		for week := range 3 {
			pairs := b.startRound()
			if len(pairs) != 1 || met[fmt.Sprint(pairs[0])] || left != "" && !slices.Contains(pairs[0], left) {
				t.Fatalf("week %d: %v, %s had been left out", week, pairs, left)
			}
			met[fmt.Sprint(pairs[0])] = true
			for _, p := range []string{"ada", "ben", "cyd"} {
				if !slices.Contains(pairs[0], p) {
					left = p
				}
			}
			b.later(aWeek)
		}
		if pairs := b.startRound(); len(pairs) != 0 {
			t.Errorf("they have all met, and yet %v", pairs)
		}
	})
	t.Run("who helped the other lately is met if nobody else is left", func(t *testing.T) {
		t.Parallel()
		b := meeting(t, "ada", "ben", "cyd", "dan") // dan is of ada's unit
		b.raise("q", "ada", "Printing", nil)
		b.answer("q", "ada", "ben")
		if got := fmt.Sprint(b.startRound()); got != "[[ada cyd] [ben dan]]" {
			t.Errorf("pairs %s", got)
		}
	})
	t.Run("not this time is for good", func(t *testing.T) {
		t.Parallel()
		b := start(t, matching.Config{RoundsByHand: true, Apart: 1})
		b.person("cora", "unit-0")
		b.Append("admin", stream(membership.Context, membership.Role, "cora"), membership.RoleGranted{Role: "coordinator"})
		for _, p := range []string{"ada", "ben"} {
			b.person(p, "unit-"+p)
			b.wish(p, matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
		}
		var rounds []int
		for week := range 5 {
			rounds = append(rounds, len(b.startRound()))
			if week == 2 {
				id := b.introductions("ada")[0].Id
				b.Must(http.StatusOK, "ben", http.MethodPost, "/api/matching/introductions/"+id+"/answer", map[string]string{"answer": "not_this_time"})
			}
			b.later(aWeek)
		}
		if got := fmt.Sprint(rounds); got != "[1 0 1 0 0]" {
			t.Errorf("pairs by week %s", got)
		}
	})
}

func TestRoundsStartByThemselves(t *testing.T) {
	t.Parallel()
	b := start(t, matching.Config{})
	for _, p := range []string{"ada", "ben"} {
		b.person(p, "unit-"+p)
		b.wish(p, matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
	}
	if pairs := b.finished(roundID); len(pairs) != 1 { // the clock begins on a Monday at nine
		t.Errorf("pairs %v", pairs)
	}
}

// failing is a log that breaks after some introductions.
type failing struct {
	es.Store
	left *atomic.Int64
}

var errBroken = errors.New("the power is cut")

func (f failing) Append(ctx context.Context, s es.Stream, after uint64, m es.Meta, e es.Event) (uint64, error) {
	if _, ok := e.(matched.IntroductionMade); ok && f.left.Add(-1) < 0 {
		return 0, errBroken
	}
	return f.Store.Append(ctx, s, after, m, e)
}

// A round that breaks off in the middle is gone on with: the same log gives the
// same pairs, and nobody has two.
func TestARoundThatBreaksOff(t *testing.T) {
	t.Parallel()
	var want string
	for _, breaks := range []int64{1 << 40, 0, 1, 3} {
		var left atomic.Int64
		left.Store(breaks)
		var types []es.Option
		for _, e := range events.All() {
			types = append(types, es.Proto(e.Event))
		}
		b := &bed{t: t, System: apptest.Start(t, es.NewCodec(types...), func(ctx context.Context, core app.Core) (app.Module, error) {
			core.Events = failing{core.Events, &left}
			return matching.New(ctx, core, matching.Config{RoundsByHand: true})
		})}
		b.person("cora", "unit-0")
		b.Append("admin", stream(membership.Context, membership.Role, "cora"), membership.RoleGranted{Role: "coordinator"})
		for i := range 11 {
			p := numbered("p", 10+i)
			b.person(p, numbered("unit-", i%3))
			b.learn(p, numbered("Topic", i%4), numbered("Topic", i%3), nil)
			b.wish(p, matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
		}
		b.Must(http.StatusOK, "cora", http.MethodPost, "/api/matching/introductions/rounds", nil)
		for deadline := time.Now().Add(20 * time.Second); left.Load() >= 0 && breaks < 100; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it did not break")
			}
			b.Clock.Advance(time.Minute)
		}
		if made, over := b.roundSoFar(roundID); breaks < 100 && (len(made) != int(breaks) || over) {
			t.Fatalf("broken after %d: %v, finished %v", breaks, made, over)
		}
		// Meanwhile the world goes on.
		b.person("late", "unit-9")
		b.wish("late", matched.MeetingPreferencesChanged{BuddyCap: 2, Introductions: matched.IntroduceWeekly})
		b.Append("p12", stream(membership.Context, membership.Person, "p12"), membership.PersonMoved{Unit: "unit-0"})
		left.Store(1 << 40)
		pairs := b.finished(roundID)
		seen := map[string]bool{}
		for _, pair := range pairs {
			for _, p := range pair {
				if seen[p] {
					t.Errorf("%s has two partners in %v", p, pairs)
				}
				seen[p] = true
			}
		}
		got := fmt.Sprint(pairs)
		if want == "" {
			want = got
		}
		if got != want || len(pairs) != 5 {
			t.Errorf("broken after %d: %s, want %s", breaks, got, want)
		}
	}
}

func TestWhoMayStartARound(t *testing.T) {
	t.Parallel()
	b := meeting(t)
	b.person("ada", "unit-1")
	for role, want := range map[string]int{"": 403, "connector": 403, "ombudsperson": 403, "auditor": 403, "coordinator": 200, "administrator": 200} {
		p := "with-" + role
		b.person(p, "unit-1")
		if role != "" {
			b.Append("admin", stream(membership.Context, membership.Role, p), membership.RoleGranted{Role: role})
		}
		b.Must(want, p, http.MethodPost, "/api/matching/introductions/rounds", nil)
	}
	b.Must(http.StatusUnauthorized, "", http.MethodPost, "/api/matching/introductions/rounds", nil)
}

func TestMeetingPreferencesOverHTTP(t *testing.T) {
	t.Parallel()
	b := start(t, matching.Config{RoundsByHand: true})
	b.person("ada", "unit-1")
	b.community("mine", "ada", community.Closed)
	r := b.Must(http.StatusOK, "ada", http.MethodGet, "/api/matching/me/meeting", nil)
	var got map[string]any
	if err := json.Unmarshal(r.Body, &got); err != nil || fmt.Sprint(got) != "map[buddy_anywhere:false buddy_cap:2 introductions:never paused:false]" {
		t.Errorf("without a choice: %s", r.Body)
	}
	body := map[string]any{"buddy_anywhere": false, "buddy_communities": []string{"mine"}, "buddy_cap": 3, "introductions": "monthly", "paused": false}
	tag := r.Header.Get("ETag")
	r = b.Must(http.StatusOK, "ada", http.MethodPut, "/api/matching/me/meeting", body, apptest.Header("If-Match", tag))
	b.Must(http.StatusPreconditionFailed, "ada", http.MethodPut, "/api/matching/me/meeting", map[string]any{
		"buddy_anywhere": true, "buddy_cap": 3, "introductions": "never", "paused": false}, apptest.Header("If-Match", tag))
	if now := b.Must(http.StatusOK, "ada", http.MethodGet, "/api/matching/me/meeting", nil); now.Header.Get("ETag") != r.Header.Get("ETag") || !strings.Contains(string(now.Body), `"monthly"`) {
		t.Errorf("%s %s, want %s", now.Header.Get("ETag"), now.Body, r.Header.Get("ETag"))
	}
	body["buddy_communities"] = []string{"theirs"}
	b.Must(http.StatusUnprocessableEntity, "ada", http.MethodPut, "/api/matching/me/meeting", body, apptest.Header("If-Match", r.Header.Get("ETag")))
}
