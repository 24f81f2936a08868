package e2e

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"kith/api/openapi/systemapi"
	"kith/pkg/natsauth"
	"kith/pkg/view"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
	"kith/test/internal/deployment"
)

// programs are Kith's, built when they are first asked for.
var programs struct {
	once sync.Once
	dir  string // removed at the end, unless it was given
	err  error
}

// givenPrograms is a variable with a folder of programs that were built already.
const givenPrograms = "KITH_TEST_BIN"

func TestMain(m *testing.M) {
	code := m.Run()
	if programs.dir != os.Getenv(givenPrograms) {
		_ = os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

func bin(t *testing.T) string {
	programs.once.Do(func() {
		if programs.dir = os.Getenv(givenPrograms); programs.dir != "" {
			return
		}
		if programs.dir, programs.err = os.MkdirTemp("", "kith-programs-"); programs.err == nil {
			programs.err = deployment.Build(t.Context(), "../..", programs.dir)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return programs.dir
}

// processes runs every service as a process of its own until the test ends.
func processes(t *testing.T, o deployment.Options) (*world, *deployment.Deployment) {
	t.Helper()
	flags := map[string][]string{"membership": {"--administrators", kith.DevAdministrator, "--auditors", kith.DevAuditor}}
	maps.Copy(flags, o.Flags)
	o.Flags = flags
	// The test's own context ends before its clean-up, which ends the processes kindly.
	d, err := deployment.Start(context.WithoutCancel(t.Context()), bin(t), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Errorf("the deployment ended with: %v", err)
		}
	})
	w := &world{t: t, url: d.URL, stop: d.Stop}
	w.checkContract()
	return w, d
}

func TestProcesses(t *testing.T) {
	for name, o := range map[string]deployment.Options{"with views in memory": {}, "with views in MongoDB": {Mongo: true}} {
		t.Run(name, func(t *testing.T) { inProcesses(t, o) })
	}
}

func inProcesses(t *testing.T, o deployment.Options) {
	w, d := processes(t, o)
	walk(t, w)
	admin, cora, dario := w.as(kith.DevAdministrator), w.as("cora@stadt.example"), w.as("dario@stadt.example")

	dario.edit("/api/matching/me/preferences", map[string]any{"opt_out": false, "cap": 50}) // or he would be spared soon
	after(cora, dario)

	t.Run("every view of every service is what the log says", func(t *testing.T) { rebuilt(t, d, admin) })
	t.Run("operators see how far every service is, and that the log is safe", func(t *testing.T) {
		for _, name := range natsauth.Services() {
			resp, err := http.Get(d.Service(name)[0].URL + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{`kith_view_lag_events{lane="memory"} 0`, `kith_view_lag_seconds{lane="memory"} `, `kith_view_position{lane="memory"} `, `kith_log_sync_always 1`} {
				if !strings.Contains(string(text), "\n"+line) {
					t.Errorf("%s does not say %s", name, line)
				}
			}
		}
	})
	if o.Mongo {
		t.Run("without its database a service takes commands and answers queries with 503", func(t *testing.T) { withoutDatabase(t, d, cora) })
		t.Run("started without its database a service waits for it", func(t *testing.T) { startWithoutDatabase(t, d) })
		t.Run("a service that may not migrate its database says who has to", func(t *testing.T) { startUnmigrated(t, d) })
	}
	for _, name := range natsauth.Services() {
		t.Run("killed, "+name+" comes back with all that it knew", func(t *testing.T) {
			d.Service(name)[0].Kill()
			if err := d.StartService(context.WithoutCancel(t.Context()), name, 0); err != nil {
				t.Fatal(err)
			}
			for _, p := range []*person{cora, dario} {
				p.t = t
			}
			inbox := dario.listen()
			var question created
			cora.post("/api/community/requests", map[string]any{"kind": "information", "title": "Who knows framework contracts?",
				"purpose": "To prolong ours.", "language": "en"}, &question)
			if helpers := proposals(t, cora, question.ID); !slices.Contains(helpers, dario.id) {
				t.Errorf("proposed were %v, want Dario (%s) among them", helpers, dario.id)
			}
			if item := inbox.next(t, "asked_to_help"); item.Request != question.ID {
				t.Errorf("Dario's live inbox has %+v, want the request %s", item, question.ID)
			}
			cora.post("/api/community/requests/"+question.ID+"/withdraw", map[string]string{"reason": "It is settled."}, nil)
		})
	}
	t.Run("and every view is what the log says again", func(t *testing.T) { rebuilt(t, d, admin) })
	t.Run("the log verifies", func(t *testing.T) {
		auditor := w.as(kith.DevAuditor)
		auditor.t = t
		out, err := cli.Verify(t.Context(), auditor.Client, func(uint64, uint64) {})
		if err != nil || !out.Ok || out.Events == 0 {
			t.Errorf("the log is %+v, %v", out, err)
		}
	})
}

// withoutDatabase cuts the database off and mends it again.
func withoutDatabase(t *testing.T, d *deployment.Deployment, p *person) {
	p.t = t
	d.Database.Set(false)
	// Twice the same command: one request.
	ask := client.Request{Method: http.MethodPost, Path: "/api/community/requests", Key: "while-the-database-is-down",
		Body: map[string]any{"kind": "information", "title": "Is anybody there?", "purpose": "To see.", "language": "en"}}
	var question, again created
	for _, out := range []*created{&question, &again} {
		if _, err := p.Do(t.Context(), ask, out); err != nil {
			t.Errorf("a command without the database: %v", err)
		}
	}
	if question.ID == "" || question != again {
		t.Errorf("the command made %v, and repeated %v", question, again)
	}
	resp, err := http.DefaultClient.Do(authorized(t, p, d.URL+"/api/community/requests/"+question.ID))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a query without the database is answered with %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	d.Database.Set(true)
	eventually(t, "the query is answered again", func() bool {
		return p.Get(t.Context(), "/api/community/requests/"+question.ID, nil) == nil
	})
	p.post("/api/community/requests/"+question.ID+"/withdraw", map[string]string{"reason": "It is settled."}, nil)
}

func startWithoutDatabase(t *testing.T, d *deployment.Deployment) {
	d.Service("matching")[0].Kill()
	d.Database.Set(false)
	p, err := d.BeginService(context.WithoutCancel(t.Context()), "matching", 0)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it says that it tries again", func() bool { return strings.Contains(p.Log(), "cannot be migrated yet; trying again") })
	resp, err := http.Get(p.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without its database it is ready: %d", resp.StatusCode)
	}
	d.Database.Set(true)
	if err := p.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// startUnmigrated starts a service on a database that nobody has migrated.
func startUnmigrated(t *testing.T, d *deployment.Deployment) {
	d.Service("matching")[0].Kill()
	d.Flags["matching"] = []string{"--no-migrate-at-start", "--mongo-database", "kith_never_migrated"}
	_, err := d.BeginService(context.WithoutCancel(t.Context()), "matching", 0)
	if err == nil || !strings.Contains(err.Error(), "run kith-matching migrate") {
		t.Errorf("it ended with %v", err)
	}
	d.Flags["matching"] = []string{"--no-migrate-at-start"} // its own database was migrated
	if err := d.StartService(context.WithoutCancel(t.Context()), "matching", 0); err != nil {
		t.Fatal(err)
	}
	delete(d.Flags, "matching")
}

func authorized(t *testing.T, p *person, url string) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	return req
}

// rebuilt folds every view of every process anew and compares: with what the
// process has, and with what the other processes of the service have.
func rebuilt(t *testing.T, d *deployment.Deployment, admin *person) {
	views := 0
	for _, name := range natsauth.Services() {
		others := map[string]view.Rebuilt{}
		for _, p := range d.Service(name) {
			c := &client.Client{Base: p.URL, Token: admin.Token, HTTP: http.DefaultClient}
			c.Seen(admin.Position())
			var state systemapi.State
			if err := c.Get(t.Context(), "/api/system/state", &state); err != nil {
				t.Fatal(err)
			}
			for _, v := range state.Views {
				if !v.Rebuildable {
					continue
				}
				out, err := cli.RebuildView(t.Context(), c, v.Name, func(uint64, uint64) {})
				if err != nil || out.Before != out.After {
					t.Errorf("%s: view %s was %s, but the log says %s (%v)", name, v.Name, out.Before, out.After, err)
				}
				if other, ok := others[v.Name]; ok && other.Events == out.Events && other.After != out.After {
					t.Errorf("%s: view %s is %s in one process and %s in another", name, v.Name, other.After, out.After)
				}
				others[v.Name] = out
				views++
			}
		}
	}
	if views < 15 {
		t.Errorf("only %d views were compared", views)
	}
}
