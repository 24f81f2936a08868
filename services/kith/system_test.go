package kith_test

import (
	"net/http"
	"slices"
	"testing"

	"kith/api/openapi/systemapi"
	"kith/pkg/fault"
	"kith/pkg/natsauth"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// Of a process that runs some of the services, the state says which, and nothing is
// answered here that is meant for another.
func TestTheStateSaysWhichServicesRunHere(t *testing.T) {
	s := kith.Settings{Dev: true}
	s.Addr, s.Data, s.Log, s.Target = "127.0.0.1:0", t.TempDir(), "error", []string{"membership", "audit", "portal"}
	p, _ := operated(t, s)
	admin := as(t, p.URL(), kith.DevAdministrator)
	var state systemapi.State
	if err := admin.Get(t.Context(), "/api/system/state?service=audit", &state); err != nil {
		t.Fatal(err)
	}
	if all := append(slices.Clone(state.Services), state.Elsewhere...); len(state.Services) != 3 || len(all) != len(natsauth.Services()) || slices.Contains(state.Elsewhere, "audit") {
		t.Errorf("services %v, elsewhere %v", state.Services, state.Elsewhere)
	}
	if len(state.Lanes) == 0 || state.Lanes[0].Views == 0 || state.Unreadable.Newer != 0 || state.Sync != "always" {
		t.Errorf("%+v", state)
	}
	for _, at := range []client.Request{
		{Method: http.MethodGet, Path: "/api/system/state?service=community"},
		{Method: http.MethodGet, Path: "/api/system/deadletters?service=community"},
		{Method: http.MethodPost, Path: "/api/system/deadletters/a.1/replay?service=community"},
	} {
		body, err := admin.Open(t.Context(), at)
		if err == nil {
			body.Close()
		}
		if client.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", at.Path, err)
		}
	}
}
