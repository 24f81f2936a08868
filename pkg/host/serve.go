package host

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"
	"golang.org/x/sync/errgroup"

	"kith/pkg/app"
	"kith/pkg/vault"
	"kith/pkg/view"
	"kith/pkg/view/viewmem"
)

// serve runs one service on the log of a deployment.
type serve[C any] struct {
	Config kong.ConfigFlag `type:"path" help:"YAML file with settings; its keys are the names of these flags."`
	Settings
	NATS           NATS  `embed:"" prefix:"nats-"`
	Mongo          Mongo `embed:"" prefix:"mongo-"`
	MigrateAtStart bool  `default:"true" negatable:"" help:"Make what is missing in the database of the views at the start. Without it somebody who may does it before, with the command migrate."`
	Service        C     `embed:""`
}

// NATS says where the log of a deployment is.
type NATS struct {
	URL     string   `help:"URL of the NATS server, or several with commas between them."`
	Seed    string   `type:"path" help:"File with this service's key for the NATS server, as kith provision writes it."`
	Monitor []string `help:"Monitoring URLs of every NATS server, to see that they flush before they acknowledge."`
}

func (s *serve[C]) check() error {
	return Checked(func(wrong Wrong) {
		s.Settings.Check(wrong)
		s.OIDC.Check(wrong)
		if s.NATS.URL == "" {
			wrong("nats-url", "name the NATS server that has the log")
		}
		if s.MasterKey == "" {
			wrong("master-key", "name the file with the key that wraps all others; it is the same for every service")
		}
		s.Mongo.check(wrong)
		if own, ok := any(s.Service).(interface {
			Check(wrong func(field, format string, args ...any))
		}); ok {
			own.Check(wrong)
		}
	})
}

// Run implements the command.
func (s *serve[C]) Run(ctx context.Context, service Service[C]) error {
	if err := s.check(); err != nil {
		return err
	}
	log := s.NewLog()
	master, err := vault.LoadMaster(s.MasterKey)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the master key file %s does not exist: every service needs the one that the log was begun with", s.MasterKey)
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	l, err := Listen(ctx, s.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	opts, err := s.NATS.options(service.Name, log)
	if err != nil {
		return err
	}
	nc, js, err := connect(ctx, s.NATS.URL, s.NATS.speaker(service.Name), log, opts...)
	if err != nil {
		return err
	}
	defer nc.Close()
	database, closeViews, err := s.Mongo.connect(ctx, service.Name, log)
	if err != nil {
		return err
	}
	defer closeViews()
	var views view.Backend = viewmem.Backend{}
	if database == nil {
		log.Info("views are kept in memory; mongo-uri keeps them over a restart")
	} else {
		views = database
	}
	migrating := service.migrating(database, s.MigrateAtStart, log)
	unmigrated := migrating.once(ctx)
	if unmigrated != nil && !later(unmigrated) {
		return unmigrated
	}
	p, err := Open(ctx, World{
		Name: "kith-" + service.Name, JS: js, Sync: s.NATS.sync(ctx, log), Views: views, Master: master,
		Tokens: s.OIDC.Bearer(), Traces: s.Traces, Data: s.Data, Log: log, Events: service.Events,
	}, func(ctx context.Context, core app.Core) (app.Module, error) {
		return service.Open(ctx, core, s.Service)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\n  Kith's %s service is at http://%s\n\n", service.Name, l.Addr())
	if unmigrated == nil {
		return p.Run(ctx, l)
	}
	// The database cannot be reached: people see that, and not that nobody listens.
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.Run(ctx, l) })
	g.Go(func() error {
		if err := migrating.until(ctx, nil); ctx.Err() == nil {
			return err
		}
		return nil
	})
	return g.Wait()
}
