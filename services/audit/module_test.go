package audit_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/auditapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/services/audit"
	"kith/services/audit/merkle"

	auditevents "kith/api/events/audit"
)

const base = "/api/audit"

// house is a running module. ada and bob are people, aud is the auditor, adm
// the administrator; open and closed are communities with a request each.
type house struct {
	*apptest.System
	t *testing.T
}

func stream(context, aggregate, id string) es.Stream {
	return es.Stream{Context: context, Aggregate: aggregate, ID: id}
}

func begin(t *testing.T, cfg audit.Config) house {
	t.Helper()
	h := house{apptest.Start(t, codec(), func(ctx context.Context, core app.Core) (app.Module, error) { return audit.New(ctx, core, cfg) }), t}
	for _, person := range []string{"ada", "bob", "aud", "adm"} {
		if err := h.App.Core.Vault.Create(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		h.Append("adm", stream(membership.Context, membership.Person, person),
			membership.PersonRegistered{Name: sealed.New(person, sealed.Identity, "Name of "+person), Language: "en"})
	}
	h.Append("adm", stream(membership.Context, membership.Role, "aud"), membership.RoleGranted{Role: "auditor"})
	h.Append("adm", stream(membership.Context, membership.Role, "adm"), membership.RoleGranted{Role: "administrator"})
	for _, visibility := range []string{community.Open, community.Closed} {
		h.Append("ada", stream(community.Context, community.Community, visibility), community.CommunityFounded{Founder: "ada", Settings: community.Settings{
			Name: visibility, Purpose: "p", Kind: "community", Visibility: visibility, Joining: community.JoinOpen, Language: "en"}})
		h.Append("ada", stream(community.Context, community.Request, "q-"+visibility), community.RequestRaised{
			Community: visibility, Asker: "ada", Kind: community.Problem,
			Title: sealed.New("ada", sealed.Content, "Title in "+visibility), Body: sealed.New("ada", sealed.Content, "Body in "+visibility)})
	}
	return h
}

func get[T any](h house, path string) T {
	h.t.Helper()
	var v T
	if err := h.Must(http.StatusOK, "aud", http.MethodGet, base+path, nil).JSON(&v); err != nil {
		h.t.Fatal(err)
	}
	return v
}

// seqOf is the position of the first event of a stream.
func (h house) seqOf(st es.Stream) uint64 {
	h.t.Helper()
	for r, err := range h.App.Core.Events.Load(h.t.Context(), st, 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		return r.Seq
	}
	h.t.Fatalf("nothing in %s", st)
	return 0
}

// reads are what is recorded of an auditor.
func (h house) reads() (all []auditevents.LogRead) {
	h.t.Helper()
	for r, err := range h.App.Core.Events.Load(h.t.Context(), stream(auditevents.Context, auditevents.Read, "aud"), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, r.Data.(auditevents.LogRead))
	}
	return all
}

// tick moves the clock in steps until ok holds: due work runs beside the test.
func (h house) tick(step time.Duration, what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("not %s after 20 s", what)
		}
		h.Clock.Advance(step)
	}
	h.Settle()
}

func (h house) announced() (sizes []uint64) {
	h.t.Helper()
	for r, err := range h.App.Core.Events.Load(h.t.Context(), stream(auditevents.Context, auditevents.Checkpoint, "log"), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		sizes = append(sizes, r.Data.(auditevents.CheckpointSigned).Size)
	}
	return sizes
}

var routes = []struct{ method, path, what string }{
	{http.MethodGet, "/log", "log"},
	{http.MethodGet, "/log/1", "event"},
	{http.MethodGet, "/log/1/proof", "proof"},
	{http.MethodGet, "/verification", "verify"},
	{http.MethodPost, "/verification", "verify"},
	{http.MethodGet, "/export", "export"},
	{http.MethodGet, "/checkpoints", "checkpoints"},
}

func TestPermissions(t *testing.T) {
	h := begin(t, audit.Config{})
	for _, r := range routes {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			for person, status := range map[string]int{"": http.StatusUnauthorized, "ada": http.StatusForbidden, "adm": http.StatusForbidden} {
				before := len(h.reads())
				if got := h.Do(person, r.method, base+r.path, nil); got.Status != status {
					t.Errorf("%q got %d: %s", person, got.Status, got.Body)
				}
				if len(h.reads()) != before {
					t.Errorf("a read by %q was recorded though it was refused", person)
				}
			}
			before := len(h.reads())
			h.Must(http.StatusOK, "aud", r.method, base+r.path, nil)
			all := h.reads()
			if len(all) != before+1 || all[before].What != r.what {
				t.Errorf("recorded %+v, want one %s", all[before:], r.what)
			}
		})
	}
	t.Run("these are all routes", func(t *testing.T) {
		spec, err := api.GetSpec()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, item := range spec.Paths.Map() {
			n += len(item.Operations())
		}
		if n != len(routes) {
			t.Errorf("the document has %d operations, the test %d", n, len(routes))
		}
	})
}

func TestLog(t *testing.T) {
	h := begin(t, audit.Config{})
	t.Run("lists envelopes without what events say", func(t *testing.T) {
		page := h.Must(http.StatusOK, "aud", http.MethodGet, base+"/log?context=community&type=request.raised", nil)
		var out api.EnvelopePage
		if err := page.JSON(&out); err != nil {
			t.Fatal(err)
		}
		if len(out.Items) != 2 || out.Items[0].Stream != "evt.community.request.q-open" || *out.Items[0].Actor != "ada" || out.Next != nil {
			t.Errorf("%s", page.Body)
		}
		if bytes.Contains(page.Body, []byte("asker")) || bytes.Contains(page.Body, []byte("v1:")) {
			t.Errorf("data came too: %s", page.Body)
		}
	})
	for query, want := range map[string][]uint64{
		"?from=3&to=5":                                           {3, 4, 5},
		"?from=900":                                              {},
		"?context=membership&aggregate=role":                     {5, 6},
		"?context=membership&aggregate=role&id=adm":              {6},
		"?context=membership&aggregate=role&id=adm&to=5":         {},
		"?context=membership&aggregate=role&id=adm&actor=ada":    {},
		"?actor=ada":                                             {7, 8, 9, 10},
		"?actor=ada&from=8&to=9":                                 {8, 9},
		"?to=10&until=2026-03-02T09:00:00Z":                      {},
		"?to=2&since=2026-03-02T10:00:00%2B01:00":                {1, 2},
		"?to=2&since=2026-03-02T09:00:01Z":                       {},
		"?context=community&aggregate=community&id=open&limit=1": {7},
	} {
		t.Run("filters "+query, func(t *testing.T) {
			got := []uint64{}
			for _, e := range get[api.EnvelopePage](h, "/log"+query).Items {
				got = append(got, e.Seq)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	t.Run("pages come to an end though each adds an event", func(t *testing.T) {
		last, _ := h.App.Core.Events.Last(t.Context())
		seen, path := uint64(0), "/log?limit=1"
		for {
			page := get[api.EnvelopePage](h, path)
			for _, e := range page.Items {
				if seen++; e.Seq != seen {
					t.Fatalf("%d came as number %d", e.Seq, seen)
				}
			}
			if page.Next == nil {
				break
			}
			path = "/log?limit=1&cursor=" + *page.Next
		}
		if seen != last {
			t.Errorf("saw %d of %d", seen, last)
		}
	})
	t.Run("refuses what makes no sense", func(t *testing.T) {
		for _, q := range []string{"?from=0", "?from=5&to=4", "?from=x", "?since=yesterday", "?limit=0", "?context=a.b", "?cursor=!", "?unknown=1"} {
			if r := h.Do("aud", http.MethodGet, base+"/log"+q, nil); r.Problem() != "invalid" {
				t.Errorf("%s: %d %s", q, r.Status, r.Body)
			}
		}
	})
	t.Run("the query is recorded before the answer", func(t *testing.T) {
		get[api.EnvelopePage](h, "/log?actor=bob&limit=3")
		all := h.reads()
		if e := all[len(all)-1]; e.What != "log" || e.Filter != "actor=bob&limit=3" {
			t.Errorf("%+v", e)
		}
	})
}

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
		if !strings.HasPrefix(title, "v1:ada:content:") || e.Texts != nil || e.Withheld || e.Schema != 1 || bytes.Contains(r.Body, []byte("Title in")) {
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
		want := auditevents.LogRead{What: "event", Filter: "open=true", Seq: closed, Community: "closed", Reason: "complaint number 7"}
		if got := all[len(all)-1]; got != want {
			t.Errorf("recorded %+v, want %+v", got, want)
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
		seq := h.App.Core.Events.(*esmem.Store).AppendRaw("evt.x.y.z", es.Stored{Data: []byte(`{"a":12345678901234567}`)})
		e := get[api.FullEvent](h, fmt.Sprintf("/log/%d?open=true", seq))
		if e.Envelope.Unreadable == nil || e.Data == nil {
			t.Errorf("%+v", e)
		}
		if r := h.Must(http.StatusOK, "aud", http.MethodGet, fmt.Sprintf("%s/log/%d", base, seq), nil); !bytes.Contains(r.Body, []byte("12345678901234567")) {
			t.Errorf("%s", r.Body)
		}
	})
}

func TestCheckpoints(t *testing.T) {
	h := begin(t, audit.Config{})
	t.Run("are signed within a minute and told of once", func(t *testing.T) {
		h.tick(time.Second, "signed", func() bool { return len(h.announced()) > 0 })
		sizes := h.announced()
		h.Append("adm", stream(membership.Context, membership.Unit, "u1"), membership.UnitCreated{Code: "u1", Name: "u1", Kind: "team"})
		last := h.App.Core.Follower.Position()
		h.tick(10*time.Second, "signed again", func() bool { s := h.announced(); return len(s) > len(sizes) && s[len(s)-1] >= last })
	})
	t.Run("a log in which only the audit does something is left alone", func(t *testing.T) {
		get[api.Integrity](h, "/verification")
		n := len(h.announced())
		ticked := 0
		h.tick(time.Minute, "idle for an hour", func() bool { ticked++; return ticked > 60 })
		if got := len(h.announced()); got != n {
			t.Errorf("%d checkpoints became %d", n, got)
		}
	})
	t.Run("are listed, newest first, in pages", func(t *testing.T) {
		all := get[api.CheckpointPage](h, "/checkpoints").Items
		if len(all) < 2 || all[0].Size <= all[1].Size {
			t.Fatalf("%+v", all)
		}
		page := get[api.CheckpointPage](h, "/checkpoints?limit=1")
		if len(page.Items) != 1 || page.Items[0].Size != all[0].Size || page.Next == nil {
			t.Fatalf("%+v", page)
		}
		if next := get[api.CheckpointPage](h, "/checkpoints?limit=1&cursor="+*page.Next); len(next.Items) != 1 || next.Items[0].Size != all[1].Size {
			t.Errorf("%+v", next)
		}
	})
}

func TestManyEventsAreSignedWithoutWaiting(t *testing.T) {
	h := begin(t, audit.Config{Events: 5, Every: 1000 * time.Hour})
	h.tick(time.Second, "signed first", func() bool { return len(h.announced()) == 1 })
	size := h.announced()[0]
	for i := range 6 {
		id := fmt.Sprintf("u%d", i)
		h.Append("adm", stream(membership.Context, membership.Unit, id), membership.UnitCreated{Code: id, Name: id, Kind: "team"})
	}
	h.tick(time.Second, "signed again", func() bool { return len(h.announced()) == 2 })
	if next := h.announced()[1]; next < size+5 {
		t.Errorf("signed %d after %d", next, size)
	}
}

func TestVerification(t *testing.T) {
	h := begin(t, audit.Config{})
	h.tick(time.Second, "signed", func() bool { return len(h.announced()) > 0 })
	result := func() (v api.Verification) {
		t.Helper()
		lines := bytes.Split(bytes.TrimSpace(h.Must(http.StatusOK, "aud", http.MethodPost, base+"/verification", nil).Body), []byte("\n"))
		if err := json.Unmarshal(lines[len(lines)-1], &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Run("finds a whole log whole, and is remembered", func(t *testing.T) {
		v := result()
		if !v.Ok || v.Checkpoints == 0 || v.Events != v.End {
			t.Fatalf("%+v", v)
		}
		in := get[api.Integrity](h, "/verification")
		if in.Last == nil || in.Last.End != v.End || in.Damaged || in.Checkpoint == nil || in.VerifierKey == "" || in.Unsigned == 0 || in.TreeSize <= v.End {
			t.Errorf("%+v", in)
		}
	})
	t.Run("finds what no service wrote", func(t *testing.T) {
		seq := h.App.Core.Events.(*esmem.Store).AppendRaw("evt.community.request.q-open", es.Stored{Data: []byte("{}")})
		if v := result(); v.Ok || v.Problem.Seq != seq {
			t.Errorf("%+v", v)
		}
		if in := get[api.Integrity](h, "/verification"); !in.Damaged {
			t.Errorf("%+v", in)
		}
		if got := metric(t, h, "kith_audit_damage"); got != 1 {
			t.Errorf("kith_audit_damage = %v", got)
		}
	})
	t.Run("is measured", func(t *testing.T) {
		if size := metric(t, h, "kith_audit_tree_size"); size != float64(h.App.Core.Follower.Position()) {
			t.Errorf("tree_size = %v", size)
		}
		h.Clock.Advance(7 * time.Second)
		if age := metric(t, h, "kith_audit_checkpoint_age_seconds"); age < 7 {
			t.Errorf("age = %v", age)
		}
		metric(t, h, "kith_audit_unsigned_events")
	})
}

func metric(t *testing.T, h house, name string) float64 {
	t.Helper()
	families, err := h.App.Core.Metrics.(*prometheus.Registry).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestTakingAlong(t *testing.T) {
	h := begin(t, audit.Config{})
	key := get[api.Integrity](h, "/verification").VerifierKey
	export := func(query string) (merkle.Report, apptest.Response) {
		t.Helper()
		r := h.Must(http.StatusOK, "aud", http.MethodGet, base+"/export"+query, nil)
		report, err := merkle.VerifyExport(bytes.NewReader(r.Body), key)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return report, r
	}
	t.Run("the whole log verifies offline, its own export included", func(t *testing.T) {
		r, resp := export("")
		if !r.Whole || r.Events != r.Checkpoint.Size || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-ndjson") {
			t.Errorf("%+v, %s", r, resp.Header)
		}
		if bytes.Contains(resp.Body, []byte("Title in")) {
			t.Error("a text is open")
		}
		if !bytes.Contains(resp.Body, []byte("evt.audit.read.aud")) {
			t.Error("the auditor's reads are missing")
		}
	})
	t.Run("parts of it verify offline", func(t *testing.T) {
		for query, events := range map[string]uint64{
			"?from=3&to=5": 3, "?actor=ada": 4, "?context=community&aggregate=request&id=q-open": 1, "?type=role.granted&to=8": 2, "?to=4": 4, "?actor=nobody": 0,
		} {
			if r, _ := export(query); r.Whole || r.Events != events {
				t.Errorf("%s: %+v", query, r)
			}
		}
	})
	t.Run("compressed too", func(t *testing.T) {
		r, resp := export("?gzip=true")
		if z, err := gzip.NewReader(bytes.NewReader(resp.Body)); err != nil || z == nil || !r.Whole || resp.Header.Get("Content-Type") != "application/gzip" {
			t.Errorf("%+v, %v, %s", r, err, resp.Header)
		}
	})
	t.Run("a position beyond the end is refused", func(t *testing.T) {
		if r := h.Do("aud", http.MethodGet, base+"/export?from=99999", nil); r.Problem() != "invalid" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("one event is proved offline, the newest too", func(t *testing.T) {
		for _, seq := range []uint64{1, 8, h.App.Core.Follower.Position()} {
			r := h.Must(http.StatusOK, "aud", http.MethodGet, fmt.Sprintf("%s/log/%d/proof", base, seq), nil)
			l, c, err := merkle.VerifyProof(bytes.NewReader(r.Body), key)
			if err != nil || l.Seq != seq || c.Size < seq {
				t.Errorf("%d: %+v, %v", seq, c, err)
			}
		}
		if r := h.Do("aud", http.MethodGet, base+"/log/99999/proof", nil); r.Problem() != "not-found" {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	})
	t.Run("key and checkpoints lie in files of their own", func(t *testing.T) {
		dir := audit.Folder(h.App.Core.Data)
		public, err := os.ReadFile(filepath.Join(dir, "verifier.key"))
		if err != nil || strings.TrimSpace(string(public)) != key {
			t.Errorf("%s, %v", public, err)
		}
		notes, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.note"))
		if err != nil || len(notes) != len(h.announced()) {
			t.Errorf("%v, %v, %v", notes, h.announced(), err)
		}
	})
}
