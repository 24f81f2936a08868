package audit_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/services/audit"

	auditevents "kith/api/events/audit"
)

// walk is every position that a list gives, page by page.
func (h house) walk(query string) (seqs []uint64) {
	h.t.Helper()
	for path := "/log?" + query; ; {
		page := get[api.EnvelopePage](h, path)
		for _, e := range page.Items {
			seqs = append(seqs, e.Seq)
		}
		if page.Next == nil {
			return seqs
		}
		path = "/log?" + query + "&cursor=" + *page.Next
	}
}

func TestNewestFirst(t *testing.T) {
	h := begin(t, audit.Config{})
	for i := range 50 {
		h.Append("ada", stream(community.Context, community.Charter, "open"), community.CharterRevised{Version: i + 1, Purpose: "p"})
	}
	for _, filter := range []string{"limit=7", "limit=3&type=request.raised", "limit=1&context=community&aggregate=charter&id=open", "limit=20&context=community&aggregate=charter&id=open",
		"limit=2&actor=nobody",
		"limit=3&type=charter.revised", "limit=3&type=charter.revised&context=membership", "limit=2&context=community", "limit=2&context=community&aggregate=request", "limit=2&aggregate=charter&id=open", "limit=2&type=no.such", "limit=4&from=5&to=40", "limit=5&community=closed"} {
		t.Run(filter, func(t *testing.T) {
			to, _ := h.App.Core.Events.Last(t.Context())
			bound := filter + fmt.Sprintf("&to=%d", to)
			if q, _ := url.ParseQuery(filter); q.Has("to") {
				bound = filter
			}
			want := h.walk(bound)
			slices.Reverse(want)
			if got := h.walk(bound + "&order=newest"); !slices.Equal(got, want) {
				t.Errorf("got %v\nwant %v", got, want)
			}
		})
	}
	t.Run("begins with the newest there is, and records where a page began", func(t *testing.T) {
		last, _ := h.App.Core.Events.Last(t.Context())
		page := get[api.EnvelopePage](h, "/log?order=newest&limit=2")
		if page.Items[0].Seq != last || page.Items[1].Seq != last-1 || page.Next == nil {
			t.Fatalf("%+v, the log ends at %d", page, last)
		}
		get[api.EnvelopePage](h, "/log?order=newest&limit=2&cursor="+*page.Next)
		all := h.reads()
		if e := all[len(all)-1]; e.What != "log" || e.Seq != last-2 {
			t.Errorf("%+v", e)
		}
		if page := get[api.EnvelopePage](h, "/log?order=newest&limit=2"); page.Items[0].Type != (auditevents.LogRead{}).EventType() {
			t.Errorf("the reading is not at the top: %+v", page.Items)
		}
	})
}

func TestLogOfCommunity(t *testing.T) {
	h := begin(t, audit.Config{})
	h.Append("ada", stream(membership.Context, membership.Membership, "m1"), membership.MembershipJoined{Tie: membership.Tie{Community: "closed", Person: "ada"}, Role: "member", Via: "open"})
	answered := h.Append("bob", stream(community.Context, community.Request, "q-closed"), community.RequestRetracted{})
	for community, want := range map[string]int{"closed": 4, "open": 2, "unknown": 0} {
		found := h.walk("community=" + community)
		if len(found) != want {
			t.Errorf("%s: %v, want %d events", community, found, want)
		}
		if community == "closed" && !slices.Contains(found, answered) {
			t.Errorf("what happened to a request is missing: %v", found)
		}
	}
}

func TestWhatAnEventCaused(t *testing.T) {
	h := begin(t, audit.Config{})
	cause := h.seqOf(stream(community.Context, community.Request, "q-open"))
	id := get[api.FullEvent](h, fmt.Sprintf("/log/%d", cause)).Envelope.Id
	st := stream(membership.Context, membership.Unit, "u1")
	effect, err := h.App.Core.Events.Append(t.Context(), st, 0, es.Meta{Command: "c1", Cause: id, CauseSeq: cause, Actor: "reactor:x"}, membership.UnitCreated{Code: "u1", Name: "u1", Kind: "team"})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.walk(fmt.Sprintf("caused_by=%d", cause)); !slices.Equal(got, []uint64{effect}) {
		t.Errorf("%v, want %d", got, effect)
	}
	e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", effect)).Envelope
	if e.CauseSeq == nil || *e.CauseSeq != cause || *e.Cause != id {
		t.Errorf("%+v", e)
	}
	all := h.reads()
	if !slices.ContainsFunc(all, func(r auditevents.LogRead) bool { return r.Filter == fmt.Sprintf("caused_by=%d", cause) }) {
		t.Errorf("%+v", all)
	}
}

func TestLogOfATime(t *testing.T) {
	h := begin(t, audit.Config{})
	at := map[uint64]time.Time{}
	for i := range 40 {
		h.Clock.Advance(time.Hour)
		id := fmt.Sprintf("u%d", i)
		seq := h.Append("adm", stream(membership.Context, membership.Unit, id), membership.UnitCreated{Code: id, Name: id, Kind: "team"})
		at[seq] = h.Clock.Now()
	}
	ticks := 0
	h.tick(time.Second, "seen again", func() bool { ticks++; return ticks > 1 })
	for _, order := range []string{"oldest", "newest"} {
		for _, hours := range []int{0, 1, 17, 39, 60} {
			since := h.Clock.Now().Add(-time.Duration(hours) * time.Hour)
			until := since.Add(5 * time.Hour)
			q := url.Values{"type": {"unit.created"}, "order": {order}, "limit": {"3"}, "since": {since.Format(time.RFC3339Nano)}, "until": {until.Format(time.RFC3339Nano)}}
			var want []uint64
			for seq, when := range at {
				if !when.Before(since) && when.Before(until) {
					want = append(want, seq)
				}
			}
			slices.Sort(want)
			if order == "newest" {
				slices.Reverse(want)
			}
			if got := h.walk(q.Encode()); !slices.Equal(got, want) {
				t.Errorf("%s, %d hours ago: %v, want %v", order, hours, got, want)
			}
		}
	}
	if r := h.Do("aud", http.MethodGet, base+"/log?order=best", nil); r.Problem() != "invalid" {
		t.Errorf("%d %s", r.Status, r.Body)
	}
}
