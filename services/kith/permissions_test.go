package kith_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"kith/pkg/host"
	"kith/pkg/natsauth"
	kith "kith/services/kith"
	"kith/services/notification"
)

// A service that the manifest does not name could not run as a process of its own.
func TestEveryServiceMayWork(t *testing.T) {
	have, may := slices.Sorted(slices.Values(kith.Targets())), slices.Sorted(slices.Values(natsauth.Services()))
	if !slices.Equal(have, may) {
		t.Errorf("services are %v, the manifest has %v", have, may)
	}
}

// A reactor that the manifest of permissions does not name could neither
// acknowledge nor leave dead letters.
func TestEveryReactorMayWork(t *testing.T) {
	p, err := kith.Open(t.Context(), kith.Settings{
		Settings: host.Settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Log: "error"}, Target: []string{"all"}, Dev: true,
		Notification: notification.Config{Mail: notification.Mail{Host: "mail.example", From: "kith@mail.example", BaseURL: "https://kith.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	have, may := map[string]bool{}, map[string]bool{}
	for _, r := range p.App.Reactors() {
		have[r.Name] = true
	}
	for _, u := range natsauth.Manifest() {
		for _, name := range u.Reactors {
			may[name] = true
			if !strings.HasPrefix(name, u.Name+"-") {
				t.Errorf("the reactor %s is allowed to %s", name, u.Name)
			}
		}
	}
	if !maps.Equal(have, may) {
		t.Errorf("reactors are %v, the manifest has %v", slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(may)))
	}
}
