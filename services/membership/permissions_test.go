package membership_test

import (
	"slices"
	"strings"
	"testing"

	"kith/api/openapi/membershipapi"
	"kith/pkg/app/apptest"
)

// callers are people in every position that the contract speaks of, by the word
// it uses for them.
type callers struct {
	*organisation
	community string
	by        map[string]string // person id
}

func newCallers(t *testing.T) *callers {
	o := start(t)
	c := &callers{organisation: o, by: map[string]string{"administrator": o.admin, "auditor": o.auditor}}
	for _, who := range []string{"host", "core", "member", "person", "coordinator", "deactivated"} {
		c.by[who] = o.person(who)
	}
	c.community = o.community(c.by["host"], "closed", "request", "closed")
	c.admit(c.by["core"])
	c.admit(c.by["member"])
	o.Must(204, c.by["host"], "POST", c.community+"/members/"+c.by["core"]+"/role", map[string]string{"role": "core"})
	o.Must(204, o.admin, "POST", base+"/people/"+c.by["coordinator"]+"/roles", map[string]string{"role": "coordinator"})
	o.Must(204, o.admin, "POST", base+"/people/"+c.by["deactivated"]+"/deactivate", nil)
	return c
}

func (c *callers) ask(person string) {
	c.Must(200, person, "POST", c.community+"/join", nil)
}

func (c *callers) admit(person string) {
	c.ask(person)
	c.Must(204, c.by["host"], "POST", c.community+"/join-requests/"+person+"/admit", nil)
}

// may lists the callers for whom one of roles holds.
func (c *callers) may(roles []any) []string {
	var out []string
	for _, r := range roles {
		switch word := r.(string); word {
		case "person":
			out = append(out, "administrator", "auditor", "host", "core", "member", "person", "coordinator")
		case "member", "reader":
			out = append(out, "host", "core", "member")
		case "self":
			out = append(out, "owner")
		default:
			out = append(out, word)
		}
	}
	return out
}

// Every operation of the contract refuses everybody whom its x-kith-roles does
// not name, and lets in those whom it names.
func TestPermissions(t *testing.T) {
	doc, err := membershipapi.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	c := newCallers(t)
	c.Must(200, c.admin, "POST", base+"/imports/units", units+"1,,House,organisation\n", csvBody)
	unit, _ := c.App.Core.Access.UnitByCode("1")
	expires := c.Clock.Now().AddDate(0, 1, 0)
	bodies := map[string]any{
		"createUnit": map[string]any{"code": "new", "name": "New", "kind": "team"}, "changeUnit": map[string]any{"name": "House", "kind": "organisation"},
		"registerPerson": map[string]any{"name": "New"}, "lookUpPeople": map[string]any{"ids": []string{"x"}},
		"movePerson": map[string]any{"unit": unit.ID}, "erasePerson": map[string]any{"texts": false}, "eraseMe": map[string]any{"texts": false},
		"grantRole": map[string]any{"role": "connector"}, "revokeRole": map[string]any{"reason": "x"}, "changeMyProfile": map[string]any{"availability": "away"}, "changeMySettings": map[string]any{"language": "de"},
		"issueToken": map[string]any{"name": "x", "expires": expires}, "declineJoinRequest": map[string]any{"reason": "x"},
		"removeMember": map[string]any{"reason": "x"}, "changeMemberRole": map[string]any{"role": "core"},
		"importAuthors": map[string]any{"items": []map[string]any{{"external_id": "a", "name": "A"}}},
		"importUnits":   units, "importPeople": people,
	}
	serial := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			id := strings.ToLower(op.OperationID[:1]) + op.OperationID[1:]
			t.Run(id, func(t *testing.T) {
				serial++
				// Somebody to whom the operation can be done.
				victim := c.person("victim " + strings.Repeat("x", serial))
				switch id {
				case "admit", "declineJoinRequest":
					c.ask(victim)
				case "invite", "withdrawInvitation", "acceptInvitation", "declineInvitation":
				default:
					c.admit(victim)
				}
				if slices.Contains([]string{"withdrawInvitation", "acceptInvitation"}, id) {
					c.Must(204, c.by["host"], "POST", c.community+"/invitations", map[string]string{"person": victim})
				}
				c.by["owner"], c.by["invitee"] = victim, victim
				var token struct{ ID string }
				c.json(c.Must(201, victim, "POST", base+"/me/tokens", bodies["issueToken"]), &token)
				url := base + strings.NewReplacer("{unit}", unit.ID, "{person}", victim, "{community}", "closed", "{token}", token.ID, "{role}", "connector").Replace(path)
				body := bodies[id]
				if id == "invite" {
					body = map[string]any{"person": victim}
				}
				var opts []apptest.Option
				if strings.HasPrefix(id, "import") && id != "importAuthors" {
					opts = append(opts, csvBody)
				}
				switch id {
				case "changeUnit":
					opts = append(opts, apptest.Header("If-Match", c.Must(200, c.admin, "GET", url, nil).Header.Get("ETag")))
				case "changeMyProfile":
					opts = append(opts, apptest.Header("If-Match", `"1"`))
				}
				may := c.may(op.Extensions["x-kith-roles"].([]any))
				if slices.Contains([]string{"listJoinRequests", "admit", "declineJoinRequest"}, id) {
					// Coordinators may while there is no host, as hostless_test.go shows.
					may = slices.DeleteFunc(may, func(who string) bool { return who == "coordinator" })
				}
				if got := c.Do("", method, url, body, opts...); got.Status != 401 {
					t.Errorf("without a token it answered %d %s", got.Status, got.Body)
				}
				for _, who := range []string{"deactivated", "person", "auditor", "coordinator", "administrator", "member", "core", "host"} {
					if slices.Contains(may, who) {
						continue
					}
					if got := c.Do(c.by[who], method, url, body, opts...); !slices.Contains([]int{403, 404, 409}, got.Status) {
						t.Errorf("%s got %d %s", who, got.Status, got.Body)
					}
				}
				if slices.Contains([]string{"eraseMe", "leaveCommunity", "takeOverCommunity", "layDownRole"}, id) {
					return // what it does to the callers is tested elsewhere
				}
				for _, who := range may {
					if got := c.Do(c.by[who], method, url, body, opts...); got.Status == 401 || got.Status == 403 {
						t.Errorf("%s got %d %s", who, got.Status, got.Body)
					}
				}
			})
		}
	}
}
