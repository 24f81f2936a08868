package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"kith/pkg/fault"
	"kith/pkg/view/viewmongo"
)

// migrate makes what a release needs in the database of a service's views, for
// organisations whose services may not do that themselves, and before a release
// is rolled out.
type migrate[C any] struct {
	Config kong.ConfigFlag `type:"path" help:"YAML file with settings, as for serve."`
	Mongo  Mongo           `embed:"" prefix:"mongo-"`
	Check  bool            `env:"-" help:"Only say whether there is something to do; then the exit code is 1."`
	Again  bool            `env:"-" help:"Do all of it again: what went missing is made anew, and what is there stays."`
	Wait   time.Duration   `env:"-" default:"1m" help:"How long to try while the database cannot be reached."`
}

// Run implements the command.
func (m *migrate[C]) Run(ctx context.Context, service Service[C]) error {
	err := Checked(func(wrong Wrong) {
		m.Mongo.check(wrong)
		if m.Mongo.URI == "" && m.Mongo.URIFile == "" {
			wrong("mongo-uri", "name the database; without one views are in memory, and there is nothing to migrate")
		}
		if m.Wait < 0 {
			wrong("wait", "cannot be negative")
		}
	})
	if err != nil {
		return err
	}
	if service.Migrations == nil {
		fmt.Printf("The %s service has no views: there is nothing to migrate.\n", service.Name)
		return nil
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	b, closeViews, err := m.Mongo.connect(ctx, service.Name, log)
	if err != nil {
		return err
	}
	defer closeViews()
	run := service.migrating(b, !m.Check, log)
	run.again = m.Again
	if err := run.until(ctx, time.After(m.Wait)); err != nil {
		return err
	}
	database, was := m.Mongo.database(service.Name), run.before
	switch {
	case was.Pending():
		fmt.Printf("%s: migrated from %d to %d.\n", database, was.At, was.Newest)
	case m.Again && !m.Check:
		fmt.Printf("%s: migrated again, to %d.\n", database, was.Newest)
	default:
		fmt.Printf("%s: there is nothing to migrate, it is at %d.\n", database, was.At)
	}
	return nil
}

// migrating is the migration of a service's database.
type migrating struct {
	service string
	files   fs.FS
	b       *viewmongo.Backend // nil: views are in memory
	run     bool               // else it must have been done already
	again   bool
	log     *slog.Logger

	before viewmongo.Migrated // how far the database was
}

func (s Service[C]) migrating(b *viewmongo.Backend, run bool, log *slog.Logger) *migrating {
	return &migrating{service: s.Name, files: s.Migrations, b: b, run: run, log: log}
}

// once sees to it that the database is as this release needs it. It returns an
// error that says what to do if it cannot be made so; see later.
func (m *migrating) once(ctx context.Context) (err error) {
	if m.b == nil || m.files == nil {
		return nil
	}
	files := viewmongo.Migrations{Files: m.files, Again: m.again, Log: m.log}
	command := "kith-" + m.service + " migrate"
	if !m.run {
		m.before, err = m.b.Migrated(ctx, files)
		switch {
		case err != nil:
			return err
		case m.before.Pending() && m.before.Begun > 0:
			return fmt.Errorf("migration %d of the database was begun and is not finished: run %s, which can be repeated", m.before.Begun, command)
		case m.before.Pending():
			return fmt.Errorf("the database is at migration %d, and this release needs %d: run %s", m.before.At, m.before.Newest, command)
		}
	} else if m.before, err = m.b.Migrate(ctx, files); err != nil {
		if errors.Is(err, viewmongo.ErrDenied) {
			return fmt.Errorf("%w: run %s with the mongo-uri of one who may, and this service with migrate-at-start: false", err, command)
		}
		return err
	}
	switch {
	case m.before.At > m.before.Newest:
		m.log.Info("the database was migrated by a newer release, which does not matter to this one", "at", m.before.At, "newest", m.before.Newest)
	case m.before.Pending():
		m.log.Info("the database of the views is migrated", "from", m.before.At, "to", m.before.Newest)
	}
	return nil
}

// until does once until it succeeds, or fails for good, or enough comes.
func (m *migrating) until(ctx context.Context, enough <-chan time.Time) error {
	for {
		err := m.once(ctx)
		if !later(err) {
			return err
		}
		m.log.Warn("the database of the views cannot be migrated yet; trying again", "error", err)
		select {
		case <-time.After(retryConnect):
		case <-enough:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// later reports whether what failed may succeed later.
func later(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Code == fault.Unavailable
}
