package e2e

import (
	"strings"
	"testing"

	"kith/pkg/fault"
	kith "kith/services/kith"
	"kith/services/kith/cli"
)

const unitsCSV = `id,parent_id,name,kind
stadt,,Stadt Beispiel,organisation
soz,stadt,Sozialamt,department
bau,stadt,Bauaufsicht,department
it,stadt,IT und Digitales,department
`

const peopleCSV = `external_id,name,email,unit_id,site,language,active
1001,Änne Großmann,aenne@stadt.example,soz,Rathaus,de,true
1002,Bela Kaya,bela@stadt.example,bau,Rathaus,de,true
1003,Cora Smith,cora@stadt.example,it,Süd,en,true
1004,Dario Rossi,dario@stadt.example,it,Süd,en,true
1005,Eda Yılmaz,eda@stadt.example,soz,Nord,de,true
1006,Finn Olsen,finn@stadt.example,bau,Nord,da,true
`

// people are those who are signed in, by their first names.
type people map[string]*person

// in makes t the test that fails when one of them does, until it ends.
func (all people) in(t *testing.T) {
	for _, p := range all {
		before := p.t
		p.t = t
		t.Cleanup(func() { p.t = before })
	}
}

// organisation imports units and people and signs everybody in.
func organisation(t *testing.T, w *world) people {
	t.Helper()
	admin := w.as(kith.DevAdministrator)
	nothing := func(uint64, uint64) {}
	for _, f := range []struct{ what, data string }{{"units", unitsCSV}, {"people", peopleCSV}} {
		if _, err := cli.ImportCSV(t.Context(), admin.Client, f.what, []byte(f.data), nil, nothing); err != nil {
			t.Fatalf("import %s: %v", f.what, err)
		}
	}
	admin.get("/api/membership/me", nil) // waits until the import has been folded: the issuer asks that
	all := people{"admin": admin, "auditor": w.as(kith.DevAuditor)}
	for _, name := range []string{"aenne", "bela", "cora", "dario", "eda", "finn"} {
		all[name] = w.as(name + "@stadt.example")
	}
	// Everybody has seen everything so far.
	var state struct{ Position uint64 }
	admin.get("/api/system/state", &state)
	for _, p := range all {
		p.Seen(state.Position)
	}
	return all
}

// after makes p wait for what others have done.
func after(p *person, others ...*person) {
	for _, o := range others {
		p.Seen(o.Position())
	}
}

type created struct{ ID string }

func community(p *person, name, visibility, joining string) string {
	p.t.Helper()
	var similar struct {
		Items []struct{ Community created }
	}
	p.get("/api/community/communities/similar?name="+strings.ReplaceAll(name, " ", "+")+"&purpose=learning", &similar)
	var out created
	defer func() {
		for _, state := range []string{"forming", "active"} {
			p.post("/api/community/communities/"+out.ID+"/state", map[string]string{"to": state, "reason": "We have begun."}, nil)
		}
	}()
	p.post("/api/community/communities", map[string]any{"name": name, "purpose": "We learn from each other.", "kind": "community",
		"visibility": visibility, "joining": joining, "language": "en", "topics": []string{"contracts"}, "shown": []string{}}, &out)
	return out.ID
}

func TestJourney(t *testing.T) { walk(t, start(t, t.TempDir())) }

// walk is the journey, however Kith runs.
func walk(t *testing.T, w *world) {
	who := organisation(t, w)
	aenne, bela, cora, dario, eda, finn := who["aenne"], who["bela"], who["cora"], who["dario"], who["eda"], who["finn"]

	// Somebody founds a community and is its host; nobody else is in it.
	open := community(aenne, "Good contracts", "open", "open")
	request := community(aenne, "Building together", "open", "request")
	closed := community(bela, "Difficult conversations", "closed", "invitation")
	for _, p := range who {
		after(p, aenne, bela)
	}

	t.Run("others join by their own act only", func(t *testing.T) {
		who.in(t)
		join := "/api/membership/communities/"
		cora.post(join+open+"/join", map[string]any{}, nil)
		dario.post(join+open+"/join", map[string]any{}, nil)
		finn.post(join+open+"/leave", nil, nil) // was never in it: nothing to do

		cora.post(join+request+"/join", map[string]any{"message": "I build things too."}, nil)
		aenne.refused("POST", join+request+"/join-requests/"+dario.id+"/admit", nil, fault.Conflict, fault.NotFound)
		after(aenne, cora)
		aenne.post(join+request+"/join-requests/"+cora.id+"/admit", nil, nil)

		cora.refused("POST", join+closed+"/join", map[string]any{}, fault.Forbidden, fault.Conflict)
		after(bela, eda)
		bela.post(join+closed+"/invitations", map[string]any{"person": eda.id, "message": "Komm dazu."}, nil)
		after(eda, bela)
		eda.post(join+closed+"/invitation/accept", nil, nil)
		for _, p := range who {
			after(p, aenne, bela, cora, dario, eda)
		}
	})

	t.Run("a profile makes somebody findable", func(t *testing.T) {
		who.in(t)
		dario.edit("/api/membership/me/profile", map[string]any{"can_help": []string{"framework contracts", "procurement law"},
			"languages": []string{"en"}, "availability": "available"})
		after(cora, dario)
	})

	inbox := dario.listen()
	var question created
	t.Run("a member asks, is matched, helped, and says thanks", func(t *testing.T) {
		who.in(t)
		cora.refused("POST", "/api/community/requests", map[string]any{"community": open, "kind": "problem", "title": "Our framework contract ends"}, fault.Invalid)
		cora.post("/api/community/requests", map[string]any{"community": open, "kind": "problem",
			"title": "Our framework contracts end in March", "tried": "I asked the procurement office.", "language": "en"}, &question)
		helpers := proposals(t, cora, question.ID)
		if len(helpers) == 0 || helpers[0] != dario.id {
			t.Fatalf("proposed were %v, want Dario (%s) first", helpers, dario.id)
		}
		if item := inbox.next(t, "asked_to_help"); item.Request != question.ID {
			t.Errorf("Dario's live inbox has %+v, want the request %s", item, question.ID)
		}
		after(dario, cora)
		dario.post("/api/matching/requests/"+question.ID+"/offer", map[string]string{"answer": "can_help"}, nil)
		var answer created
		dario.post("/api/community/requests/"+question.ID+"/responses", map[string]string{"body": "There is a clause for half a year more."}, &answer)
		after(cora, dario)
		path := "/api/community/requests/" + question.ID + "/responses/" + answer.ID
		dario.refused("POST", path+"/accept", nil, fault.Forbidden)
		cora.post(path+"/accept", nil, nil)
		cora.post(path+"/thank", map[string]string{"note": "That saves us."}, nil)
		if item := inbox.next(t, "thanked"); item.Request != question.ID {
			t.Errorf("Dario's live inbox has %+v, want thanks for the request", item)
		}
		var shown struct{ Request struct{ State string } }
		cora.get("/api/community/requests/"+question.ID, &shown)
		if shown.Request.State != "resolved" {
			t.Errorf("the request is %s, want resolved", shown.Request.State)
		}
		cora.post("/api/community/requests/"+question.ID+"/reopen", map[string]string{"reason": "The clause is not ours."}, nil)
		cora.post("/api/community/requests/"+question.ID+"/withdraw", map[string]string{"reason": "It is settled."}, nil)
	})

	t.Run("what is in a closed community stays there", func(t *testing.T) {
		who.in(t)
		var secret created
		eda.post("/api/community/requests", map[string]any{"community": closed, "kind": "experience",
			"title": "How do I tell a colleague about a mistake?", "situation": "It has happened twice.", "language": "en"}, &secret)
		for _, outsider := range []*person{cora, finn, who["admin"], who["auditor"]} {
			after(outsider, eda)
			outsider.refused("GET", "/api/community/requests/"+secret.ID, nil, fault.NotFound)
			var page struct{ Items []created }
			outsider.get("/api/community/requests?limit=200", &page)
			for _, it := range page.Items {
				if it.ID == secret.ID {
					t.Errorf("%s sees the request of a closed community in the list", outsider.login)
				}
			}
		}
		after(bela, eda)
		bela.get("/api/community/requests/"+secret.ID, nil)
	})
}

// proposals waits for the router and returns the helpers, best first.
func proposals(t *testing.T, p *person, request string) []string {
	t.Helper()
	var helpers []string
	eventually(t, "helpers are proposed", func() bool {
		var out struct {
			Round int
			Items []struct{ Person string }
		}
		p.get("/api/matching/requests/"+request+"/proposals", &out)
		for _, it := range out.Items {
			helpers = append(helpers, it.Person)
		}
		return out.Round > 0
	})
	return helpers
}
