package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/natsd"
	"kith/services/audit"
)

// disk is a log in JetStream on a real server that can be stopped.
type disk struct {
	t   *testing.T
	dir string
	s   *natsd.Server
	nc  *nats.Conn
}

func (d *disk) start() es.Store {
	d.t.Helper()
	var err error
	// Flushing every event has nothing to do with what is tested here.
	if d.s, err = natsd.Start(natsd.Config{Dir: d.dir, DontListen: true, Sync: time.Minute}); err != nil {
		d.t.Fatal(err)
	}
	if d.nc, err = d.s.Conn(); err != nil {
		d.t.Fatal(err)
	}
	js, err := jetstream.New(d.nc)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := esjs.Provision(context.Background(), js, esjs.ProvisionConfig{}); err != nil {
		d.t.Fatal(err)
	}
	return esjs.Open(js, codec(), clock)
}

func (d *disk) stop() {
	d.nc.Close()
	d.s.Shutdown()
}

// files are those of the store whose names end in suffix.
func (d *disk) files(suffix string) (found []string) {
	d.t.Helper()
	err := filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, suffix) && strings.Contains(path, "/EVENTS/msgs/") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

// flip changes one bit of the data of the event that says what.
func (d *disk) flip(what string) {
	d.t.Helper()
	for _, path := range d.files(".blk") {
		data, err := os.ReadFile(path)
		if err != nil {
			d.t.Fatal(err)
		}
		if at := bytes.Index(data, []byte(what)); at >= 0 {
			data[at+len(what)/2] ^= 1
			if err := os.WriteFile(path, data, 0o600); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no block holds %s", what)
}

func TestDamagedDisk(t *testing.T) {
	const events, damaged = 3000, 1234
	for _, index := range []bool{true, false} {
		t.Run(fmt.Sprintf("a flipped bit is found and named, index kept: %v", index), func(t *testing.T) {
			d := &disk{t: t, dir: t.TempDir()}
			b := newBed(t, d.start())
			for range 3 {
				b.write(events / 3)
				b.sign()
			}
			if v := b.verify(b.store); !v.Ok || v.Events != events || v.Checkpoints != 3 {
				t.Fatalf("before: %+v", v)
			}
			d.stop()
			d.flip(fmt.Sprintf(`"code":"u%d"`, damaged))
			if !index {
				for _, path := range d.files("index.db") {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				}
			}
			log := d.start()
			defer d.stop()
			v, err := audit.VerifyFolder(t.Context(), log, b.data, clock, nil)
			if err != nil || v.Ok || v.Problem.Seq > damaged || v.Problem.To < damaged || v.Damaged != events-v.Events {
				t.Fatalf("%+v, %v", v, err)
			}
			t.Logf("%d to %d: %s (%d events read, %d checkpoints)", v.Problem.Seq, v.Problem.To, v.Problem.What, v.Events, v.Checkpoints)
		})
	}
	t.Run("a bit flipped under a running server is found", func(t *testing.T) {
		d := &disk{t: t, dir: t.TempDir()}
		b := newBed(t, d.start())
		b.write(events)
		b.sign()
		d.stop()
		log := d.start()
		defer d.stop()
		d.flip(fmt.Sprintf(`"code":"u%d"`, damaged))
		v := b.verify(log)
		if v.Ok || v.Problem.Seq > damaged || v.Problem.To < damaged {
			t.Fatalf("%+v", v)
		}
		t.Logf("%d to %d: %s (%d events read)", v.Problem.Seq, v.Problem.To, v.Problem.What, v.Events)
	})
}
