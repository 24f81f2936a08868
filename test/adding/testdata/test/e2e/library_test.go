package e2e

import (
	"slices"
	"testing"

	"kith/test/internal/deployment"
)

// TestLibrary walks through the library where every service is a process of
// its own: its key must let it append, read, and run its reactor.
func TestLibrary(t *testing.T) {
	w, _ := processes(t, deployment.Options{})
	who := organisation(t, w)
	host, member := who["bela"], who["eda"]
	id := community(host, "Good contracts", "open", "open")
	after(member, host)
	member.post("/api/membership/communities/"+id+"/join", map[string]any{}, nil)
	after(host, member)
	var question, answer created
	host.post("/api/community/requests", map[string]any{"community": id, "kind": "problem",
		"title": "Our contract ends", "tried": "I asked around.", "language": "en"}, &question)
	after(member, host)
	member.post("/api/community/requests/"+question.ID+"/responses", map[string]string{"body": "Ask early."}, &answer)
	after(host, member)
	host.post("/api/community/requests/"+question.ID+"/responses/"+answer.ID+"/accept", nil, nil)

	type entry struct{ Title, Request, Response string }
	list := "/api/library/communities/" + id + "/practices"
	shown := func(p *person) []entry {
		var page struct{ Items []entry }
		p.get(list, &page)
		return page.Items
	}
	eventually(t, "what resolved the request is in the library", func() bool { return len(shown(host)) > 0 })
	after(member, host)
	member.post(list, map[string]string{"title": "Clauses", "text": "There is one for half a year more."}, nil)
	after(who["finn"], member)
	want := []entry{{Title: "Clauses"}, {Request: question.ID, Response: answer.ID}}
	if got := shown(who["finn"]); !slices.Equal(got, want) {
		t.Errorf("the library has %+v, want %+v", got, want)
	}
}
