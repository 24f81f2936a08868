package esjs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamName and Subjects are the log's name and what it takes in.
const (
	StreamName = "EVENTS"
	Subjects   = "evt.>"
)

const defaultDuplicates = 2 * time.Minute

// ProvisionConfig is what may differ between deployments.
type ProvisionConfig struct {
	Replicas   int           // 1, 3 or 5; 0: 1
	Duplicates time.Duration // how long message ids of others are remembered; 0: 2 min. Kith uses none
}

// Provision creates the log, or checks that the existing one is safe: nothing
// in it may be deleted, expire or be replaced. It never changes an existing
// stream; the error names every setting that is wrong.
func Provision(ctx context.Context, js jetstream.JetStream, c ProvisionConfig) error {
	want := c.stream()
	s, err := js.Stream(ctx, StreamName)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		// Creating the stream that somebody else creates meanwhile succeeds if
		// it is the same one.
		if _, err := js.CreateStream(ctx, want); err != nil {
			return fmt.Errorf("esjs: create stream %s: %w", StreamName, unavailable(err))
		}
		return nil
	case err != nil:
		return fmt.Errorf("esjs: look for stream %s: %w", StreamName, unavailable(err))
	}
	if bad := unsafe(s.CachedInfo().Config, want); len(bad) > 0 {
		return fmt.Errorf("esjs: stream %s exists with unsafe settings: %s", StreamName, strings.Join(bad, "; "))
	}
	return nil
}

func (c ProvisionConfig) stream() jetstream.StreamConfig {
	s := jetstream.StreamConfig{
		Name: StreamName, Subjects: []string{Subjects},
		Description: "every fact, in order, for ever",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Replicas: max(c.Replicas, 1), Duplicates: c.Duplicates,
		DenyDelete: true, DenyPurge: true, AllowDirect: true,
	}
	if s.Duplicates == 0 {
		s.Duplicates = defaultDuplicates
	}
	return s
}

// unsafe names what in a stream's settings could lose, hide or reorder events.
func unsafe(got, want jetstream.StreamConfig) (bad []string) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Sprintf(format, args...))
		}
	}
	check(slices.Equal(got.Subjects, want.Subjects), "subjects are %v, not %v", got.Subjects, want.Subjects)
	check(got.Storage == jetstream.FileStorage, "storage is not file")
	check(got.Retention == jetstream.LimitsPolicy, "retention is %s, not limits", got.Retention)
	check(got.DenyDelete, "deny_delete is off")
	check(got.DenyPurge, "deny_purge is off")
	check(got.AllowDirect, "allow_direct is off")
	check(!got.NoAck, "acknowledgements are off")
	check(got.PersistMode == jetstream.DefaultPersistMode, "it is flushed after the acknowledgement")
	check(!got.Sealed, "it is sealed")
	check(!got.AllowRollup, "rollup is allowed")
	check(!got.AllowMsgTTL, "message TTL is allowed")
	check(got.SubjectTransform == nil, "subjects are transformed")
	check(got.Mirror == nil && len(got.Sources) == 0, "it takes messages from other streams")
	check(got.MaxAge == 0, "max_age is %s", got.MaxAge)
	check(got.MaxMsgs <= 0, "max_msgs is %d", got.MaxMsgs)
	check(got.MaxBytes <= 0 || got.Discard == jetstream.DiscardNew, "max_bytes discards old events")
	check(got.MaxMsgsPerSubject <= 0, "max_msgs_per_subject is %d", got.MaxMsgsPerSubject)
	check(got.Replicas >= want.Replicas, "it has %d replicas, not %d", got.Replicas, want.Replicas)
	return bad
}
