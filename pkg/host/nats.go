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
	"kith/pkg/natsauth"
	"kith/pkg/natsmon"
)

// retryConnect is the pause between attempts to reach what a process needs to start.
const retryConnect = 2 * time.Second

// connect reaches the log of a deployment, and waits for it if it must. It
// returns an error if what is there cannot be used as it is.
func connect(ctx context.Context, url string, speak speaker, log *slog.Logger, opts ...nats.Option) (*nats.Conn, jetstream.JetStream, error) {
	opts = append([]nats.Option{nats.MaxReconnects(-1)}, opts...)
	for {
		nc, err := nats.Connect(url, opts...)
		if err == nil {
			js, err := ready(ctx, nc, speak, log)
			if err != nil {
				nc.Close()
			}
			return nc, js, err
		}
		if errors.Is(err, nats.ErrAuthorization) {
			return nil, nil, fmt.Errorf("connect to %s: %w: the server does not know this service's key; kith provision writes its configuration", url, err)
		}
		log.Warn("the log cannot be reached; trying again", "nats", url, "error", err)
		if err := pause(ctx, retryConnect); err != nil {
			return nil, nil, err
		}
	}
}

// ready waits until the log answers, and refuses one that was never provisioned.
func ready(ctx context.Context, nc *nats.Conn, speak speaker, log *slog.Logger) (jetstream.JetStream, error) {
	js, err := speak(nc)
	if err != nil {
		return nil, err
	}
	for {
		_, err := js.Stream(ctx, esjs.StreamName)
		switch {
		case err == nil:
			return js, nil
		case errors.Is(err, jetstream.ErrStreamNotFound):
			return nil, fmt.Errorf("there is no log on this server: run kith provision --nats %s first", nc.ConnectedUrlRedacted())
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		log.Warn("the log does not answer; trying again", "nats", nc.ConnectedUrlRedacted(), "error", err)
		if err := pause(ctx, retryConnect); err != nil {
			return nil, err
		}
	}
}

// speaker makes what speaks with the log through a connection.
type speaker func(*nats.Conn) (jetstream.JetStream, error)

// speaker of a service: one with a key has an account of its own.
func (n NATS) speaker(service string) speaker {
	return func(nc *nats.Conn) (jetstream.JetStream, error) {
		if n.Seed == "" {
			return jetstream.New(nc)
		}
		return natsauth.JetStream(nc, service)
	}
}

// options identify a service to the server, which may let anybody in.
func (n NATS) options(service string, log *slog.Logger) ([]nats.Option, error) {
	if n.Seed == "" {
		log.Warn("no nats-seed is set: the server must let this service in without a key, and cannot tell services apart")
		return []nats.Option{nats.Name("kith-" + service)}, nil
	}
	return natsauth.Options(service, n.Seed, log)
}

// sync says when acknowledged events are on disk, by the worst server. Anything
// but always is loud: what was acknowledged can be lost in a power cut.
func (n NATS) sync(ctx context.Context, log *slog.Logger) natsmon.Sync {
	if len(n.Monitor) == 0 {
		log.Warn("nobody knows whether the NATS servers flush before they acknowledge: set nats-monitor, and sync_interval: always on each server")
		return natsmon.Sync{}
	}
	worst := natsmon.Sync{Mode: natsmon.Always}
	for _, url := range n.Monitor {
		setting, err := natsmon.SyncSetting(ctx, url)
		if setting.Mode == natsmon.Always {
			continue
		}
		log := log.With("server", url, "flushes", setting.String())
		if err != nil {
			log = log.With("error", err)
		}
		log.Error("acknowledged events can be lost in a power cut: set sync_interval: always on this NATS server")
		if setting.Mode < worst.Mode || setting.Every > worst.Every {
			worst = setting
		}
	}
	return worst
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
