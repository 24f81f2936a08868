package e2e

import (
	"context"
	"net/http"
	"os"
	"slices"
	"testing"

	"kith/api/openapi/systemapi"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
	"kith/test/internal/deployment"
)

// processes runs every service as a process of its own until the test ends.
func processes(t *testing.T) (*world, *deployment.Deployment) {
	t.Helper()
	bin := t.TempDir()
	if given := os.Getenv("KITH_TEST_BIN"); given != "" {
		bin = given
	} else if err := deployment.Build(t.Context(), "../..", bin); err != nil {
		t.Fatal(err)
	}
	// The test's own context ends before its clean-up, which ends the processes kindly.
	d, err := deployment.Start(context.WithoutCancel(t.Context()), bin, t.TempDir(), map[string][]string{"membership": administrators("membership")})
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
	w, d := processes(t)
	walk(t, w)
	admin, cora, dario := w.as(kith.DevAdministrator), w.as("cora@stadt.example"), w.as("dario@stadt.example")

	dario.edit("/api/matching/me/preferences", map[string]any{"opt_out": false, "cap": 50}) // or he would be spared soon
	after(cora, dario)

	t.Run("every view of every service is what the log says", func(t *testing.T) { rebuilt(t, d, admin) })
	for _, name := range deployment.Services() {
		t.Run("killed, "+name+" comes back with all that it knew", func(t *testing.T) {
			d.Service(name).Kill()
			if err := d.StartService(context.WithoutCancel(t.Context()), name, administrators(name)...); err != nil {
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

// administrators are the flags that name them, for the service that wants them.
func administrators(service string) []string {
	if service != "membership" {
		return nil
	}
	return []string{"--administrators", kith.DevAdministrator, "--auditors", kith.DevAuditor}
}

// rebuilt folds every view of every process anew and compares.
func rebuilt(t *testing.T, d *deployment.Deployment, admin *person) {
	views := 0
	for _, name := range deployment.Services() {
		c := &client.Client{Base: d.Service(name).URL, Token: admin.Token, HTTP: http.DefaultClient}
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
			views++
		}
	}
	if views < 15 {
		t.Errorf("only %d views were compared", views)
	}
}
