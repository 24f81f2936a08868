package backup_test

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"kith/pkg/backup"
)

// cluster runs three servers that end with t, and connects to one.
func cluster(t *testing.T) *nats.Conn {
	t.Helper()
	const size = 3
	var ports []int
	var routes string
	for range size {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		ports, routes = append(ports, port), routes+fmt.Sprintf(",nats://127.0.0.1:%d", port)
		l.Close()
	}
	var nodes []*server.Server
	for i, port := range ports {
		ns, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port}, Routes: server.RoutesFromStr(routes[1:]),
		})
		if err != nil {
			t.Fatal(err)
		}
		go ns.Start()
		t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
		nodes = append(nodes, ns)
	}
	for end := time.Now().Add(20 * time.Second); !slices.ContainsFunc(nodes, (*server.Server).JetStreamIsLeader); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the cluster elects no leader")
		}
	}
	nc, err := nats.Connect(nodes[0].ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

// Replicas refuse an event while they are not through with the one before on its
// subject, look at the message id first, and answer reads late.
func TestThreeReplicas(t *testing.T) {
	from, dir := newBed(t, 0), t.TempDir()
	from.person("ann")
	from.fill(300)   // of sixty aggregates
	from.things(200) // of three
	from.backup(dir)
	to := bedOn(t, cluster(t), 0, 3)
	if _, err := backup.Restore(t.Context(), dir, backup.Target{JS: to.js}); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	m := to.backup(again)
	old, err := backup.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.HeadHash != old.HeadHash || m.Keys.Records != old.Keys.Records {
		t.Errorf("restored and backed up again it is\n%+v, was\n%+v", m, old)
	}
	if err := verify(t, again); err != nil {
		t.Error(err)
	}
}
