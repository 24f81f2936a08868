package backup_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"kith/pkg/backup"
	"kith/pkg/natsd/natsdtest"
)

// Replicas refuse an event while they are not through with the one before on its
// subject, look at the message id first, and answer reads late.
func TestThreeReplicas(t *testing.T) {
	from, dir := newBed(t, 0), t.TempDir()
	from.person("ann")
	from.fill(300)   // of sixty aggregates
	from.things(200) // of three
	from.backup(dir)
	nc, err := nats.Connect(natsdtest.Start(t, 3, nil)[0].ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	to := bedOn(t, nc, 0, 3)
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
