package kith_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/backup"
	"kith/pkg/natsauth"
	"kith/pkg/vault"
	kith "kith/services/kith"
)

// external is a NATS server with the services' permissions and one user who
// may do everything.
type external struct {
	url, keys, admin string
	js               jetstream.JetStream // as that user
}

func startServer(t *testing.T) external {
	t.Helper()
	dir := t.TempDir()
	e := external{keys: filepath.Join(dir, "keys"), admin: natsauth.SeedFile(filepath.Join(dir, "keys"), natsauth.Restore)}
	public, err := natsauth.Seeds(e.keys, rand.NewChaCha8([32]byte{1}), natsauth.Restore)
	if err != nil {
		t.Fatal(err)
	}
	var conf bytes.Buffer
	if err := natsauth.Render(&conf, public); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "server.conf")
	text := append([]byte("listen: \"127.0.0.1:-1\"\njetstream { store_dir: \""+dir+"\" }\n"), conf.Bytes()...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	opts, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoSigs, opts.NoLog = true, true
	ns, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	e.url = ns.ClientURL()
	option, err := nats.NkeyOptionFromSeed(e.admin)
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(e.url, option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if e.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	return e
}

// The services' own keys are enough to back up; nothing but a user who may do
// everything can restore.
func TestBackupOfAnExternalLog(t *testing.T) {
	data, first, second := t.TempDir(), filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	i := startIn(t, data, nil)
	i.idle()
	i.stop()
	m := backUp(t, data, first, withSigningKey)

	to := startServer(t)
	files := filepath.Join(t.TempDir(), "audit")
	kithRun(t, "restore", first, "--nats", to.url, "--nats-seed", to.admin, "--replicas", "1", "--audit", files)
	if err := backup.Empty(t.Context(), to.js); err == nil {
		t.Fatal("nothing was restored")
	}
	kithRun(t, "backup", second, "--nats", to.url, "--keys", to.keys, "--audit", files)
	kithRun(t, "backup", "verify", second)
	again, err := backup.Load(second)
	if err != nil {
		t.Fatal(err)
	}
	if again.Head != m.Head || again.HeadHash != m.HeadHash || again.Keys.Records != m.Keys.Records || len(again.Consumers) != len(m.Consumers) || again.VerifierKey != m.VerifierKey {
		t.Errorf("restored and backed up again it is\n%+v, was\n%+v", again, m)
	}
	for n, c := range again.Consumers {
		if c.Floor > m.Head || c.Name == "" {
			t.Errorf("%+v, was %+v", c, m.Consumers[n])
		}
	}
	kithRun(t, "backup", second, "--nats", to.url, "--keys", to.keys, "--audit", files)
	t.Run("a service's key is not enough to restore", func(t *testing.T) {
		if _, err := kith.VerifyBackup(t.Context(), first, "", nil); err != nil {
			t.Fatal(err)
		}
		empty := startServer(t)
		if code := mainCode("restore", first, "--nats", empty.url, "--nats-seed", natsauth.SeedFile(empty.keys, "membership"), "--replicas", "1"); code == 0 {
			t.Error("it restored")
		}
		if _, err := empty.js.Stream(t.Context(), vault.Stream); err == nil {
			t.Error("and made streams")
		}
	})
}
