package community_test

import (
	"fmt"
	"testing"

	"kith/api/events/membership"
	api "kith/api/openapi/communityapi"
	"kith/services/community"
)

// town has three departments of an organisation with six people each, and an
// open community. Nobody has helped anybody yet.
type town struct {
	house
	community string
	serial    int
}

func startTown(t *testing.T) *town {
	h := start(t, community.Config{})
	for id, parent := range map[string]string{"city": "", "health": "city", "social": "city", "works": "city", "clinic": "health", "school": "health", "lab": "health"} {
		h.Append("adm", stream(membership.Context, membership.Unit, id), membership.UnitCreated{Parent: parent, Code: id, Name: "The " + id, Kind: "department"})
	}
	for unit, n := range map[string]int{"clinic": 6, "lab": 6, "social": 6, "works": 6} {
		for i := range n {
			h.person(fmt.Sprint(unit, i), unit)
		}
	}
	return &town{house: h, community: h.found("Town", "open")}
}

// help brings in n answered questions of a time: by the people of one unit for those of another.
func (w *town) help(by, to, at string, n int) (requests []string) {
	w.t.Helper()
	var items []obj
	for i := range n {
		w.serial++
		items = append(items, obj{"origin": fmt.Sprint("q", w.serial), "community": w.community, "asker": fmt.Sprint(to, i%6), "title": "t", "occurred_at": at,
			"answers": []obj{{"origin": "a", "author": fmt.Sprint(by, i%6), "accepted": true, "thanked": true, "occurred_at": at}}})
	}
	for _, i := range w.importAll(items...) {
		if i.Error != nil {
			w.t.Fatalf("%+v", i.Error)
		}
		requests = append(requests, i.Request)
	}
	return requests
}

func (w *town) bridges(query string) (out api.Bridges) {
	w.t.Helper()
	w.decode(w.do(200, "eve", "GET", "/bridges"+query, nil), &out)
	return out
}

func said(b api.Bridges) (out string) {
	for _, i := range b.Items {
		out += fmt.Sprintf("%s>%s %d ", i.Helper, i.Asker, i.AtLeast)
	}
	return out
}

// The clock of these tests stands in March 2026.
func TestBridges(t *testing.T) {
	w := startTown(t)
	w.help("clinic", "social", "2026-01-10T10:00:00Z", 12)
	w.help("lab", "social", "2025-06-10T10:00:00Z", 11)
	w.help("clinic", "lab", "2025-06-10T10:00:00Z", 8)
	w.help("works", "social", "2026-02-28T23:59:59Z", 4)
	w.help("works", "clinic", "2025-02-28T23:59:59Z", 9) // before the window
	w.help("social", "works", "2026-03-01T00:00:00Z", 9) // this month is not over
	got := w.bridges("")
	if said(got) != "health>social 20 " || got.From != "2025-03" || got.To != "2026-02" || got.Least != 5 || got.Step != 5 || got.Formula == "" || got.Suppression == "" || got.Below != nil {
		t.Errorf("%+v", got)
	}
	if fmt.Sprint(got.Units) != "[{<nil> true health The health} {<nil> false social The social} {<nil> false works The works}]" {
		t.Errorf("the units are %v", got.Units)
	}
	if got := said(w.bridges("?months=3")); got != "health>social 10 " {
		t.Errorf("in three months: %q", got)
	}
	below := w.bridges("?below=health")
	if said(below) != "clinic>lab 5 " || below.Below == nil || below.Below.Id != "health" || len(below.Units) != 3 {
		t.Errorf("below health: %+v", below)
	}
	for _, bad := range []string{"?below=city", "?below=nowhere"} {
		w.do(404, "eve", "GET", "/bridges"+bad, nil)
	}
	w.do(422, "eve", "GET", "/bridges?months=1", nil)
}

// The past of a complete month stands still, whatever becomes of its people.
func TestThePastStandsStill(t *testing.T) {
	w := startTown(t)
	requests := w.help("works", "social", "2026-01-10T10:00:00Z", 5)
	stands := func(why string) {
		t.Helper()
		if got := said(w.bridges("")); got != "works>social 5 " {
			t.Errorf("%s: %q", why, got)
		}
	}
	stands("at first")
	w.do(200, "social0", "POST", "/requests/"+requests[0]+"/reopen", obj{"reason": "It came back."})
	stands("after a question was reopened")
	w.do(200, "social1", "POST", "/requests/"+requests[1]+"/retract", nil)
	stands("after a question was retracted")
	w.Append("adm", stream(membership.Context, membership.Person, "works2"), membership.PersonMoved{Unit: "clinic"})
	stands("after a helper moved")
	w.Append("adm", stream(membership.Context, membership.Person, "works3"), membership.PersonErased{Texts: true})
	stands("after a helper was erased")
	w.Append("adm", stream(membership.Context, membership.Unit, "works"), membership.UnitClosed{})
	stands("after the unit was closed")
}

func TestPulseIsForReaders(t *testing.T) {
	h := startClosed(t)
	for i := range 6 {
		h.person(fmt.Sprint("new", i), "u5")
		h.join(h.id, fmt.Sprint("new", i), "member")
	}
	for _, person := range []string{"cem", "eve", "kit", "adm"} { // to cem a request of it was routed
		if p := h.do(403, person, "GET", "/communities/"+h.id+"/pulse", nil).Problem(); p != "forbidden" {
			t.Errorf("%s: %s", person, p)
		}
	}
	h.do(404, "ada", "GET", "/communities/nowhere/pulse", nil)
	var p api.Pulse
	h.decode(h.do(200, "bob", "GET", "/communities/"+h.id+"/pulse", nil), &p)
	last := p.Months[len(p.Months)-1]
	if len(p.Months) != 12 || p.Months[0].Month != "2025-04" || last.Month != "2026-03" || last.Running == nil || last.Members == nil || *last.Members != 7 {
		t.Errorf("%+v", p)
	}
	if last.FirstResponseHours != nil || last.AnsweredPercent != nil || p.Months[10].Members != nil {
		t.Errorf("what few are behind is there: %+v", p)
	}
}
