package community_test

import (
	"strings"
	"testing"

	events "kith/api/events/community"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/services/community"
)

// lastOf is the last event of a request.
func (h house) lastOf(request string) (last es.Recorded) {
	h.t.Helper()
	for r, err := range h.App.Core.Events.Load(h.t.Context(), stream(events.Context, events.Request, request), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		last = r
	}
	return last
}

func TestRequestsOfErasedPeopleEnd(t *testing.T) {
	h := start(t, community.Config{})
	open, other := h.ask("ada", "", nil), h.ask("bob", "", nil)
	ended := h.ask("ada", "", nil)
	h.do(200, "ada", "POST", "/requests/"+ended+"/unresolved", obj{"reason": "nobody knew"})
	h.Append("adm", stream(membership.Context, membership.Person, "ada"), membership.PersonErased{Texts: true})
	h.Settle()
	t.Run("what is open is withdrawn, by a reactor and with a code", func(t *testing.T) {
		r := h.lastOf(open)
		if r.Type != "request.withdrawn" || r.Meta.Actor != "reactor:community-erasure" || r.Meta.Reason != "asker_erased" {
			t.Errorf("%s by %s because of %q", r.Type, r.Meta.Actor, r.Meta.Reason)
		}
		if q, _ := h.App.Core.Access.Request(open); q.Open {
			t.Error("it is still routed to helpers")
		}
		if c := h.conversation("bob", open); c.Request.State != "withdrawn" {
			t.Errorf("it is shown as %s", c.Request.State)
		}
		if got := h.timelineOf("bob", open); strings.Join(got, " ") != "raised:ada withdrawn:" {
			t.Errorf("timeline %v", got)
		}
	})
	t.Run("what has ended stays as it is", func(t *testing.T) {
		if r := h.lastOf(ended); r.Type != "request.unresolved" {
			t.Errorf("then %s happened", r.Type)
		}
	})
	t.Run("what others ask goes on", func(t *testing.T) {
		if q, _ := h.App.Core.Access.Request(other); !q.Open {
			t.Error("it has been closed")
		}
	})
	t.Run("one that arrives after the erasure ends too", func(t *testing.T) {
		h.Append("ada", stream(events.Context, events.Request, "late"), events.RequestRaised{
			Asker: "ada", Kind: events.Problem, Title: sealed.New("bob", sealed.Content, "Late"), Language: "en"})
		h.Settle()
		if r := h.lastOf("late"); r.Type != "request.withdrawn" {
			t.Errorf("the last event is %s", r.Type)
		}
	})
	if dead := h.Dead(); len(dead) > 0 {
		t.Errorf("the reactor gave up: %v", dead)
	}
}

func TestThanksAreGivenOnce(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", nil)
	r := h.create("bob", "/requests/"+q+"/responses", obj{"body": "read clause eight"})
	thank := "/requests/" + q + "/responses/" + r + "/thank"
	h.do(200, "ada", "POST", thank, obj{"note": "That was it."})
	h.do(200, "ada", "POST", thank, obj{"note": " That was it. "})
	for _, note := range []obj{{"note": "It was you!"}, {}} {
		h.do(409, "ada", "POST", thank, note)
	}
	if c := h.conversation("bob", q); *c.Responses[0].Thanks.Note != "That was it." {
		t.Errorf("bob reads %q", *c.Responses[0].Thanks.Note)
	}
}

func TestReopeningWhatIsOpenRecordsNothing(t *testing.T) {
	h := start(t, community.Config{})
	q := h.ask("ada", "", nil)
	h.do(200, "ada", "POST", "/requests/"+q+"/reopen", obj{"reason": "still stuck"})
	if r := h.lastOf(q); r.Type != "request.raised" {
		t.Errorf("the last event is %s", r.Type)
	}
}
