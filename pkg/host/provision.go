package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
	"kith/pkg/react"
	"kith/pkg/sessions"
	"kith/pkg/vault"
)

const (
	// startLimit is how long servers that are started together with whoever
	// provisions them may take to find each other.
	startLimit = time.Minute
	// retryStart is the pause between attempts.
	retryStart = 250 * time.Millisecond
)

// Provision creates the streams of a deployment, or checks that those that
// exist are safe. Replicas is 1 or, in a cluster, 3 or 5. It waits for servers
// that are starting, up to a minute or the end of ctx, and says so in log.
func Provision(ctx context.Context, js jetstream.JetStream, replicas int, log *slog.Logger) error {
	return started(ctx, log, esjs.NotReady, func() error {
		if err := esjs.Provision(ctx, js, esjs.ProvisionConfig{Replicas: replicas}); err != nil {
			return err
		}
		if err := vault.ProvisionKeys(ctx, js, replicas); err != nil {
			return err
		}
		if err := react.ProvisionDead(ctx, js, replicas); err != nil {
			return err
		}
		return sessions.Provision(ctx, js, replicas)
	})
}

// Reach connects to servers of NATS that may be starting, up to a minute or the
// end of ctx, and says in log that it waits. The caller closes the connection.
func Reach(ctx context.Context, url string, log *slog.Logger, opts ...nats.Option) (nc *nats.Conn, err error) {
	passes := func(err error) bool { return !errors.Is(err, nats.ErrAuthorization) }
	err = started(ctx, log, passes, func() (err error) {
		if nc, err = nats.Connect(url, opts...); err != nil {
			return fmt.Errorf("connect to %s: %w", url, err)
		}
		return nil
	})
	return nc, err
}

// started repeats do while it fails with errors that pass when servers have
// started. It logs each other reason once.
func started(ctx context.Context, log *slog.Logger, passes func(error) bool, do func() error) error {
	limited, stop := context.WithTimeout(ctx, startLimit) // of the pauses; a request has its own limit
	defer stop()
	for said := ""; ; {
		err := do()
		if err == nil || !passes(err) {
			return err
		}
		if reason := err.Error(); reason != said {
			log.Warn("the NATS servers are not ready; trying again", "for_at_most", startLimit, "error", err)
			said = reason
		}
		if pause(limited, retryStart) != nil {
			return fmt.Errorf("the NATS servers are not ready: %w", err)
		}
	}
}
