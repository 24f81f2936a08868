package cli

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/host"
)

// Provision creates the streams on a NATS server of the organisation's own.
// The all-in-one does it for its own log at every start.
type Provision struct {
	NATS        string `name:"nats" required:"" help:"URL of the NATS server."`
	Credentials string `type:"existingfile" help:"File with credentials of an account that may create streams."`
	Replicas    int    `default:"3" help:"Copies of every event: 1, or 3 or 5 in a cluster."`
}

// Run implements the command.
func (p *Provision) Run(ctx context.Context) error {
	var opts []nats.Option
	if p.Credentials != "" {
		opts = append(opts, nats.UserCredentials(p.Credentials))
	}
	nc, err := nats.Connect(p.NATS, opts...)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", p.NATS, err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	if err := host.Provision(ctx, js, p.Replicas); err != nil {
		return err
	}
	fmt.Println("The streams EVENTS, KEYS and DEAD are there, with safe settings.")
	return nil
}
