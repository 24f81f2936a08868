package matching_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/matching"
)

func TestRouting(t *testing.T) {
	b := start(t, matching.Config{})
	for _, p := range []string{"ada", "ben", "cyd", "dan"} {
		b.person(p, "unit-"+p)
	}
	b.raise("old", "dan", "Which printer driver works with the new laptops?", nil)
	b.answer("old", "dan", "ben")
	b.profile("cyd", nil, "Baking\nPrinters and laptops")
	b.raise("new", "ada", "My new laptop finds no printer driver", func(e *community.RequestRaised) { e.Tags = []string{"it"} })
	b.alive()

	t.Run("helpers are proposed with reasons", func(t *testing.T) {
		got := b.proposals("ada", "new")
		if got.Round != 1 || len(got.Items) != 2 {
			t.Fatalf("got %+v", got)
		}
		for _, h := range got.Items {
			if h.Answer != api.ProposedHelperAnswerWaiting || !h.Proposed {
				t.Errorf("%+v", h)
			}
			if r := reasonOf(h.Reasons, "other_unit"); r == nil || *r.Unit != "unit-"+h.Person {
				t.Errorf("%s: %+v", h.Person, h.Reasons)
			}
			switch h.Person {
			case "ben":
				if r := reasonOf(h.Reasons, "answered_similar"); r == nil || r.Request == nil || *r.Request != "old" {
					t.Errorf("ben: %+v", h.Reasons)
				}
			case "cyd":
				if r := reasonOf(h.Reasons, "topic"); r == nil || *r.Topic != "Printers and laptops" {
					t.Errorf("cyd: %+v", h.Reasons)
				}
			}
		}
	})
	t.Run("the event says what was decided, with the topic sealed", func(t *testing.T) {
		for r, err := range b.App.Core.Events.Load(t.Context(), stream(events.Context, events.Proposal, "new"), 0) {
			if err != nil {
				t.Fatal(err)
			}
			e := r.Data.(events.HelpersProposed)
			if e.Round != 1 || e.Asker != "ada" || e.Policy == "" || len(e.Helpers) != 2 || e.Helpers[0].Score < e.Helpers[1].Score || r.Meta.Cause == "" {
				t.Errorf("got %+v of %+v", e, r.Meta)
			}
			if strings.Contains(string(r.Stored.Data), "Printers") {
				t.Error("the topic is readable in the log")
			}
		}
	})
	t.Run("a proposed helper sees what they could help with", func(t *testing.T) {
		var page api.MyProposalPage
		b.get("ben", "/me/proposals", &page)
		if len(page.Items) != 1 || page.Items[0].Request != "new" || page.Items[0].Kind != "problem" || len(page.Items[0].Reasons) == 0 {
			t.Errorf("got %+v", page)
		}
	})
	t.Run("a no is shown to the asker and to oneself alone, kindly", func(t *testing.T) {
		if r := b.offer("cyd", "new", "not_me"); r.Status != http.StatusOK || r.Header.Get("Kith-Seq") == "" {
			t.Fatalf("answered %d %s", r.Status, r.Body)
		}
		for reader, want := range map[string]int{"ada": 2, "cyd": 2, "ben": 1, "dan": 1} {
			got := b.proposals(reader, "new")
			if len(got.Items) != want {
				t.Errorf("%s sees %+v", reader, got.Items)
			}
			for _, h := range got.Items {
				if h.Person == "cyd" && h.Answer != api.ProposedHelperAnswerNotAvailable {
					t.Errorf("%s sees %+v", reader, h)
				}
			}
		}
		var page api.MyProposalPage
		b.get("cyd", "/me/proposals", &page)
		if len(page.Items) != 0 {
			t.Errorf("it waits still: %+v", page)
		}
	})
	t.Run("the next round leaves out who said not me", func(t *testing.T) {
		b.Append("ada", request("new"), community.RequestWithdrawn{})
		b.Append("ada", request("new"), community.RequestReopened{Reason: sealed.New("ada", sealed.Content, "still stuck")})
		b.alive()
		got := b.proposals("ada", "new")
		if got.Round != 2 || got.Items[0].Person != "ben" || got.Items[0].Round != 2 || got.Items[1].Person != "cyd" || got.Items[1].Round != 1 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("can help, twice, is one offer", func(t *testing.T) {
		b.Must(http.StatusOK, "ben", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "can_help"})
		last, _ := b.App.Core.Events.Last(t.Context())
		b.Must(http.StatusOK, "ben", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "can_help"})
		if now, _ := b.App.Core.Events.Last(t.Context()); now != last {
			t.Error("the second offer is in the log")
		}
		if got := b.proposals("dan", "new"); got.Items[0].Answer != api.ProposedHelperAnswerCanHelp {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("somebody unasked offers help", func(t *testing.T) {
		b.Must(http.StatusOK, "dan", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "can_help"})
		got := b.proposals("ada", "new").Items
		if h := got[len(got)-1]; h.Person != "dan" || h.Proposed || h.Round != 0 || len(h.Reasons) != 0 {
			t.Errorf("got %+v", h)
		}
	})
	t.Run("the asker cannot help themselves", func(t *testing.T) {
		if r := b.offer("ada", "new", "can_help"); r.Problem() != "conflict" {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
	})
	t.Run("an answer after the end is refused, a repeated command is not", func(t *testing.T) {
		key := apptest.Header("Idempotency-Key", "once")
		first := b.Must(http.StatusOK, "cyd", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "can_help"}, key)
		b.Append("ada", request("new"), community.RequestWithdrawn{})
		if r := b.offer("dan", "new", "not_me"); r.Problem() != "conflict" {
			t.Errorf("answered %d %s", r.Status, r.Body)
		}
		again := b.Must(http.StatusOK, "cyd", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "can_help"}, key)
		if first.Header.Get("Kith-Seq") != again.Header.Get("Kith-Seq") {
			t.Error("the repeated command has another position")
		}
		other := b.Do("cyd", http.MethodPost, "/api/matching/requests/new/offer", map[string]any{"answer": "not_me"}, key)
		if other.Problem() != "idempotency-key-reused" {
			t.Errorf("answered %d %s", other.Status, other.Body)
		}
	})
	t.Run("nothing waits when the request is closed", func(t *testing.T) {
		b.raise("third", "ada", "Another laptop, another printer driver", nil)
		b.Append("ada", request("third"), community.RequestWithdrawn{})
		var page api.MyProposalPage
		b.get("ben", "/me/proposals", &page)
		if len(page.Items) != 0 {
			t.Errorf("it waits still: %+v", page)
		}
	})
}

func TestNobodyFound(t *testing.T) {
	b := start(t, matching.Config{})
	b.person("ada", "u1")
	b.person("ben", "u2")
	b.raise("q", "ada", "Growing orchids in the basement", nil)
	b.alive()
	if got := b.proposals("ada", "q"); got.Round != 1 || len(got.Items) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestImportedHistory(t *testing.T) {
	b := start(t, matching.Config{})
	for _, p := range []string{"ada", "ben", "old"} {
		b.person(p, "u")
	}
	past := es.Meta{Actor: "old", Imported: true, OccurredAt: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}
	b.AppendMeta(past, request("q0"), community.RequestRaised{Asker: "old", Kind: community.Information, Title: sealed.New("old", sealed.Content, "Where are orchids grown?")})
	b.AppendMeta(past, request("q0"), community.RequestResponded{Response: "r", Author: "ben", Score: 7})
	b.AppendMeta(past, request("q0"), community.ResponseAccepted{Response: "r", Author: "ben", Resolves: true})
	t.Run("nobody is asked about the past", func(t *testing.T) {
		if got := b.proposals("ada", "q0"); got.Round != 0 || len(got.Items) != 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("the past speaks for those who helped", func(t *testing.T) {
		b.raise("q", "ada", "Growing orchids", nil)
		b.expect("proposed", helpers(b.proposals("ada", "q")), "ben")
	})
}

func TestLoadCap(t *testing.T) {
	b := start(t, matching.Config{Cap: 2})
	for _, p := range []string{"ada", "ben", "cyd"} {
		b.person(p, "unit-"+p)
	}
	b.profile("ben", nil, "orchids")
	b.profile("cyd", nil, "orchids")
	b.Must(http.StatusOK, "cyd", http.MethodPut, "/api/matching/me/preferences", map[string]any{"opt_out": false, "cap": 1}, apptest.Header("If-Match", `"0"`))
	asked := func() map[string]int {
		count := map[string]int{}
		for r, err := range b.App.Core.Events.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := r.Data.(events.HelpersProposed); ok {
				for _, h := range e.Helpers {
					count[h.Person]++
				}
			}
			if last, _ := b.App.Core.Events.Last(t.Context()); r.Seq == last {
				break
			}
		}
		return count
	}
	t.Run("the cap holds when many ask at once", func(t *testing.T) {
		// The requests are in the log before the router has seen the first.
		core := b.App.Core
		for i := range 8 {
			s := request(numbered("q", i))
			m := es.Meta{Command: numbered("raise", i), Actor: "ada"}
			e, err := core.Vault.Seal(t.Context(), es.EventID(s, m.Command), community.RequestRaised{Asker: "ada", Kind: community.Problem,
				Title: sealed.New("ada", sealed.Content, "Orchids again"), Tried: sealed.New("ada", sealed.Content, "water")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := core.Events.Append(t.Context(), s, 0, m, e); err != nil {
				t.Fatal(err)
			}
		}
		b.Settle()
		b.alive()
		if got := asked(); got["ben"] != 2 || got["cyd"] != 1 {
			t.Errorf("asked %v", got)
		}
	})
	t.Run("after a week there is room again", func(t *testing.T) {
		b.Clock.Advance(7*24*time.Hour + time.Minute)
		b.raise("later", "ada", "Orchids once more", nil)
		if got := asked(); got["ben"] != 3 || got["cyd"] != 2 {
			t.Errorf("asked %v", got)
		}
	})
}

func TestPreferences(t *testing.T) {
	b := start(t, matching.Config{})
	b.person("ada", "u")
	b.person("ben", "u")
	b.profile("ben", nil, "orchids")
	const path = "/api/matching/me/preferences"
	first := b.Must(http.StatusOK, "ben", http.MethodGet, path, nil)
	if etag := first.Header.Get("ETag"); etag != `"0"` || !strings.Contains(string(first.Body), `"cap":5`) {
		t.Errorf("without a choice: %s %s", etag, first.Body)
	}
	done := b.Must(http.StatusOK, "ben", http.MethodPut, path, map[string]any{"opt_out": true, "cap": 9}, apptest.Header("If-Match", `"0"`))
	now := b.Must(http.StatusOK, "ben", http.MethodGet, path, nil)
	if now.Header.Get("ETag") != done.Header.Get("ETag") || !strings.Contains(string(now.Body), `"cap":9`) {
		t.Errorf("after the choice: %s, promised %s: %s", now.Header.Get("ETag"), done.Header.Get("ETag"), now.Body)
	}
	for name, c := range map[string]struct {
		body    any
		match   string
		problem string
	}{
		"a stale version":  {map[string]any{"opt_out": true, "cap": 1}, `"0"`, "stale"},
		"no version":       {map[string]any{"opt_out": true, "cap": 1}, "", "if-match-missing"},
		"too high a cap":   {map[string]any{"opt_out": true, "cap": 51}, `"1"`, "invalid"},
		"an unknown field": {map[string]any{"opt_out": true, "cap": 1, "x": 1}, `"1"`, "invalid"},
		"a missing field":  {map[string]any{"cap": 1}, `"1"`, "invalid"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			var opts []apptest.Option
			if c.match != "" {
				opts = append(opts, apptest.Header("If-Match", c.match))
			}
			if r := b.Do("ben", http.MethodPut, path, c.body, opts...); r.Problem() != c.problem {
				t.Errorf("answered %d %s", r.Status, r.Body)
			}
		})
	}
	t.Run("who opted out is not proposed", func(t *testing.T) {
		b.raise("q", "ada", "Growing orchids", nil)
		b.expect("proposed", helpers(b.proposals("ada", "q")))
	})
}

func TestForgetting(t *testing.T) {
	setting := func(t *testing.T) *bed {
		b := start(t, matching.Config{})
		for _, p := range []string{"ada", "ben", "cyd"} {
			b.person(p, "unit-"+p)
		}
		b.profile("ben", nil, "orchids and cacti")
		b.raise("q", "ada", "Orchids in the basement", nil)
		b.raise("other", "cyd", "Paper jams", nil)
		b.answer("other", "cyd", "ben")
		return b
	}
	same := func(t *testing.T, b *bed) {
		t.Helper()
		for _, name := range b.App.Core.Follower.Rebuildable() {
			out, err := b.App.Core.Follower.Rebuild(t.Context(), name, nil)
			if err != nil || out.Before != out.After {
				t.Errorf("rebuilding %s: %+v, %v", name, out, err)
			}
		}
	}
	erase := func(b *bed, person string, texts bool) {
		b.t.Helper()
		b.Append(person, stream(membership.Context, membership.Person, person), membership.PersonErased{Texts: texts})
		classes := []sealed.Class{sealed.Identity}
		if texts {
			classes = append(classes, sealed.Content)
		}
		for _, class := range classes {
			if err := b.App.Core.Vault.Shred(context.Background(), person, class, "erasure"); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	t.Run("a rebuild gives the same", func(t *testing.T) { same(t, setting(t)) })
	t.Run("an erased helper is found no more, and shown as former without the topic", func(t *testing.T) {
		b := setting(t)
		b.expect("proposed", helpers(b.proposals("ada", "q")), "ben")
		erase(b, "ben", false)
		got := b.proposals("ada", "q").Items
		if len(got) != 1 || got[0].Former == nil || reasonOf(got[0].Reasons, "topic") != nil {
			t.Errorf("got %+v", got)
		}
		b.raise("q2", "ada", "Cacti in the basement", nil)
		b.expect("proposed", helpers(b.proposals("ada", "q2")))
		same(t, b)
	})
	t.Run("an erased asker's texts are found as they chose", func(t *testing.T) {
		for _, texts := range []bool{false, true} {
			b := setting(t)
			erase(b, "ada", texts)
			if got := b.similar("cyd", "orchids in the basement"); (len(got) == 0) != texts {
				t.Errorf("texts %v: found %q", texts, got)
			}
			same(t, b)
		}
	})
	t.Run("corrected and retracted texts are not found by their old words", func(t *testing.T) {
		b := setting(t)
		b.Append("ada", request("q"), community.RequestCorrected{Title: sealed.New("ada", sealed.Content, "Tulips on the roof"), Tried: sealed.New("ada", sealed.Content, "water")})
		b.expect("old words", b.similar("cyd", "orchids in the basement"))
		b.expect("new words", b.similar("cyd", "tulips roof"), "q")
		b.Append("ada", request("q"), community.RequestRetracted{})
		b.expect("retracted", b.similar("cyd", "tulips roof"))
		same(t, b)
	})
	t.Run("a topic that was taken back is not shown", func(t *testing.T) {
		b := setting(t)
		b.profile("ben", nil, "cacti")
		if got := b.proposals("ada", "q").Items; len(got) != 1 || reasonOf(got[0].Reasons, "topic") != nil {
			t.Errorf("got %+v", got)
		}
	})
}

// A similar request says who asked when, and whether anybody has answered.
func TestSimilarRequestsSayHowTheyStand(t *testing.T) {
	b := start(t, matching.Config{})
	for _, p := range []string{"ada", "ben", "cyd"} {
		b.person(p, "unit-"+p)
	}
	b.raise("q", "ada", "Orchids in the basement", nil)
	look := func() api.SimilarRequest {
		t.Helper()
		var out api.SimilarRequests
		b.get("cyd", "/similar?text=orchids+basement", &out)
		if len(out.Items) != 1 {
			t.Fatalf("found %+v", out.Items)
		}
		return out.Items[0]
	}
	if got := look(); got.Asker != "ada" || got.Created.IsZero() || got.Responses != 0 {
		t.Errorf("got %+v", got)
	}
	b.answer("q", "ada", "ben")
	if got := look(); got.Responses != 1 {
		t.Errorf("after a response there are %d", got.Responses)
	}
	b.Append("ben", request("q"), community.ResponseRetracted{Response: "r-ben"})
	if got := look(); got.Responses != 0 {
		t.Errorf("after it was taken back there are %d", got.Responses)
	}
}
