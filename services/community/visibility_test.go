package community_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/services/community"
)

// closedHouse has a closed community of ada (host) and bob (member) with a
// charter and two requests of bob: inner stays inside, beyond may leave. Both
// were routed to cem, who is no member; both have an answer of ada.
type closedHouse struct {
	house
	id, inner, beyond string
	answer            map[string]string // request → ada's response
}

func startClosed(t *testing.T) closedHouse {
	h := start(t, community.Config{})
	c := closedHouse{house: h, id: h.found("Secret readers", "closed"), answer: map[string]string{}}
	h.join(c.id, "bob", "member")
	h.do(200, "ada", "PUT", "/communities/"+c.id+"/charter", obj{"purpose": "secretpurpose"}, match(`"0"`))
	c.inner = h.ask("bob", c.id, obj{"title": "secretinner"})
	c.beyond = h.ask("bob", c.id, obj{"title": "secretbeyond", "beyond": true})
	for _, q := range []string{c.inner, c.beyond} {
		h.route(q, "bob", "cem")
		c.answer[q] = h.create("ada", "/requests/"+q+"/responses", obj{"body": "secretanswer"})
	}
	return c
}

// commandsOn are all commands on a request with the body that each takes.
func commandsOn(q, response string) []call {
	return []call{
		{"PUT", "/requests/" + q, obj{"title": "t", "tried": "x"}, "asker"},
		{"POST", "/requests/" + q + "/retract", nil, "asker"},
		{"POST", "/requests/" + q + "/resolve", nil, "asker"},
		{"POST", "/requests/" + q + "/unresolved", obj{"reason": "r"}, "asker"},
		{"POST", "/requests/" + q + "/withdraw", obj{}, "asker"},
		{"POST", "/requests/" + q + "/reopen", obj{"reason": "r"}, "asker"},
		{"POST", "/requests/" + q + "/responses/" + response + "/accept", nil, "asker"},
		{"POST", "/requests/" + q + "/responses/" + response + "/thank", obj{}, "asker"},
		{"POST", "/requests/" + q + "/responses", obj{"body": "b"}, "reader"},
		{"PUT", "/requests/" + q + "/responses/" + response, obj{"body": "b"}, "author"},
		{"POST", "/requests/" + q + "/responses/" + response + "/retract", nil, "author"},
	}
}

type call struct {
	method, path string
	body         any
	role         string
}

func TestOutsidersSeeNothingOfAClosedCommunity(t *testing.T) {
	h := startClosed(t)
	queries := []string{
		"/communities", "/communities?query=secretpurpose", "/communities/" + h.id, "/communities/similar?name=secretinner+secretpurpose",
		"/communities/" + h.id + "/charter", "/communities/" + h.id + "/charter/versions", "/communities/" + h.id + "/charter/versions/1",
		"/communities/" + h.id + "/charter/diff?from=0&to=1",
		"/requests", "/requests?community=" + h.id, "/requests?community=" + h.id + "&state=open", "/requests?state=open", "/requests?kind=problem",
		"/requests?language=en", "/requests?mine=true", "/requests?whose=own", "/requests?whose=others", "/requests?limit=1",
		"/requests/" + h.inner, "/requests/" + h.inner + "/timeline", "/requests/" + h.beyond, "/requests/" + h.beyond + "/timeline",
	}
	for _, person := range []string{"dan", "kit", "adm"} {
		for _, q := range queries {
			r := h.Do(person, "GET", base+q, nil)
			for _, secret := range []string{"secretpurpose", "secretinner", "secretbeyond", "secretanswer", h.inner, h.beyond} {
				if strings.Contains(string(r.Body), secret) {
					t.Errorf("%s reads %q at %s: %s", person, secret, q, r.Body)
				}
			}
			if strings.Contains(q, "/charter") && r.Problem() != "forbidden" {
				t.Errorf("%s at %s: %d, want forbidden", person, q, r.Status)
			}
			if strings.HasPrefix(q, "/requests/") && r.Problem() != "not-found" {
				t.Errorf("%s at %s: %d, want not-found", person, q, r.Status)
			}
			if tag := r.Header.Get("ETag"); tag != "" && (strings.Contains(q, "/charter") || strings.HasPrefix(q, "/requests/")) {
				t.Errorf("%s at %s learns the version %s", person, q, tag)
			}
		}
		for _, c := range commandsOn(h.inner, h.answer[h.inner]) {
			if p := h.Do(person, c.method, base+c.path, c.body, match(`"1"`)).Problem(); p != "not-found" {
				t.Errorf("%s %s %s: %q, want not-found", person, c.method, c.path, p)
			}
		}
		// What does not exist looks the same as what is not shown.
		one := h.Do(person, "GET", base+"/requests/"+h.inner, nil)
		two := h.Do(person, "GET", base+"/requests/"+es.ID("guess"), nil)
		if string(one.Body) != string(two.Body) || one.Status != two.Status {
			t.Errorf("%s tells a hidden request from none: %s and %s", person, one.Body, two.Body)
		}
	}
}

func TestRoutedOutsidersSeeWhatMayLeave(t *testing.T) {
	h := startClosed(t)
	c := h.conversation("cem", h.beyond)
	if *c.Request.Title != "secretbeyond" || words(c.May) != "respond" {
		t.Errorf("cem sees %+v", c)
	}
	if got := strings.Join(h.timelineOf("cem", h.beyond), " "); got != "raised:bob routed: responded:ada" {
		t.Errorf("cem's timeline is %s", got)
	}
	h.do(404, "cem", "GET", "/requests/"+h.inner, nil)
	h.do(404, "cem", "POST", "/requests/"+h.inner+"/responses", obj{"body": "b"})
	h.do(403, "cem", "GET", "/communities/"+h.id+"/charter", nil)
	h.do(403, "cem", "POST", "/requests", obj{"community": h.id, "kind": "problem", "title": "t", "tried": "x"})
	var page api.RequestPage
	h.decode(h.do(200, "cem", "GET", "/requests?community="+h.id, nil), &page)
	if len(page.Items) != 1 || page.Items[0].Id != h.beyond {
		t.Errorf("cem's list is %+v", page.Items)
	}
	r := h.create("cem", "/requests/"+h.beyond+"/responses", obj{"body": "from outside"})
	if got := words(h.conversation("cem", h.beyond).Responses[1].May); got != "correct retract" {
		t.Errorf("cem may %s with the own response", got)
	}
	h.do(403, "cem", "PUT", "/requests/"+h.beyond+"/responses/"+h.answer[h.beyond], obj{"body": "b"}, match(`"1"`))
	h.do(200, "cem", "PUT", "/requests/"+h.beyond+"/responses/"+r, obj{"body": "better"}, match(`"1"`))
}

func TestRequestsOfOnesCommunities(t *testing.T) {
	h := startClosed(t)
	open := h.found("Open readers", "open")
	h.join(open, "bob", "member")
	there := h.ask("bob", open, nil)
	everybody := h.ask("dan", "", nil)
	for path, want := range map[string][]string{
		"bob own":    {there, h.inner, h.beyond},
		"bob others": {everybody},
		"dan own":    {},
		"dan others": {there, everybody},
		"cem own":    {},
		"cem others": {there, everybody, h.beyond},
	} {
		who, whose, _ := strings.Cut(path, " ")
		var page api.RequestPage
		h.decode(h.do(200, who, "GET", "/requests?state=open&whose="+whose, nil), &page)
		got := []string{}
		for _, r := range page.Items {
			got = append(got, r.Id)
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s sees of %s %v, want %v", who, whose, got, want)
		}
	}
	h.do(422, "bob", "GET", "/requests?whose=mine", nil)
}

func TestCursorsTellNothing(t *testing.T) {
	h := startClosed(t)
	// dan sees one old request; the closed community's newer ones are passed over on the way to it.
	open := h.found("Open readers", "open")
	h.join(open, "bob", "member")
	for range 2 {
		h.ask("bob", open, nil)
		h.ask("bob", h.id, obj{"title": "secret"})
	}
	seen, cursor := 0, ""
	for range 20 {
		var page api.RequestPage
		h.decode(h.do(200, "dan", "GET", "/requests?limit=1"+cursor, nil), &page)
		seen += len(page.Items)
		if page.Next == nil {
			break
		}
		// Whatever is packed into what: no layer shows an id.
		for layer := *page.Next; ; {
			if strings.Contains(layer, h.id) || strings.Contains(layer, h.inner) || strings.Contains(layer, open) {
				t.Errorf("a cursor shows an id: %q", layer)
			}
			raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.Trim(layer, `"`), "="))
			if err != nil {
				if raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.Trim(layer, `"`), "=")); err != nil {
					break
				}
			}
			layer = string(raw)
		}
		cursor = "&cursor=" + *page.Next
		for who, path := range map[string]string{"eve": "/requests?limit=1", "dan": "/requests?limit=1&community=" + h.id} {
			if p := h.Do(who, "GET", base+path+cursor, nil).Problem(); p != "invalid" {
				t.Errorf("a cursor of dan's list was taken from %s at %s (%q)", who, path, p)
			}
		}
	}
	if seen != 2 {
		t.Errorf("dan saw %d requests page by page, want 2", seen)
	}
}

func TestLeavingEndsSight(t *testing.T) {
	h := startClosed(t)
	tie := membership.Tie{Community: h.id, Person: "eve"}
	h.join(h.id, "eve", "member")
	r := h.create("eve", "/requests/"+h.inner+"/responses", obj{"body": "eves words"})
	own := h.ask("eve", h.id, nil)
	h.tie(h.id, "eve", membership.MembershipLeft{Tie: tie})
	h.do(404, "eve", "GET", "/requests/"+h.inner, nil)
	h.do(404, "eve", "PUT", "/requests/"+h.inner+"/responses/"+r, obj{"body": "new words"}, match(`"1"`))
	h.do(404, "eve", "POST", "/requests/"+h.inner+"/responses/"+h.answer[h.inner]+"/retract", nil)
	h.do(200, "eve", "POST", "/requests/"+h.inner+"/responses/"+r+"/retract", nil) // one's own words can always be taken back
	h.do(200, "eve", "GET", "/requests/"+own, nil)
	h.do(200, "eve", "POST", "/requests/"+own+"/withdraw", obj{})
	if n := len(h.conversation("ada", h.inner).Responses); n != 1 {
		t.Errorf("ada sees %d responses", n)
	}
}

// Every route of the contract, by people with and without the right.
func TestPermissionsOfEveryRoute(t *testing.T) {
	h := start(t, community.Config{})
	id := h.found("Rights", "open")
	for person, role := range map[string]string{"bob": "member", "cem": "core", "dan": "sponsor"} {
		h.join(id, person, role)
	}
	q := h.ask("bob", id, nil)
	r := h.create("cem", "/requests/"+q+"/responses", obj{"body": "answer"})
	link := h.create("ada", "/communities/"+id+"/links", obj{"other": h.found("Rights elsewhere", "open"), "kind": "sister", "reason": "r"})
	h.do(200, "ada", "POST", "/links/"+link+"/agree", obj{})
	settings := obj{"name": "Rights", "purpose": "p2", "kind": "community", "visibility": "open", "joining": "open", "language": "en"}
	in := "/communities/" + id
	calls := append(commandsOn(q, r),
		call{"PUT", in + "/settings", settings, "host"},
		call{"POST", in + "/state", obj{"to": "active", "reason": "r"}, "host coordinator"},
		call{"PUT", in + "/charter", obj{"purpose": "p"}, "host core sponsor"},
		call{"POST", "/requests", obj{"community": id, "kind": "problem", "title": "t", "tried": "x"}, "member"},
		call{"POST", "/requests", obj{"kind": "problem", "title": "t", "tried": "x"}, "person"},
		call{"POST", "/communities", obj{"name": "n", "purpose": "p", "kind": "community", "visibility": "open", "joining": "open", "language": "en", "shown": []string{}}, "person"},
		call{"POST", "/requests/lookup", obj{"ids": []string{q}}, "person"},
		call{"POST", "/communities/lookup", obj{"ids": []string{id}}, "person"},
		call{"POST", in + "/links", obj{"other": id, "kind": "sister", "reason": "r"}, "host"},
		call{"POST", "/links/" + link + "/agree", obj{}, "host"},
		call{"POST", "/links/" + link + "/decline", obj{"reason": "r"}, "host"},
		call{"POST", "/links/" + link + "/withdraw", obj{}, "host"},
		call{"POST", "/links/" + link + "/end", obj{"reason": "r"}, "host"},
		call{"POST", "/imports/communities", obj{"origin": "o", "name": "n", "language": "en"}, "administrator"},
		call{"POST", "/imports/questions", obj{"items": []obj{{"origin": "o", "community": id, "asker": "ada", "title": "t"}}}, "administrator"},
	)
	for _, path := range []string{"/communities", "/communities/similar?name=x", in, "/requests", "/links", in + "/links", "/bridges"} {
		calls = append(calls, call{"GET", path, nil, "person"})
	}
	for _, path := range []string{in + "/charter", in + "/charter/versions", in + "/charter/versions/1", in + "/charter/diff?from=0&to=0",
		"/requests/" + q, "/requests/" + q + "/timeline", "/links/" + link, in + "/pulse"} {
		calls = append(calls, call{"GET", path, nil, "reader"}) // everybody, for the community is open
	}
	covers(t, calls)
	roles := map[string]string{ // what each person is, in words of the contract
		"ada": "person reader member host", "bob": "person reader member asker", "cem": "person reader member core author",
		"dan": "person reader member sponsor", "eve": "person reader", "kit": "person reader coordinator", "adm": "person reader administrator",
	}
	for _, c := range calls {
		for person, has := range roles {
			allowed := false
			for _, word := range strings.Fields(c.role) {
				allowed = allowed || strings.Contains(" "+has+" ", " "+word+" ")
			}
			// A version nobody has: whoever may pass is stopped after the permission, so nothing changes.
			opts := []apptest.Option{}
			if c.method == "PUT" {
				opts = append(opts, match(`"999"`))
			}
			if allowed && c.method == "POST" && !strings.HasPrefix(c.path, "/imports") && c.role != "person" && c.role != "member" {
				continue // those change the state; the journey and the transitions show them
			}
			p := h.Do(person, c.method, base+c.path, c.body, opts...).Problem()
			if refused := p == "forbidden"; refused == allowed {
				t.Errorf("%s (%s) %s %s for %s: %q", person, has, c.method, c.path, c.role, p)
			}
		}
		if p := h.Do("old", c.method, base+c.path, c.body, match(`"1"`)).Problem(); p != "forbidden" && p != "unauthenticated" {
			t.Errorf("deactivated at %s %s: %q", c.method, c.path, p)
		}
		if p := h.Do("", c.method, base+c.path, c.body, match(`"1"`)).Problem(); p != "unauthenticated" {
			t.Errorf("nobody at %s %s: %q", c.method, c.path, p)
		}
	}
}

// covers fails the test unless there is a call of every operation of the
// contract, by the roles that the contract names.
func covers(t *testing.T, calls []call) {
	t.Helper()
	doc, err := api.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			var roles []string
			for _, r := range op.Extensions["x-kith-roles"].([]any) {
				roles = append(roles, r.(string))
			}
			slices.Sort(roles)
			if !slices.ContainsFunc(calls, func(c call) bool {
				path, _, _ := strings.Cut(c.path, "?")
				have := strings.Fields(c.role)
				slices.Sort(have)
				return c.method == method && fits(template, path) && slices.Equal(have, roles)
			}) {
				t.Errorf("no call of %s %s by %v", method, template, roles)
			}
		}
	}
}

// fits reports whether path is an address of template.
func fits(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") {
			return false
		}
	}
	return true
}

func TestOffersAreBetweenHelperAndAsker(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", nil)
	h.route(q, "ada", "bob", "cem")
	h.offer(q, "ada", "bob")
	for person, want := range map[string]bool{"ada": true, "bob": true, "cem": false, "dan": false} {
		if got := strings.Contains(fmt.Sprint(h.timelineOf(person, q)), "offered:bob"); got != want {
			t.Errorf("%s reads of the offer: %v", person, got)
		}
	}
}
