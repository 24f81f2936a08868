package audit_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"net/http"
	"testing"
	"time"

	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/services/audit"
	"kith/services/audit/merkle"
)

// gated is a log whose Range first waits for what is sent to it, an error or nil.
type gated struct {
	Store
	gate chan error
}

func (g gated) Range(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
	return func(yield func(es.Recorded, error) bool) {
		if err := <-g.gate; err != nil {
			yield(es.Recorded{}, err)
			return
		}
		g.Store.Range(ctx, after, to)(yield)
	}
}

func TestVerificationInTrouble(t *testing.T) {
	gate := make(chan error)
	h := beginOn(t, audit.Config{}, func(s Store) es.Store { return gated{s, gate} })
	gate <- nil // the light check at the start
	answer := make(chan []byte, 1)
	verify := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+base+"/verification", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer aud")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return nil
		}
		return resp
	}
	go func() {
		defer close(answer)
		if resp := verify(); resp != nil {
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			answer <- body
		}
	}()
	t.Run("one runs at a time", func(t *testing.T) {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if len(h.reads()) > 0 { // recorded, so it runs
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the verification does not begin")
			}
		}
		resp := verify()
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusConflict {
			t.Errorf("the second got %d", resp.StatusCode)
		}
	})
	t.Run("a log that cannot be reached is the last line, not damage", func(t *testing.T) {
		gate <- es.ErrUnavailable
		if body := <-answer; !bytes.Contains(body, []byte(`"code":"unavailable"`)) {
			t.Errorf("%s", body)
		}
		if metric(t, h.App.Core.Metrics, "kith_audit_damage") != 0 {
			t.Error("it is taken for damage")
		}
	})
}

func TestExportOfADamagedLog(t *testing.T) {
	for what, change := range map[string]func(es.Recorded) (es.Recorded, bool){
		"a missing event": func(r es.Recorded) (es.Recorded, bool) { return r, r.Seq != 4 },
		"a changed event": func(r es.Recorded) (es.Recorded, bool) {
			if r.Seq == 4 {
				r.Stored.Data[5] ^= 1
			}
			return r, true
		},
	} {
		t.Run(what+" never verifies", func(t *testing.T) {
			h := beginOn(t, audit.Config{}, func(s Store) es.Store { return altered{Store: s, change: change} })
			key := get[api.Integrity](h, "/verification").VerifierKey
			for _, query := range []string{"", "?to=7", "?actor=adm", "?actor=adm&to=4"} {
				r := h.Do("aud", http.MethodGet, base+"/export"+query, nil)
				if _, err := merkle.VerifyExport(bytes.NewReader(r.Body), key); err == nil {
					t.Errorf("%q verified", query)
				}
			}
			r := h.Do("aud", http.MethodGet, base+"/log/4/proof", nil)
			if r.Status == http.StatusOK {
				t.Errorf("proved: %s", r.Body)
			}
		})
	}
}
