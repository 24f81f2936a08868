package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/backup"
	"kith/pkg/host"
	"kith/pkg/natsauth"
	kith "kith/services/kith"
)

// Backup copies a deployment into a folder.
type Backup struct {
	Run    RunBackup    `cmd:"" default:"withargs" help:"Bring the backup in a folder up to the present, and make it if there is none."`
	Verify VerifyBackup `cmd:"" help:"Check that a backup is whole and holds what was signed."`
}

// RunBackup makes or continues a backup.
type RunBackup struct {
	Dir            string `arg:"" type:"path" help:"Folder of the backup."`
	Data           string `type:"existingdir" help:"Data folder of the all-in-one, running or not."`
	Remote         NATS   `embed:""`
	Audit          string `type:"existingdir" help:"With --nats: the folder audit in the data folder of the audit service, for the checkpoints."`
	WithSigningKey bool   `help:"Take the audit's secret key in too. Who has it can sign another past: keep it apart if you can."`
	ErasuresOnly   bool   `help:"Write the list of erased people only. It is quick: do it more often than backups."`
}

// Run implements the command.
func (b *RunBackup) Run(ctx context.Context) error {
	switch {
	case (b.Data == "") == (b.Remote.NATS == ""):
		return errors.New("say what to back up: --data DIR of the all-in-one, or --nats URL")
	case b.Data != "" && b.Audit != "":
		return errors.New("--audit belongs to --nats; with --data the audit's folder is known")
	case b.Data != "":
		return kith.WithData(b.Data, func(s backup.Source) error { return b.run(ctx, s) })
	}
	js, done, err := b.Remote.connect(b.Remote.User)
	if err != nil {
		return err
	}
	defer done()
	s := kith.BackupSource()
	s.JS, s.Audit = js, b.Audit
	if b.Remote.Keys != "" {
		s.Consumers = b.Remote.consumers
	}
	return b.run(ctx, s)
}

func (b *RunBackup) run(ctx context.Context, s backup.Source) error {
	if b.ErasuresOnly {
		e, err := backup.RunErasures(ctx, b.Dir, s)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d erasures up to event %d\n", backup.ErasuresIn(b.Dir), len(e.People), e.Through)
		return nil
	}
	before, err := backup.Load(b.Dir)
	if err != nil && !errors.Is(err, backup.ErrNone) {
		return err
	}
	s.SigningKey, s.Progress = b.WithSigningKey, newBar("copying events")
	begin := time.Now()
	m, err := backup.Run(ctx, b.Dir, s)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d events, %d of them new, and %d keys in %s\n", b.Dir, m.Head, m.Head-before.Head, m.Keys.Records, time.Since(begin).Round(time.Millisecond))
	fmt.Println("The master key is not in it and must be kept elsewhere: without it nobody reads a personal text, with it everybody who has the backup does.")
	switch {
	case m.VerifierKey == "" && b.Data == "":
		fmt.Println("It has no checkpoints: name the audit's folder with --audit.")
	case m.VerifierKey == "":
		fmt.Println("It has no checkpoints: the audit has never run on this data.")
	case m.SigningKey == nil:
		fmt.Println("The audit's signing key is not in it either and must be kept elsewhere.")
	default:
		fmt.Println("It holds the audit's signing key: who can read it can sign another past.")
	}
	return nil
}

// VerifyBackup verifies a backup.
type VerifyBackup struct {
	Dir string `arg:"" type:"existingdir" help:"Folder of the backup."`
	Key string `help:"The audit's verifier key as you noted it, or a file with it. Without it the backup's own is taken, which proves only that the backup agrees with itself."`
}

// Run implements the command.
func (v *VerifyBackup) Run(ctx context.Context) error {
	key := v.Key
	if data, err := os.ReadFile(key); err == nil {
		key = strings.TrimSpace(string(data))
	}
	out, err := kith.VerifyBackup(ctx, v.Dir, key, newBar("verifying"))
	if err != nil {
		return err
	}
	m := out.Manifest
	fmt.Printf("%d events up to %s, %d keys; erasures known up to event %d\n", m.Head, m.HeadTime.Format(time.RFC3339), m.Keys.Records, m.Erasures)
	fmt.Printf("%d checkpoints hold; %d events are not signed yet\n", out.Checkpoints, m.Head-out.Signed)
	fmt.Println("The backup is whole.")
	return nil
}

// Restore brings a backup into an empty system.
type Restore struct {
	Dir          string   `arg:"" type:"existingdir" help:"Folder of the backup."`
	Data         string   `type:"path" help:"Data folder without a log, for the all-in-one."`
	Remote       NATS     `embed:""`
	Replicas     int      `default:"3" help:"With --nats: copies of every event, where the streams are still to be made."`
	Audit        string   `type:"path" help:"With --nats: the folder that the audit service will find as audit in its data folder."`
	SigningKey   string   `type:"existingfile" help:"The audit's signing key, where the backup does not have it."`
	WithoutAudit bool     `help:"Leave the checkpoints out, if the signing key is lost: the past is then proved by the backup only."`
	Erasures     []string `type:"existingfile" help:"Newer lists of erased people, as backup --erasures-only writes them."`
}

// Run implements the command.
func (r *Restore) Run(ctx context.Context) error {
	if (r.Data == "") == (r.Remote.NATS == "") {
		return errors.New("say where to restore to: --data DIR, or --nats URL")
	}
	if err := r.unused(); err != nil {
		return err
	}
	t := backup.Target{SigningKey: r.SigningKey, Audit: r.Audit, Progress: newBar("restoring events")}
	for _, path := range r.Erasures {
		e, err := backup.LoadErasures(path)
		if err != nil {
			return err
		}
		t.Erasures = append(t.Erasures, e.People...)
	}
	begin := time.Now()
	var out backup.Restored
	var err error
	if r.Data != "" {
		if t.Audit = r.Data; r.WithoutAudit {
			t.Audit = ""
		}
		out, err = kith.RestoreData(ctx, r.Dir, r.Data, t)
	} else {
		out, err = r.remote(ctx, t)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d events and %d keys restored in %s, the newest event of %s\n", out.Manifest.Head, out.Keys,
		time.Since(begin).Round(time.Millisecond), out.Manifest.HeadTime.Format(time.RFC3339))
	if r.Data != "" {
		fmt.Printf("Put the master key that this log was written with to %s before you start Kith.\n", filepath.Join(r.Data, "master.key"))
	}
	for i, e := range out.Again {
		if i == 0 {
			fmt.Println("Of these people the keys are destroyed, but the log does not say so: an administrator has to erase them again.")
		}
		fmt.Printf("  %s (texts too: %t)\n", e.Person, e.Texts)
	}
	return nil
}

// unused refuses what would be taken for granted and have no effect.
func (r *Restore) unused() error {
	switch {
	case r.Remote.Keys != "":
		return errors.New("no service may restore: --nats-seed names the key of a user who may, not --keys")
	case r.Data != "" && (r.Remote.Seed != "" || r.Audit != ""):
		return errors.New("--nats-seed and --audit belong to --nats; with --data the log and the audit's folder are in it")
	}
	return nil
}

func (r *Restore) remote(ctx context.Context, t backup.Target) (out backup.Restored, err error) {
	if r.WithoutAudit {
		t.Audit = ""
	}
	if t.Audit != "" {
		if err := backup.NewFolder(t.Audit); err != nil {
			return out, err
		}
	}
	js, done, err := r.Remote.connect("")
	if err != nil {
		return out, err
	}
	defer done()
	// Looked at before anything is provisioned: that may change settings.
	if err := backup.Empty(ctx, js); err != nil {
		return out, err
	}
	if err := host.Provision(ctx, js, r.Replicas, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		return out, err
	}
	t.JS = js
	if out, err = backup.Restore(ctx, r.Dir, t); err != nil || t.Audit == "" {
		return out, err
	}
	return out, backup.SyncTree(t.Audit)
}

// NATS says which server has the log, and as whom to read it.
type NATS struct {
	NATS string `name:"nats" help:"URL of the NATS server that has the log."`
	Keys string `type:"existingdir" help:"Folder of the services' keys for the server. The places of reactors are read with the keys of their services."`
	User string `default:"audit" help:"With --keys: whose key the log is read with."`
	Seed string `name:"nats-seed" type:"existingfile" help:"To restore: the file with the key of a user who may do everything, as kith provision --restore makes one."`
}

// connect connects as a user of the folder of keys, or with the seed, or as
// the URL says.
func (n NATS) connect(user string) (jetstream.JetStream, func(), error) {
	var opts []nats.Option
	var err error
	switch {
	case n.Seed != "":
		var o nats.Option
		if o, err = nats.NkeyOptionFromSeed(n.Seed); err == nil {
			opts = append(opts, o)
		}
	case n.Keys != "" && user != "":
		opts, err = natsauth.Options(user, natsauth.SeedFile(n.Keys, user), slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	if err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(n.NATS, opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to %s: %w", n.NATS, err)
	}
	js, err := n.speak(nc, user)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return js, nc.Close, nil
}

// speak goes through what a service's account imports where the connection is
// a service's.
func (n NATS) speak(nc *nats.Conn, user string) (jetstream.JetStream, error) {
	if n.Seed == "" && n.Keys != "" && user != "" {
		return natsauth.JetStream(nc, user)
	}
	return jetstream.New(nc)
}

// consumers looks at every reactor as its service: nobody else may.
func (n NATS) consumers(ctx context.Context) ([]backup.Consumer, error) {
	var all []backup.Consumer
	for _, u := range natsauth.Manifest() {
		if len(u.Reactors) == 0 {
			continue
		}
		js, done, err := n.connect(u.Name)
		if err != nil {
			return nil, err
		}
		defer done()
		for _, name := range u.Reactors {
			c, ok, err := backup.FindConsumer(ctx, js, name)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, c)
			}
		}
	}
	return all, nil
}
