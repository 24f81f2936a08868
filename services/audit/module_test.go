package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	"kith/services/audit"

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
	return beginOn(t, cfg, func(s Store) es.Store { return s })
}

// Store is a log that can be examined.
type Store interface {
	es.Store
	es.Ranger
}

// beginOn lets the module, and nobody else, see the log through wrap.
func beginOn(t *testing.T, cfg audit.Config, wrap func(Store) es.Store) house {
	t.Helper()
	h := house{apptest.Start(t, codec(), func(ctx context.Context, core app.Core) (app.Module, error) {
		core.Events = wrap(core.Events.(Store))
		return audit.New(ctx, core, cfg)
	}), t}
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
	// After a leap of the clock permissions are judged again once the process
	// has seen the log's end.
	for deadline := time.Now().Add(20 * time.Second); !h.App.Core.Follower.Fresh(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatal("still not fresh after 20 s")
		}
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
		if want := len(routes) + len(ownRoutes); n != want {
			t.Errorf("the document has %d operations, the tests %d", n, want)
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
	t.Run("what is selected is recorded before the answer, and nothing else that was sent", func(t *testing.T) {
		for query, want := range map[string]string{
			"actor=bob&limit=3":                       "actor=bob",
			"id=q-open&from=2&to=9&context=a&limit=3": "context=a&from=2&id=q-open&to=9",
			"since=2026-01-31T10:00:00%2B01:00":       "since=2026-01-31T09%3A00%3A00Z",
			"":                                        "",
		} {
			get[api.EnvelopePage](h, "/log?"+query)
			all := h.reads()
			if e := all[len(all)-1]; e.What != "log" || e.Filter != want {
				t.Errorf("%s: %+v", query, e)
			}
		}
	})
	t.Run("where a later page begins is recorded, which its cursor does not say", func(t *testing.T) {
		first := get[api.EnvelopePage](h, "/log?limit=3")
		get[api.EnvelopePage](h, "/log?limit=3&cursor="+*first.Next)
		all := h.reads()
		if e := all[len(all)-1]; e.What != "log" || e.Seq != 4 {
			t.Errorf("%+v", e)
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
		h.Append("adm", stream(membership.Context, membership.Unit, "u2"), membership.UnitCreated{Code: "u2", Name: "u2", Kind: "team"})
		h.tick(10*time.Second, "signed for somebody else's event", func() bool { return len(h.announced()) == n+1 })
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
		if in.Last == nil || in.Last.End != v.End || in.Damaged || in.Checkpoint == nil || in.VerifierKey == "" || in.TreeSize < v.End {
			t.Errorf("%+v", in)
		}
	})
	t.Run("finds what no service wrote", func(t *testing.T) {
		seq := h.Log.AppendRaw("evt.community.request.q-open", es.Stored{Data: []byte("{}")})
		if v := result(); v.Ok || v.Problem.Seq != seq {
			t.Errorf("%+v", v)
		}
		if in := get[api.Integrity](h, "/verification"); !in.Damaged {
			t.Errorf("%+v", in)
		}
		if got := metric(t, h.App.Core.Metrics, "kith_audit_damage"); got != 1 {
			t.Errorf("kith_audit_damage = %v", got)
		}
	})
	t.Run("is measured", func(t *testing.T) {
		if size := metric(t, h.App.Core.Metrics, "kith_audit_tree_size"); size != float64(h.App.Core.Follower.Position()) {
			t.Errorf("tree_size = %v", size)
		}
		h.Clock.Advance(7 * time.Second)
		if age := metric(t, h.App.Core.Metrics, "kith_audit_checkpoint_age_seconds"); age < 7 {
			t.Errorf("age = %v", age)
		}
		metric(t, h.App.Core.Metrics, "kith_audit_unsigned_events")
	})
}

func metric(t *testing.T, r prometheus.Registerer, name string) float64 {
	t.Helper()
	families, err := r.(prometheus.Gatherer).Gather()
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
