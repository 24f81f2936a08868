package host

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewmongo"
)

// Mongo says where a service keeps its views.
type Mongo struct {
	URI      string `help:"Connection string of MongoDB, where the service keeps its views; empty: in memory, folded anew at every start."`
	URIFile  string `type:"path" help:"File with the connection string, where it holds a password."`
	Database string `help:"Database of this service alone; empty: kith_ and the service's name."`
}

func (m Mongo) check(wrong Wrong) {
	if m.URI != "" && m.URIFile != "" {
		wrong("mongo-uri", "name the connection string or the file with it, not both")
	}
}

// closeLimit is how long the database may take to say goodbye.
const closeLimit = 5 * time.Second

// views is the backend of a service's views. The database need not be there:
// until it is, commands are taken and queries answered with 503.
func (m Mongo) views(ctx context.Context, service string, log *slog.Logger) (_ view.Backend, closeAll func(), err error) {
	uri := m.URI
	if m.URIFile != "" {
		data, err := os.ReadFile(m.URIFile)
		if err != nil {
			return nil, nil, fmt.Errorf("connection string of MongoDB: %w", err)
		}
		uri = strings.TrimSpace(string(data))
	}
	if uri == "" {
		log.Info("views are kept in memory; mongo-uri keeps them over a restart")
		return viewmem.Backend{}, func() {}, nil
	}
	database := m.Database
	if database == "" {
		database = "kith_" + service
	}
	b, err := viewmongo.Connect(ctx, uri, database, viewmongo.Options{})
	if err != nil {
		return nil, nil, err
	}
	return b, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			log.Warn("the connections to MongoDB did not end well", "error", err)
		}
	}, nil
}
