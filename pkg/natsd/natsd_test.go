package natsd_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/natsd"
)

func start(t *testing.T, c natsd.Config) *natsd.Server {
	t.Helper()
	s, err := natsd.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

func TestServer(t *testing.T) {
	ctx := context.Background()

	t.Run("an in-process server has no address and keeps its messages over a restart", func(t *testing.T) {
		c := natsd.Config{Dir: t.TempDir(), Name: "one", DontListen: true}
		put := func(s *natsd.Server) uint64 {
			nc, err := s.Conn()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}}); err != nil {
				t.Fatal(err)
			}
			ack, err := js.Publish(ctx, "s", []byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			return ack.Sequence
		}
		s := start(t, c)
		if s.ClientURL() != "" {
			t.Errorf("ClientURL = %q, want none", s.ClientURL())
		}
		if seq := put(s); seq != 1 {
			t.Fatalf("first position = %d", seq)
		}
		s.Shutdown()
		if seq := put(start(t, c)); seq != 2 {
			t.Errorf("position after the restart = %d, want 2", seq)
		}
	})

	t.Run("a listening server is reached by its address", func(t *testing.T) {
		s := start(t, natsd.Config{Dir: t.TempDir(), Port: natsd.RandomPort})
		if !strings.HasPrefix(s.ClientURL(), "nats://127.0.0.1:") {
			t.Fatalf("ClientURL = %q", s.ClientURL())
		}
		c, err := net.Dial("tcp", strings.TrimPrefix(s.ClientURL(), "nats://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	})

	t.Run("shutting down twice is shutting down once", func(t *testing.T) {
		s := start(t, natsd.Config{Dir: t.TempDir(), DontListen: true})
		s.Shutdown()
		s.Shutdown()
	})

	t.Run("a looser flush is loud", func(t *testing.T) {
		var log bytes.Buffer
		start(t, natsd.Config{Dir: t.TempDir(), DontListen: true, Sync: time.Minute, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}).Shutdown()
		if !strings.Contains(log.String(), "power cut") {
			t.Errorf("log = %q", log.String())
		}
	})
}

func TestStartFails(t *testing.T) {
	refused := func(t *testing.T, c natsd.Config, want string) {
		t.Helper()
		s, err := natsd.Start(c)
		if err == nil {
			s.Shutdown()
			t.Fatal("started")
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
	t.Run("when there is no directory", func(t *testing.T) {
		refused(t, natsd.Config{DontListen: true}, "no store directory")
	})
	t.Run("when the store is in use, until that server stops", func(t *testing.T) {
		c := natsd.Config{Dir: t.TempDir(), DontListen: true}
		s := start(t, c)
		refused(t, c, "in use")
		s.Shutdown()
		start(t, c)
	})
	t.Run("when the store cannot be written", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, natsd.Config{Dir: filepath.Join(file, "store"), DontListen: true}, "store directory")
	})
	t.Run("when JetStream cannot open its store", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c := natsd.Config{Dir: dir, DontListen: true}
		refused(t, c, dir)
		if err := os.Remove(filepath.Join(dir, "jetstream")); err != nil {
			t.Fatal(err)
		}
		start(t, c) // a failed start leaves no lock behind
	})
	t.Run("when the port is taken", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		refused(t, natsd.Config{Dir: t.TempDir(), Port: l.Addr().(*net.TCPAddr).Port}, "listen")
	})
	t.Run("when a number is out of range", func(t *testing.T) {
		refused(t, natsd.Config{Dir: t.TempDir(), Port: 70000}, "out of range")
		refused(t, natsd.Config{Dir: t.TempDir(), DontListen: true, Sync: -1}, "negative")
	})
}
