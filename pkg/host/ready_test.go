package host_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kith/pkg/host"
)

func TestReady(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"detail":"The log is still being read."}`))
	}))
	defer s.Close()
	addr := s.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	for _, a := range []string{addr, "0.0.0.0:" + port, ":" + port} {
		if err := (host.Ready{Addr: a}).Run(t.Context()); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	status = http.StatusServiceUnavailable
	if err := (host.Ready{Addr: addr}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "still being read") {
		t.Errorf("not ready: %v", err)
	}
	if err := (host.Ready{Addr: "nonsense"}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "addr") {
		t.Errorf("no address: %v", err)
	}
	s.Close()
	if err := (host.Ready{Addr: addr}).Run(t.Context()); err == nil {
		t.Error("nobody is there, and it is ready")
	}
}
