package audit_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	api "kith/api/openapi/auditapi"
	"kith/pkg/app/apptest"
	"kith/services/audit"
	"kith/services/audit/merkle"
)

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
