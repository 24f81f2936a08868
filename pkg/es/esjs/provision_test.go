package esjs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/es/estest"
	"kith/pkg/natsd"
)

func TestProvision(t *testing.T) {
	ctx := context.Background()

	t.Run("the log cannot be shortened", func(t *testing.T) {
		js := provisioned(t, boot(t, natsd.Config{}), esjs.ProvisionConfig{})
		raw(t, js, "evt.a.b.c", es.Stored{})
		s, err := js.Stream(ctx, esjs.StreamName)
		if err != nil {
			t.Fatal(err)
		}
		if s.DeleteMsg(ctx, 1) == nil || s.SecureDeleteMsg(ctx, 1) == nil || s.Purge(ctx) == nil {
			t.Error("something could be deleted")
		}
		c := s.CachedInfo().Config
		c.DenyDelete = false
		if _, err := js.UpdateStream(ctx, c); err == nil {
			t.Error("deny_delete could be taken back")
		}
	})
	t.Run("provisioning again changes nothing", func(t *testing.T) {
		js := provisioned(t, boot(t, natsd.Config{}), esjs.ProvisionConfig{})
		raw(t, js, "evt.a.b.c", es.Stored{})
		if err := esjs.Provision(ctx, js, esjs.ProvisionConfig{}); err != nil {
			t.Error(err)
		}
		if last, err := esjs.Open(js, estest.Codec(), time.Now).Last(ctx); last != 1 || err != nil {
			t.Errorf("Last = %d, %v", last, err)
		}
	})
	t.Run("every unsafe setting of an existing stream is named", func(t *testing.T) {
		js := client(t, boot(t, natsd.Config{}))
		if _, err := js.CreateStream(ctx, jetstream.StreamConfig{
			Name: esjs.StreamName, Subjects: []string{"evt.*"}, Storage: jetstream.MemoryStorage,
			MaxAge: time.Hour, MaxMsgs: 5, AllowRollup: true,
		}); err != nil {
			t.Fatal(err)
		}
		err := esjs.Provision(ctx, js, esjs.ProvisionConfig{Replicas: 3})
		if err == nil {
			t.Fatal("accepted")
		}
		for _, want := range []string{"subjects", "storage", "deny_delete", "deny_purge", "allow_direct", "max_age", "max_msgs", "rollup", "replicas"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not named in: %v", want, err)
			}
		}
	})
	t.Run("without it the log is unavailable, not empty", func(t *testing.T) {
		s := esjs.Open(client(t, boot(t, natsd.Config{})), estest.Codec(), time.Now)
		if _, err := s.Append(ctx, estest.Box("a"), 0, estest.Command("1"), estest.Opened{}); !errors.Is(err, es.ErrUnavailable) {
			t.Errorf("Append = %v", err)
		}
		if _, err := s.LastOf(ctx, estest.Box("a")); !errors.Is(err, es.ErrUnavailable) {
			t.Errorf("LastOf = %v", err)
		}
		for _, err := range s.Load(ctx, estest.Box("a"), 0) {
			if !errors.Is(err, es.ErrUnavailable) {
				t.Errorf("Load = %v", err)
			}
		}
		if _, err := s.Last(ctx); !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Errorf("Last = %v", err)
		}
		for _, err := range s.Follow(ctx, 0) {
			if !errors.Is(err, jetstream.ErrStreamNotFound) {
				t.Errorf("Follow = %v", err)
			}
		}
	})
}
