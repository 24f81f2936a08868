package backup

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es/esjs"
)

// Consumer is a reactor's place in the log.
type Consumer struct {
	Name string `json:"name"`
	// Floor is the last position up to which everything is handled. What was
	// handled out of order behind it comes again, and is the same command.
	Floor  uint64                   `json:"floor"`
	Config jetstream.ConsumerConfig `json:"config"`
}

// AllConsumers are the durable consumers of the log, for who may list them.
func AllConsumers(ctx context.Context, js jetstream.JetStream) ([]Consumer, error) {
	s, err := js.Stream(ctx, esjs.StreamName)
	if err != nil {
		return nil, fmt.Errorf("backup: places of reactors: %w", err)
	}
	var out []Consumer
	l := s.ListConsumers(ctx)
	for info := range l.Info() {
		if info.Config.Durable != "" {
			out = append(out, placeOf(info))
		}
	}
	if err := l.Err(); err != nil {
		return nil, fmt.Errorf("backup: places of reactors: %w", err)
	}
	return out, nil
}

// FindConsumer looks at one consumer; ok is false if there is none, because
// its reactor has never run.
func FindConsumer(ctx context.Context, js jetstream.JetStream, name string) (c Consumer, ok bool, err error) {
	found, err := js.Consumer(ctx, esjs.StreamName, name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("backup: place of the reactor %s: %w", name, err)
	}
	return placeOf(found.CachedInfo()), true, nil
}

func placeOf(info *jetstream.ConsumerInfo) Consumer {
	c := Consumer{Name: info.Config.Durable, Floor: info.AckFloor.Stream, Config: info.Config}
	if start := info.Config.OptStartSeq; start > 0 {
		c.Floor = max(c.Floor, start-1) // nothing was delivered yet
	}
	return c
}

// create makes the consumer on a restored log, behind what its reactor has
// handled.
func (c Consumer) create(ctx context.Context, js jetstream.JetStream, head uint64) error {
	cfg := c.Config
	cfg.DeliverPolicy = jetstream.DeliverByStartSequencePolicy
	cfg.OptStartSeq, cfg.OptStartTime = min(c.Floor, head)+1, nil
	if _, err := js.CreateConsumer(ctx, esjs.StreamName, cfg); err != nil {
		return fmt.Errorf("backup: put the reactor %s back to its place: %w", c.Name, err)
	}
	return nil
}
