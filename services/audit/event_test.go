package audit_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/auditapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/services/audit"

	auditevents "kith/api/events/audit"
)

func TestEvent(t *testing.T) {
	h := begin(t, audit.Config{})
	open := h.seqOf(stream(community.Context, community.Request, "q-open"))
	closed := h.seqOf(stream(community.Context, community.Request, "q-closed"))
	t.Run("texts stay sealed unless asked for", func(t *testing.T) {
		r := h.Must(http.StatusOK, "aud", http.MethodGet, fmt.Sprintf("%s/log/%d", base, open), nil)
		var e api.FullEvent
		if err := r.JSON(&e); err != nil {
			t.Fatal(err)
		}
		title, _ := e.Data["title"].(string)
		if !strings.HasPrefix(title, "v1:ada:content:") || len(e.Texts) != 2 || e.Texts[0].Text != nil || e.Withheld || e.Schema != 1 || e.Header["ce-type"][0] != "request.raised" || bytes.Contains(r.Body, []byte("Title in")) {
			t.Errorf("%s", r.Body)
		}
	})
	t.Run("texts are opened when asked for", func(t *testing.T) {
		e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true", open))
		if len(e.Texts) != 2 || e.Texts[0].Field != "title" || *e.Texts[0].Text != "Title in open" || e.Texts[0].Person != "ada" || e.Texts[0].Erased {
			t.Errorf("%+v", e.Texts)
		}
	})
	t.Run("of a closed community only the envelope comes without a reason", func(t *testing.T) {
		for _, st := range []es.Stream{stream(community.Context, community.Request, "q-closed"), stream(community.Context, community.Community, "closed")} {
			e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", h.seqOf(st)))
			if !e.Withheld || e.Data != nil || e.Texts != nil || *e.Community != "closed" || e.Envelope.Stream != st.Subject() {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("a closed community is not opened without a reason", func(t *testing.T) {
		r := h.Do("aud", http.MethodGet, fmt.Sprintf("%s/log/%d?open=true", base, closed), nil)
		if r.Status != http.StatusForbidden || !bytes.Contains(r.Body, []byte("reason")) {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		for _, reason := range []string{"short", "%20%20%20%20%20%20%20%20%20%20%20a"} {
			r := h.Do("aud", http.MethodGet, fmt.Sprintf("%s/log/%d?open=true&reason=%s", base, closed, reason), nil)
			if r.Status != http.StatusUnprocessableEntity || !bytes.Contains(r.Body, []byte("reason")) {
				t.Errorf("%s: %d %s", reason, r.Status, r.Body)
			}
		}
	})
	t.Run("not even by an auditor who is a member", func(t *testing.T) {
		h.Append("aud", stream(membership.Context, membership.Membership, es.ID("closed", "aud")),
			membership.MembershipJoined{Tie: membership.Tie{Community: "closed", Person: "aud"}, Via: membership.ViaOpen, Role: "member"})
		if r := h.Do("aud", http.MethodGet, fmt.Sprintf("%s/log/%d?open=true", base, closed), nil); r.Status != http.StatusForbidden {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		tie := h.seqOf(stream(membership.Context, membership.Membership, es.ID("closed", "aud")))
		if e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", tie)); !e.Withheld {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a stated reason opens it and is recorded", func(t *testing.T) {
		e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true&reason=complaint+number+7", closed))
		if len(e.Texts) != 2 || *e.Texts[1].Text != "Body in closed" {
			t.Errorf("%+v", e)
		}
		all := h.reads()
		got := all[len(all)-1]
		box, err := got.Reason.Box()
		if err != nil || box.Person != "aud" || box.Class != sealed.Content {
			t.Errorf("the reason is sealed as %+v, %v", box, err)
		}
		want := auditevents.LogRead{What: "event", Filter: "open=true", Seq: closed, Community: "closed", Reason: got.Reason}
		if got != want {
			t.Errorf("recorded %+v, want %+v", got, want)
		}
	})
	t.Run("the reason is sealed in the log and opened to auditors alone", func(t *testing.T) {
		at := uint64(0)
		for r, err := range h.App.Core.Events.Load(t.Context(), stream(auditevents.Context, auditevents.Read, "aud"), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(r.Stored.Data, []byte("complaint")) {
				t.Errorf("the log says %s", r.Stored.Data)
			}
			if e, _ := r.Data.(auditevents.LogRead); !e.Reason.IsZero() {
				at = r.Seq
			}
		}
		if e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true", at)); len(e.Texts) != 1 || e.Texts[0].Field != "reason" || *e.Texts[0].Text != "complaint number 7" {
			t.Errorf("%+v", e.Texts)
		}
		if r := h.Do("adm", http.MethodGet, fmt.Sprintf("%s/log/%d?open=true", base, at), nil); r.Status != http.StatusForbidden {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("erased texts are shown as erased", func(t *testing.T) {
		if err := h.App.Core.Vault.Shred(t.Context(), "ada", sealed.Content, "e1"); err != nil {
			t.Fatal(err)
		}
		e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true", open))
		if len(e.Texts) != 2 || !e.Texts[0].Erased || e.Texts[0].Text != nil {
			t.Errorf("%+v", e.Texts)
		}
		if e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", open)); len(e.Texts) != 2 || !e.Texts[0].Erased {
			t.Errorf("unopened: %+v", e.Texts)
		}
	})
	t.Run("a community that is not known is taken for closed", func(t *testing.T) {
		for i, e := range []es.Event{community.RequestRetracted{}, community.CharterRevised{Version: 1, Purpose: "p"}} {
			st := stream(community.Context, []string{community.Request, community.Charter}[i], "ghost")
			if e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", h.Append("ada", st, e))); !e.Withheld || e.Data != nil {
				t.Errorf("%+v", e)
			}
		}
	})
	t.Run("what an auditor looked at is no content of a community", func(t *testing.T) {
		seq := h.seqOf(stream(auditevents.Context, auditevents.Read, "aud"))
		if e := get[api.FullEvent](h, fmt.Sprintf("/log/%d", seq)); e.Withheld || e.Data["what"] != "event" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("there is none beyond the end", func(t *testing.T) {
		if r := h.Do("aud", http.MethodGet, base+"/log/9999", nil); r.Problem() != "not-found" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
		if r := h.Do("aud", http.MethodGet, base+"/log/0", nil); r.Problem() != "invalid" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("what cannot be read is shown as that", func(t *testing.T) {
		seq := h.Log.AppendRaw("evt.x.y.z", es.Stored{Data: []byte(`{"a":12345678901234567}`)})
		e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true", seq))
		if e.Envelope.Unreadable == nil || e.Data == nil {
			t.Errorf("%+v", e)
		}
		if r := h.Must(http.StatusOK, "aud", http.MethodGet, fmt.Sprintf("%s/log/%d", base, seq), nil); !bytes.Contains(r.Body, []byte("12345678901234567")) {
			t.Errorf("%s", r.Body)
		}
	})
}
