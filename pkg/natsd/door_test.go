package natsd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/natsd"
)

func TestDoor(t *testing.T) {
	dir, err := os.MkdirTemp("", "door") // t's own may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s, err := natsd.Start(natsd.Config{Dir: filepath.Join(dir, "store"), DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	path := filepath.Join(dir, "door")
	if _, err := natsd.Through(path); err == nil {
		t.Error("somebody came in before there was a door")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	d, err := s.OpenDoor(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's permissions are %v, %v", info.Mode(), err)
	}
	nc, err := natsd.Through(path)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}}); err != nil {
		t.Fatal(err)
	}
	large := []byte(strings.Repeat("x", 1<<19))
	if ack, err := js.Publish(t.Context(), "s", large); err != nil || ack.Sequence != 1 {
		t.Errorf("publish through the door: %+v, %v", ack, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := natsd.Through(path); err == nil {
		t.Error("somebody came in after it was closed")
	}
	if err := nc.FlushTimeout(20 * time.Second); err != nil {
		t.Errorf("who was inside is thrown out: %v", err)
	}
	if _, err := s.OpenDoor(filepath.Join(dir, strings.Repeat("long", 40))); err == nil {
		t.Error("a socket with a path of more than 160 bytes")
	}
}
