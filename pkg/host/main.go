package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// Service is what a program of one service runs. C are the service's own
// settings, with kong's tags; they may have a Check.
type Service[C any] struct {
	Name string
	Open func(ctx context.Context, core app.Core, c C) (app.Module, error)
	// Migrations make what its views are kept in; see viewmongo.Migrations. nil:
	// it has no views.
	Migrations fs.FS
	// Events are types beside those of the product's catalogue.
	Events []es.Option
}

// Main is the program kith-<name>: it runs the command of args and returns the
// exit code.
func (s Service[C]) Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name := "kith-" + s.Name
	var program struct {
		Serve   serve[C]   `cmd:"" default:"withargs" help:"Run the service."`
		Check   check[C]   `cmd:"" help:"Say whether the settings can be used, without starting anything."`
		Migrate migrate[C] `cmd:"" help:"Make what this release needs in the database of the views."`
		Ready   Ready      `cmd:"" help:"Ask the running service whether it is ready."`
		Version version    `cmd:"" help:"Print the version."`
	}
	parser, err := kong.New(&program,
		kong.Name(name),
		kong.Description("The "+s.Name+" service of Kith, as a process of its own."),
		kong.DefaultEnvars(EnvPrefix),
		kong.Configuration(LoadFile),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
		kong.UsageOnError(),
	)
	if err != nil {
		return Fail(name, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return Fail(name, err)
	}
	if parsed.Command() != "version" {
		if err := KnownVariables(parser.Model, os.Environ()); err != nil {
			return Fail(name, err)
		}
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return Fail(name, err)
	}
	return 0
}

// Fail shows an error of a program once, with every field that is wrong, and
// returns the exit code.
func Fail(program string, err error) int {
	fmt.Fprintf(os.Stderr, "%s: %v\n", program, err)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, field := range f.Fields {
			fmt.Fprintf(os.Stderr, "  %s: %s\n", field.Field, field.Reason)
		}
	}
	return 1
}

type version struct{}

// Run implements the command.
func (version) Run() error {
	fmt.Println("kith", Version())
	return nil
}

// check reads settings as serve does.
type check[C any] struct{ serve[C] }

// Run implements the command.
func (c *check[C]) Run() error {
	if err := c.serve.check(); err != nil {
		return err
	}
	fmt.Println("The configuration is fine.")
	return nil
}
