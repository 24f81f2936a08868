package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	kith "kith/services/kith"
)

// Serve runs services.
type Serve struct {
	Config kong.ConfigFlag `type:"path" help:"YAML file with settings; its keys are the names of these flags."`
	kith.Settings
}

// Run implements the command.
func (s *Serve) Run(ctx context.Context) error {
	p, err := kith.Open(ctx, s.Settings)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\n  Kith is at %s\n\n", p.URL())
	if s.Dev {
		fmt.Fprintf(os.Stderr, "  Next, in another terminal:  bin/kith demo --server %s\n\n", p.URL())
	}
	return p.Run(ctx)
}

// Config has the commands about configuration.
type Config struct {
	Check Check `cmd:"" help:"Say whether the settings can be used, without starting anything."`
}

// Check reads settings as serve does.
type Check struct {
	Serve
}

// Run implements the command.
func (c *Check) Run() error {
	if err := c.Settings.Check(); err != nil {
		return err
	}
	fmt.Println("The configuration is fine.")
	return nil
}
