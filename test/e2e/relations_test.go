package e2e

import (
	"net/http"
	"testing"

	"kith/pkg/fault"
)

// TestRelations is what binds communities, from the suggestion on, across all
// services.
func TestRelations(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	aenne, bela, eda, finn := who["aenne"], who["bela"], who["eda"], who["finn"]
	readers := community(aenne, "Contract readers", "open", "open")
	writers := community(bela, "Contract writers", "closed", "open")
	everybody := func(did ...*person) {
		for _, p := range who {
			after(p, did...)
		}
	}
	everybody(aenne, bela)

	type suggested struct {
		Items []struct {
			Community string
			Reasons   []struct{ Code string }
		}
	}
	t.Run("somebody joins what was suggested to them", func(t *testing.T) {
		who.in(t)
		var list suggested
		eda.get("/api/matching/me/communities/suggested", &list)
		if len(list.Items) > 0 {
			t.Errorf("before a word was said: %+v", list)
		}
		eda.edit("/api/membership/me/profile", map[string]any{"want_to_learn": []string{"contracts"}, "can_help": []string{},
			"languages": []string{"en"}, "availability": "available", "visibility": map[string]string{}})
		eda.get("/api/matching/me/communities/suggested", &list)
		if len(list.Items) != 2 || list.Items[0].Reasons[0].Code != "want_to_learn" {
			t.Errorf("suggested: %+v", list)
		}
		eda.post("/api/membership/communities/"+readers+"/join", map[string]any{}, nil)
		eda.post("/api/matching/me/communities/suggested/"+writers+"/dismiss", nil, nil)
		if eda.get("/api/matching/me/communities/suggested", &list); len(list.Items) > 0 {
			t.Errorf("still suggested: %+v", list)
		}
	})

	type link struct{ ID, State string }
	var proposed link
	t.Run("a host proposes what is suggested and the other side agrees", func(t *testing.T) {
		who.in(t)
		var list suggested
		aenne.get("/api/matching/communities/"+readers+"/links/suggested", &list)
		if len(list.Items) != 1 || list.Items[0].Community != writers {
			t.Errorf("suggested: %+v", list)
		}
		eda.refused(http.MethodGet, "/api/matching/communities/"+readers+"/links/suggested", nil, fault.Forbidden)
		aenne.post("/api/community/communities/"+readers+"/links",
			map[string]any{"other": writers, "kind": "bridge", "reason": "What you write, we read."}, &proposed)
		everybody(aenne)
		var inbox struct {
			Items []struct{ Kind, Link, Community string }
		}
		bela.get("/api/notification/inbox", &inbox)
		if len(inbox.Items) == 0 || inbox.Items[0].Kind != "link_proposed" || inbox.Items[0].Link != proposed.ID || inbox.Items[0].Community != writers {
			t.Errorf("bela is told %+v", inbox)
		}
		finn.refused(http.MethodGet, "/api/community/links/"+proposed.ID, nil, fault.NotFound)
		bela.post("/api/community/links/"+proposed.ID+"/agree", map[string]any{}, nil)
		everybody(bela)
	})

	t.Run("the graph is for those who may know", func(t *testing.T) {
		who.in(t)
		for _, c := range []struct {
			p    *person
			want int
		}{{aenne, 1}, {bela, 1}, {eda, 1}, {finn, 0}} { // one of the two is closed
			var graph struct{ Items []link }
			c.p.get("/api/community/links", &graph)
			if len(graph.Items) != c.want {
				t.Errorf("%s sees %+v", c.p.login, graph)
			}
		}
		eda.refused(http.MethodPost, "/api/community/links/"+proposed.ID+"/end", map[string]string{"reason": "x"}, fault.Forbidden)
	})

	t.Run("the log has what was taken up", func(t *testing.T) {
		who.in(t)
		eventually(t, "suggestions are recorded as taken", func() bool {
			found := 0
			for _, kind := range []string{"suggestion.taken", "suggestion.link_taken"} {
				var log struct{ Items []struct{ Type string } }
				who["auditor"].get("/api/audit/log?type="+kind, &log)
				found += len(log.Items)
			}
			return found == 2
		})
	})
}
