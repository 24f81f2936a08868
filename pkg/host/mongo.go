package host

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

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

// connect reaches the database of a service's views, which need not be there yet:
// until it is, commands are taken and queries answered with 503. It returns nil
// if views are kept in memory.
func (m Mongo) connect(ctx context.Context, service string, log *slog.Logger) (_ *viewmongo.Backend, closeAll func(), err error) {
	uri := m.URI
	if m.URIFile != "" {
		data, err := os.ReadFile(m.URIFile)
		if err != nil {
			return nil, nil, fmt.Errorf("connection string of MongoDB: %w", err)
		}
		uri = strings.TrimSpace(string(data))
	}
	if uri == "" {
		return nil, func() {}, nil
	}
	b, err := viewmongo.Connect(ctx, uri, m.database(service), viewmongo.Options{})
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

func (m Mongo) database(service string) string {
	if m.Database != "" {
		return m.Database
	}
	return "kith_" + service
}
