package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/host"
	"kith/pkg/natsauth"
)

// Provision prepares a NATS server of the organisation's own: first the keys and
// the permissions of the services, then the streams. The all-in-one needs
// neither; its log is its own.
type Provision struct {
	Keys    string `type:"path" help:"Folder of the services' keys for the server. Those that are missing are made."`
	Restore bool   `help:"With config: also let in the user restore, who may do everything, for the time of a restore. Without it the user is taken out again."`
	Config  string `type:"path" help:"Write the server's users and permissions into this file, for the server's configuration to include. Needs keys and no server."`

	NATS     string `name:"nats" help:"URL of the NATS server: create the streams there."`
	Replicas int    `default:"3" help:"Copies of every event: 1, or 3 or 5 in a cluster."`
}

// Run implements the command.
func (p *Provision) Run(ctx context.Context) error {
	switch {
	case p.Config == "" && p.NATS == "":
		return errors.New("say what to prepare: --keys DIR --config FILE for the server's configuration, --nats URL for the streams")
	case p.Restore && p.Config == "":
		return errors.New("restore changes the server's configuration: name it with --config FILE")
	case p.Config != "" && p.Keys == "":
		return errors.New("name the folder of the services' keys with --keys")
	}
	if p.Config != "" {
		if err := p.configure(); err != nil {
			return err
		}
	}
	if p.NATS == "" {
		return nil
	}
	return p.streams(ctx)
}

// configure writes the file in one step: a server may read it at any time.
func (p *Provision) configure() error {
	var besides []string
	if p.Restore {
		besides = []string{natsauth.Restore}
	}
	public, err := natsauth.Seeds(p.Keys, rand.Reader, besides...)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := natsauth.Render(&text, public); err != nil {
		return err
	}
	part := p.Config + ".part"
	if err := os.WriteFile(part, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the server's configuration: %w", err)
	}
	if err := os.Rename(part, p.Config); err != nil {
		return fmt.Errorf("write the server's configuration: %w", err)
	}
	fmt.Printf("The services' keys are in %s: give each service its own (--nats-seed) and nobody another's.\n"+
		"%s has their permissions: include it in the server's configuration and reload the server.\n", p.Keys, filepath.Base(p.Config))
	return nil
}

// notClustered is how a single server refuses more than one replica.
const notClustered = 10074

func (p *Provision) streams(ctx context.Context) error {
	var opts []nats.Option
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if p.Keys != "" {
		var err error
		if opts, err = natsauth.Options(natsauth.Provision, natsauth.SeedFile(p.Keys, natsauth.Provision), log); err != nil {
			return err
		}
	}
	nc, err := host.Reach(ctx, p.NATS, log, opts...)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := natsauth.JetStream(nc, natsauth.Provision)
	if err != nil {
		return err
	}
	err = host.Provision(ctx, js, p.Replicas, log)
	if e, ok := errors.AsType[jetstream.JetStreamError](err); ok && e.APIError() != nil && e.APIError().ErrorCode == notClustered {
		return fmt.Errorf("%w\nThis server is in no cluster: try Kith out with --replicas 1, and run three servers for more than that", err)
	}
	if err != nil {
		return err
	}
	fmt.Println("The streams EVENTS, KEYS, DEAD and KV_sessions are there, with safe settings.")
	return nil
}
