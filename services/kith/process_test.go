package kith_test

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kith/pkg/host"
	kith "kith/services/kith"
)

func TestALogIsNotOpenedWithoutTheKeyThatItWasWrittenWith(t *testing.T) {
	dir := t.TempDir()
	s := kith.Settings{Settings: host.Settings{Addr: "127.0.0.1:0", Data: dir, Log: "error"}, Target: []string{"all"}, Dev: true}
	ctx, stop := context.WithCancel(t.Context())
	p, err := kith.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); !p.App.Ready(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the process is not ready")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	key := filepath.Join(dir, "master.key")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	p, err = kith.Open(t.Context(), s)
	if err == nil {
		p.Close()
		t.Fatal("a log whose key is missing was opened")
	}
	if !strings.Contains(err.Error(), key) {
		t.Errorf("the error %q does not name the file that is missing", err)
	}
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Errorf("a new key was written where the old one belongs (%v)", err)
	}

	other := base64.StdEncoding.EncodeToString(make([]byte, 32))
	if err := os.WriteFile(key, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err = kith.Open(t.Context(), s)
	if err == nil {
		err = p.Run(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "Put back the master key") || !strings.Contains(err.Error(), key) {
		t.Errorf("with another key it ended in %v, want what to do and with which file", err)
	}
}
