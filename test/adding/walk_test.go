package adding

import (
	"net/http"
	"slices"
	"testing"
	"time"

	kith "kith/services/kith"
	"kith/services/kith/client"
)

const unitsCSV = `id,parent_id,name,kind
org,,Example,organisation
build,org,Building control,department
law,org,Legal affairs,department
`

const peopleCSV = `external_id,name,email,unit_id,site,language,active
1,Ada Berg,ada@example.org,build,North,en,true
2,Ben Cole,ben@example.org,law,South,en,true
`

type created struct{ ID string }

// person is somebody who is signed in.
type person struct {
	*client.Client
	t     *testing.T
	login string
}

func signIn(t *testing.T, url, login string) person {
	t.Helper()
	c, err := client.SignIn(t.Context(), http.DefaultClient, url, login)
	if err != nil {
		t.Fatal(err)
	}
	return person{c, t, login}
}

// post gives a command once everything is seen that others did.
func (p person) post(path string, body, out any, others ...person) {
	p.t.Helper()
	for _, o := range others {
		p.Seen(o.Position())
	}
	if err := p.Post(p.t.Context(), path, body, out); err != nil {
		p.t.Fatalf("%s: POST %s: %v", p.login, path, err)
	}
}

func (p person) get(path string, out any) {
	p.t.Helper()
	if err := p.Get(p.t.Context(), path, out); err != nil {
		p.t.Fatalf("%s: GET %s: %v", p.login, path, err)
	}
}

// walk has Ada ask, Ben help and record what he has learned, and looks at what
// the library has then.
func (r *repository) walk(url string) {
	t := r.t
	t.Helper()
	admin := signIn(t, url, kith.DevAdministrator)
	for _, f := range []struct{ what, data string }{{"units", unitsCSV}, {"people", peopleCSV}} {
		if _, err := admin.ImportCSV(t.Context(), f.what, []byte(f.data), nil, func(client.ImportLine) {}); err != nil {
			t.Fatalf("import %s: %v", f.what, err)
		}
	}
	admin.get("/api/membership/me", nil) // waits until everybody can sign in
	ada, ben := signIn(t, url, "ada@example.org"), signIn(t, url, "ben@example.org")

	var in, question, answer, practice created
	ada.post("/api/community/communities", map[string]any{"name": "Good contracts", "purpose": "We learn from each other.", "kind": "community",
		"visibility": "open", "joining": "open", "language": "en", "topics": []string{}, "shown": []string{}}, &in, admin)
	ada.post("/api/community/communities/"+in.ID+"/state", map[string]string{"to": "forming", "reason": "We have begun."}, nil)
	ben.post("/api/membership/communities/"+in.ID+"/join", map[string]any{}, nil, ada)
	ada.post("/api/community/requests", map[string]any{"community": in.ID, "kind": "problem", "title": "Our contract ends in March",
		"tried": "I asked the procurement office.", "language": "en"}, &question, ben)
	request := "/api/community/requests/" + question.ID
	ben.post(request+"/responses", map[string]string{"body": "There is a clause for half a year more."}, &answer, ada)
	ada.post(request+"/responses/"+answer.ID+"/accept", nil, nil, ben)

	type entry struct{ ID, Title, Text, Request, Response string }
	list := "/api/library/communities/" + in.ID + "/practices"
	shown := func(p person) []entry {
		var page struct{ Items []entry }
		p.get(list, &page)
		return page.Items
	}
	first := shown(ada)
	for deadline := time.Now().Add(20 * time.Second); len(first) == 0; first = shown(ada) {
		if time.Now().After(deadline) {
			t.Fatal("within 20 s the reactor has not kept what resolved the request")
		}
		time.Sleep(10 * time.Millisecond)
	}
	kept := entry{ID: first[0].ID, Request: question.ID, Response: answer.ID}
	ben.post(list, map[string]string{"title": "Clauses", "text": "Look for them before March."}, &practice, ada)
	recorded := entry{ID: practice.ID, Title: "Clauses", Text: "Look for them before March."}
	if got := shown(ben); !slices.Equal(got, []entry{recorded, kept}) {
		t.Errorf("the library has %+v, want %+v and %+v", got, recorded, kept)
	}

	resp, err := http.Get(url + "/reference/library/")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the reference of the library answers %d", resp.StatusCode)
	}
}
