package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kith/services/kith"
	"kith/services/kith/cli"
)

func TestAProofVerifiesUnderAnyFileName(t *testing.T) {
	w := start(t, t.TempDir())
	auditor := w.as(kith.DevAuditor)
	var integrity struct {
		Key string `json:"verifier_key"`
	}
	auditor.get("/api/audit/verification", &integrity)
	var proof json.RawMessage
	auditor.get("/api/audit/log/1/proof", &proof)
	file := filepath.Join(t.TempDir(), "saved.json")
	if err := os.WriteFile(file, proof, 0o600); err != nil {
		t.Fatal(err)
	}
	verify := cli.VerifyLog{File: file, Key: integrity.Key}
	if err := verify.Run(t.Context()); err != nil {
		t.Errorf("the proof as the API gave it: %v", err)
	}
	changed := []byte(proof)
	changed[len(changed)/2] ^= 1
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify.Run(t.Context()); err == nil {
		t.Error("a changed proof verifies")
	}
}
