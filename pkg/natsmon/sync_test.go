package natsmon_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"kith/pkg/natsmon"
)

// monitored runs a server with monitoring on loopback and returns its URL.
func monitored(t *testing.T, o server.Options) string {
	t.Helper()
	o.Host, o.Port, o.HTTPHost, o.HTTPPort = "127.0.0.1", server.RANDOM_PORT, "127.0.0.1", server.RANDOM_PORT
	o.StoreDir, o.NoSigs, o.NoLog = t.TempDir(), true, true
	ns, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return "http://" + ns.MonitorAddr().String()
}

func TestSyncSettingOfARunningServer(t *testing.T) {
	for name, c := range map[string]struct {
		options server.Options
		want    natsmon.Sync
		text    string
	}{
		"always":           {server.Options{JetStream: true, SyncAlways: true}, natsmon.Sync{Mode: natsmon.Always}, "always"},
		"the default":      {server.Options{JetStream: true}, natsmon.Sync{Mode: natsmon.Interval, Every: 2 * time.Minute}, "up to 2m0s late"},
		"an interval":      {server.Options{JetStream: true, SyncInterval: 3 * time.Second}, natsmon.Sync{Mode: natsmon.Interval, Every: 3 * time.Second}, "up to 3s late"},
		"without a stream": {server.Options{}, natsmon.Sync{}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := natsmon.SyncSetting(t.Context(), monitored(t, c.options))
			if got != c.want || got.String() != c.text || (err == nil) != (got.Mode != natsmon.Unknown) {
				t.Errorf("SyncSetting = %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestDoubtIsUnknownAndSaysWhy(t *testing.T) {
	for name, answer := range map[string]string{
		"no answer in JSON": "<html>", "no setting": `{"jetstream":{"config":{}}}`, "nothing": `{}`, "an error": "",
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if answer == "" {
					w.WriteHeader(http.StatusInternalServerError)
				}
				_, _ = w.Write([]byte(answer))
			}))
			defer s.Close()
			if got, err := natsmon.SyncSetting(t.Context(), s.URL); got.Mode != natsmon.Unknown || err == nil {
				t.Errorf("SyncSetting = %v, %v", got, err)
			}
		})
	}
	t.Run("a server that does not answer", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := natsmon.SyncSetting(ctx, "http://127.0.0.1:1"); got.Mode != natsmon.Unknown || err == nil {
			t.Errorf("SyncSetting = %v, %v", got, err)
		}
	})
	t.Run("no URL", func(t *testing.T) {
		if got, err := natsmon.SyncSetting(t.Context(), "://"); got.Mode != natsmon.Unknown || err == nil {
			t.Errorf("SyncSetting = %v, %v", got, err)
		}
	})
}
