package bearer_test

import (
	"context"
	"testing"
	"time"

	"kith/pkg/fault"
	"kith/pkg/rest/bearer"
)

// FuzzAuthenticate feeds headers to an authenticator whose issuer is out of
// reach: none may get past it, and none may do worse than be refused.
func FuzzAuthenticate(f *testing.F) {
	a, err := bearer.New(bearer.Config{
		Issuer: "http://127.0.0.1:1", Audience: []string{"kith"},
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
	}, newPeople())
	if err != nil {
		f.Fatal(err)
	}
	for _, h := range []string{
		"", "Bearer", "Bearer kith_a_b", "Bearer kith__", "Bearer a.b.c", "Bearer ..",
		"Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.AAAA", "bearer eyJhbGciOiJub25lIn0.e30.",
	} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p, err := a.Authenticate(context.Background(), header)
		code := fault.CodeOf(err)
		if err == nil || p.Person != "" || code != fault.Unauthenticated && code != fault.Unavailable {
			t.Fatalf("%q: got %v, %v", header, p, err)
		}
	})
}
