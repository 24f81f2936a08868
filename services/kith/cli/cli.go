// Package cli is the command line of Kith.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// CLI is every command.
type CLI struct {
	Serve       Serve       `cmd:"" help:"Run services, by default all of them with their own log."`
	Ready       host.Ready  `cmd:"" help:"Ask a running instance whether it is ready."`
	Config      Config      `cmd:"" help:"Check the configuration."`
	Import      Import      `cmd:"" help:"Bring in units, people, or the past of a forum."`
	Audit       Audit       `cmd:"" help:"Verify, read and export the log."`
	MyData      MyData      `cmd:"" name:"mydata" help:"Take along everything that Kith has about you. This gives your consent to have it put together, which the log records."`
	Erase       Erase       `cmd:"" help:"Forget a person: destroy the keys to who they are and, if they wish, to what they wrote."`
	Rebuild     Rebuild     `cmd:"" help:"Fold a view anew from the log and say whether it was right."`
	Deadletters Deadletters `cmd:"" help:"What reactors gave up on."`
	Demo        Demo        `cmd:"" help:"Fill a running instance with an organisation to try Kith with."`
	Eval        Eval        `cmd:"" help:"Measure how well people and earlier requests are found, on a forum's past."`
	Matching    Matching    `cmd:"" help:"Look into how helpers are found."`
	Backup      Backup      `cmd:"" help:"Copy log, keys and checkpoints into a folder, or verify such a copy."`
	Restore     Restore     `cmd:"" help:"Bring a backup into an empty system."`
	Provision   Provision   `cmd:"" help:"Create the streams on a NATS server."`
	Version     Version     `cmd:"" help:"Print the version."`
}

// Main runs the command of args and returns the exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c CLI
	parser, err := kong.New(&c,
		kong.Name("kith"),
		kong.Description("Communities of practice across departments. See README.md."),
		kong.Vars{"targets": strings.Join(kith.Targets(), ", ")},
		kong.DefaultEnvars(host.EnvPrefix),
		kong.Configuration(host.LoadFile),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.UsageOnError(),
	)
	if err != nil {
		return host.Fail("kith", err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return host.Fail("kith", err)
	}
	if c := parsed.Command(); c == "serve" || c == "config check" {
		if err := host.KnownVariables(parser.Model, os.Environ()); err != nil {
			return host.Fail("kith", err)
		}
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return host.Fail("kith", err)
	}
	return 0
}

// Remote says with which server a command speaks, and as whom.
type Remote struct {
	Server string `default:"http://127.0.0.1:8080" help:"URL of Kith."`
	Token  string `help:"API token or access token; better in the environment than on the command line."`
	As     string `help:"Login to sign in with at the development issuer, instead of a token."`
}

// client signs in; login is who acts in development mode if nobody is named.
func (r Remote) client(ctx context.Context, login string) (*client.Client, error) {
	base, pool := strings.TrimRight(r.Server, "/"), client.Pool(64)
	if r.Token != "" {
		return &client.Client{Base: base, Token: r.Token, HTTP: pool}, nil
	}
	if r.As != "" {
		login = r.As
	}
	c, err := client.SignIn(ctx, pool, base, login)
	if err != nil {
		return nil, fmt.Errorf("%w\nWithout --token, commands sign in at the development issuer as %s", err, login)
	}
	return c, nil
}

// Version prints the version.
type Version struct{}

// Run implements the command.
func (Version) Run() error {
	fmt.Println("kith", host.Version())
	return nil
}
