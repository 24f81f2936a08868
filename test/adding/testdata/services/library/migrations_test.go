package library

import (
	"flag"
	"testing"

	"kith/pkg/app"
	"kith/pkg/view"
	"kith/pkg/view/viewmongo/migrationtest"
)

var write = flag.Bool("write-migrations", false, "write the migration of views that are new or have a new version")

func TestMigrations(t *testing.T) {
	migrationtest.Check(t, "migrations", *write, func(b view.Backend) error {
		s := &service{core: app.Core{Views: b}}
		return s.openViews(t.Context())
	})
}
