package library

import (
	"embed"
	"io/fs"
)

//go:embed migrations
var migrations embed.FS

// Migrations make the collections of the service's views in MongoDB. They are
// written by make migrations.
func Migrations() fs.FS { return migrations }
