package kith_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/services/kith/demo"
)

// running starts the all-in-one in development mode and returns its address.
func running(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p, err := kith.Open(ctx, kith.Settings{Settings: host.Settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Log: "error"}, Target: []string{"all"}, Dev: true})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && ctx.Err() == nil {
			t.Errorf("the process ended with %v", err)
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if resp, err := http.Get(p.URL() + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return p.URL()
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the process is not ready")
		}
	}
}

// as signs in.
func as(t *testing.T, server, login string) *client.Client {
	t.Helper()
	c, err := client.SignIn(t.Context(), http.DefaultClient, server, login)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get[T any](t *testing.T, c *client.Client, path string) (out T) {
	t.Helper()
	if err := c.Get(t.Context(), path, &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// done counts what people did, from the log.
func done(t *testing.T, auditor *client.Client) (n int) {
	t.Helper()
	for _, filter := range []string{"context=membership", "context=community", "type=proposal.offered", "type=proposal.declined"} {
		for cursor := "-"; cursor != ""; {
			path := "/api/audit/log?limit=200&" + filter
			if cursor != "-" {
				path += "&cursor=" + url.QueryEscape(cursor)
			}
			page := get[struct {
				Items []struct{ Seq uint64 }
				Next  string
			}](t, auditor, path)
			n += len(page.Items)
			cursor = page.Next
		}
	}
	return n
}

func TestDemo(t *testing.T) {
	server := running(t)
	config := demo.Config{Server: server, People: 60, Seed: 3}
	first, err := demo.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	admin, auditor := as(t, server, kith.DevAdministrator), as(t, server, kith.DevAuditor)
	before := done(t, auditor)
	if before == 0 {
		t.Fatal("the log says that nobody did anything")
	}

	t.Run("running_it_again_adds_nothing", func(t *testing.T) {
		second, err := demo.Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if after := done(t, auditor); after != before {
			t.Errorf("%d events more", after-before)
		}
		if second.Responses != first.Responses || second.Thanks != first.Thanks || second.Memberships != first.Memberships {
			t.Errorf("first %+v, then %+v", first, second)
		}
	})
	t.Run("another_seed_is_refused_in_words", func(t *testing.T) {
		_, err := demo.Run(t.Context(), demo.Config{Server: server, People: 60, Seed: 4})
		if err == nil || !strings.Contains(err.Error(), "seed 3") {
			t.Error(err)
		}
	})
	t.Run("there_is_what_the_summary_says", func(t *testing.T) {
		type page struct {
			Items []struct{ State, Joining, Visibility string }
		}
		communities := get[page](t, admin, "/api/community/communities?limit=200")
		if len(communities.Items) != first.Communities || first.Communities == 0 {
			t.Errorf("%d communities, not %d", len(communities.Items), first.Communities)
		}
		people := get[struct{ Items []struct{ ID string } }](t, admin, "/api/membership/people?limit=200")
		if n := len(people.Items); n < first.People || first.People != config.People {
			t.Errorf("%d people, not %d", n, first.People)
		}
		requests := get[page](t, admin, "/api/community/requests?limit=200")
		if n := len(requests.Items); n == 0 || n > first.Requests+first.Past {
			t.Errorf("the administrator sees %d of %d requests", n, first.Requests+first.Past)
		}
		if !slices.ContainsFunc(requests.Items, func(r struct{ State, Joining, Visibility string }) bool { return r.State == "resolved" }) {
			t.Error("no request is resolved")
		}
		if first.Responses == 0 || first.Thanks == 0 || first.Memberships < 2*first.Communities || first.Units < 12 {
			t.Errorf("%+v", first)
		}
	})
	t.Run("everybody_named_can_sign_in", func(t *testing.T) {
		type me struct{ Communities []struct{ Role string } }
		for _, l := range first.Logins {
			mine := get[me](t, as(t, server, l.Login), "/api/membership/me")
			switch {
			case strings.HasPrefix(l.Why, "newcomer") && len(mine.Communities) > 0:
				t.Errorf("the newcomer %s is in %d communities", l.Login, len(mine.Communities))
			case strings.HasPrefix(l.Why, "host") && !slices.ContainsFunc(mine.Communities, func(c struct{ Role string }) bool { return c.Role == "host" }):
				t.Errorf("%s hosts nothing", l.Login)
			}
		}
	})
}

func TestDemoNeedsDevelopmentMode(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	_, err := demo.Run(t.Context(), demo.Config{Server: other.URL})
	if err == nil || !strings.Contains(err.Error(), "--dev") {
		t.Error(err)
	}
}
