package portal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/api/events/membership"
)

func TestTheCookieLetsABrowserIntoTheAPI(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	if a := b.get(r.url + "/api/box/echo"); a.status != http.StatusUnauthorized || a.code() != "unauthenticated" {
		t.Errorf("without a session: %d %s", a.status, a.body)
	}
	b.signIn(r, "ann", "/")
	var seen echoedRequest
	a := b.get(r.url + "/api/box/echo")
	if err := json.Unmarshal([]byte(a.body), &seen); err != nil || seen.Person != "ann" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if seen.Header.Get("Cookie") != "" || !strings.HasPrefix(seen.Authorization, "Bearer eyJ") {
		t.Errorf("the service was sent %v", seen.Header)
	}
	t.Run("a machine's token is judged alone", func(t *testing.T) {
		if a := b.get(r.url+"/api/box/echo", header("Authorization", "Bearer "+strings.Repeat("x", 50))); a.status != http.StatusUnauthorized {
			t.Errorf("with a token that is none: %d %s", a.status, a.body)
		}
		a := w.browser().get(r.url+"/api/box/echo", header("Authorization", seen.Authorization))
		if a.status != http.StatusOK {
			t.Errorf("with a token: %d %s", a.status, a.body)
		}
	})
	t.Run("a token opens no session", func(t *testing.T) {
		if a := w.browser().get(r.url+"/portal/session", header("Authorization", seen.Authorization)); a.status != http.StatusUnauthorized {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
	t.Run("problems come as the service says them", func(t *testing.T) {
		if a := b.get(r.url + "/api/system/state"); a.status != http.StatusForbidden || a.code() != "forbidden" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := b.get(r.url + "/api/box/nothing"); a.status != http.StatusNotFound || a.code() != "not-found" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

// A page of another origin can send requests, and the browser sends cookies.
func TestOtherPagesChangeNothing(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	paths := []string{"/api/box/echo", "/portal/logout", "/portal/sessions/end"}
	kith, cross := header("X-Kith", "1"), header("Sec-Fetch-Site", "cross-site")
	for name, changes := range map[string][]change{
		"a form of another page":                  {cross, header("Origin", "https://evil.example"), header("Content-Type", "application/x-www-form-urlencoded")},
		"a script of another page":                {cross, kith, header("Origin", "https://evil.example")},
		"a page of a sibling":                     {header("Sec-Fetch-Site", "same-site"), kith},
		"another port of this machine":            {kith, header("Origin", "http://127.0.0.1:1")},
		"another page, from an old browser":       {kith, header("Origin", "https://evil.example")},
		"a page without an origin":                {kith, header("Origin", "null")},
		"a page that only looks like this origin": {kith, header("Origin", w.cfg.URL+".evil.example")},
		"this origin without the header":          {header("Sec-Fetch-Site", "same-origin"), header("Origin", w.cfg.URL)},
		"no page at all without the header":       nil,
		"the header with something else":          {header("X-Kith", "true")},
		"with a key, but without the header":      {header("Idempotency-Key", "1")},
	} {
		for _, path := range paths {
			if a := b.do(http.MethodPost, r.url+path, nil, changes...); a.status != http.StatusForbidden || a.code() != "forbidden" {
				t.Errorf("%s at %s: %d %s", name, path, a.status, a.body)
			}
		}
	}
	for _, site := range []string{"cross-site", "same-site"} {
		if a := b.get(r.url+"/api/box/echo", header("Sec-Fetch-Site", site)); a.status != http.StatusForbidden {
			t.Errorf("reading from %s: %d", site, a.status)
		}
	}
	if b.session(r) != "ann" {
		t.Fatal("the session has ended")
	}
	for _, from := range []change{header("Sec-Fetch-Site", "same-origin"), header("Origin", w.cfg.URL), header("Sec-Fetch-Site", "none")} {
		if a := b.do(http.MethodPost, r.url+"/api/box/echo", nil, from, kith); a.status != http.StatusOK {
			t.Errorf("from this origin: %d %s", a.status, a.body)
		}
	}
	t.Run("but a machine with a token needs no header", func(t *testing.T) {
		var seen echoedRequest
		if err := json.Unmarshal([]byte(b.get(r.url+"/api/box/echo").body), &seen); err != nil {
			t.Fatal(err)
		}
		if a := w.browser().do(http.MethodPost, r.url+"/api/box/echo", nil, header("Authorization", seen.Authorization)); a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestAStreamAndARequestEndWithTheSession(t *testing.T) {
	w := newWorld(t, time.Hour)
	r, other := w.start(), w.start()
	ends := map[string]func(b *browser, id string){
		"the person signs out": func(b *browser, _ string) { b.do(http.MethodPost, r.url+"/portal/logout", nil, mine) },
		"the person signs out elsewhere, everywhere": func(b *browser, id string) {
			second := w.browser()
			second.signIn(other, id, "/")
			var out struct{ Ended int }
			a := second.do(http.MethodPost, other.url+"/portal/sessions/end", nil, mine)
			if err := json.Unmarshal([]byte(a.body), &out); err != nil || out.Ended != 2 {
				t.Errorf("%d %s", a.status, a.body)
			}
		},
		"the person is deactivated": func(_ *browser, id string) { r.append(person(id), membership.PersonDeactivated{}) },
		"the person is erased":      func(_ *browser, id string) { r.append(person(id), membership.PersonErased{}) },
	}
	n := 0
	for name, end := range ends {
		n++
		id := fmt.Sprintf("p%d", n)
		t.Run(name, func(t *testing.T) {
			r.people(id, id+"x")
			b, bystander := w.browser(), w.browser()
			b.signIn(r, id, "/")
			bystander.signIn(r, id+"x", "/")
			var all []*streaming
			for _, at := range []*replica{r, other} {
				eventually(t, "the process knows the person", func() bool { return b.session(at) == id })
				s := b.stream(at.url+"/api/box/stream", header("Last-Event-ID", "41"))
				if got := s.line("data:"); got != `data: "41"` {
					t.Errorf("the stream was resumed after %s", got)
				}
				all = append(all, s)
			}
			goes := bystander.stream(r.url + "/api/box/stream")
			slow := make(chan answer, 1)
			go func() { slow <- b.get(r.url + "/api/box/slow") }()
			eventually(t, "the request is under way", func() bool { return strings.Contains(scrape(t, r), `kith_http_in_flight{kind="query"} 1`) })
			end(b, id)
			for _, s := range all {
				s.over(10 * time.Second)
			}
			if a := <-slow; a.status != http.StatusUnauthorized || a.code() != "unauthenticated" {
				t.Errorf("the request answered %d %q", a.status, a.body)
			}
			for _, at := range []*replica{r, other} {
				if got := b.session(at); got != "" {
					t.Errorf("signed in as %s", got)
				}
			}
			if goes.ended() || bystander.session(r) != id+"x" {
				t.Error("the session of somebody else ended")
			}
		})
	}
}

// Who was away and is back has to sign in again, also if no process of the
// portal ran meanwhile.
func TestASessionDoesNotOutliveADeparture(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann", "ben")
	anns, bens := w.browser(), w.browser()
	anns.signIn(r, "ann", "/")
	bens.signIn(r, "ben", "/")
	r.stop()
	later := w.start()
	if anns.session(later) != "ann" || bens.session(later) != "ben" {
		t.Fatal("a restart has ended sessions")
	}
	later.append(person("ann"), membership.PersonDeactivated{})
	later.append(person("ann"), membership.PersonReactivated{})
	eventually(t, "the session is gone", func() bool { return anns.session(later) == "" })
	if bens.session(later) != "ben" {
		t.Error("the session of somebody else ended")
	}
}

func TestSessionsEndByThemselves(t *testing.T) {
	w := newWorld(t, 100*time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	for range 5 { // by requests it goes on
		w.clock.advance(4 * time.Hour)
		if a := b.get(r.url + "/api/box/echo"); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	w.clock.advance(4 * time.Hour)
	a := b.get(r.url + "/api/box/echo")
	if a.status != http.StatusUnauthorized || b.sessionCookie(r) != nil {
		t.Errorf("after a day: %d %s", a.status, a.body)
	}
	b.signIn(r, "ann", "/")
	w.clock.advance(8*time.Hour + time.Second)
	if a := b.get(r.url + "/api/box/echo"); a.status != http.StatusUnauthorized {
		t.Errorf("after eight hours in which nobody was there: %d %s", a.status, a.body)
	}
	if !strings.Contains(scrape(t, r), `kith_portal_logins_total{outcome="ok"} 2`) {
		t.Error("sign-ins are not counted")
	}
}

func TestTokensAreRenewedOnceForAll(t *testing.T) {
	w := newWorld(t, time.Hour)
	all := []*replica{w.start(), w.start()}
	all[0].people("ann")
	b := w.browser()
	b.signIn(all[0], "ann", "/")
	eventually(t, "the other process knows her", func() bool { return b.session(all[1]) == "ann" })
	before := token(t, b, all[0])
	w.clock.advance(time.Hour - 10*time.Second)
	fetched := w.issuer.fetched()
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			if a := b.get(all[n%2].url + "/api/box/echo"); a.status != http.StatusOK {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	wg.Wait()
	if n := w.issuer.fetched() - fetched; n != 1 {
		t.Errorf("tokens were fetched %d times", n)
	}
	for _, r := range all {
		if token(t, b, r) == before {
			t.Error("the token is the same")
		}
	}
}

func TestAnIssuerThatDoesNotRenew(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	w.issuer.spoil(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) })
	w.clock.advance(time.Hour - 10*time.Second)
	if a := b.get(r.url + "/api/box/echo"); a.status != http.StatusOK {
		t.Errorf("while the token is good: %d %s", a.status, a.body)
	}
	w.clock.advance(20 * time.Second)
	if a := b.get(r.url + "/api/box/echo"); a.code() != "unavailable" || a.header.Get("Retry-After") == "" {
		t.Errorf("after its end: %d %s", a.status, a.body)
	}
	if b.session(r) != "ann" {
		t.Error("an outage has ended the session")
	}
	w.issuer.spoil(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = rw.Write([]byte(`{"error":"invalid_grant"}`))
	})
	if a := b.get(r.url + "/api/box/echo"); a.status != http.StatusUnauthorized || b.session(r) != "" {
		t.Errorf("when the issuer refuses: %d %s", a.status, a.body)
	}
}

// What is in the bucket opens for nobody who has not the cookie.
func TestTheBucketShowsNothing(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	id := b.sessionCookie(r).Value
	st, err := w.js.Stream(t.Context(), "KV_sessions")
	if err != nil {
		t.Fatal(err)
	}
	access := strings.TrimPrefix(token(t, b, r), "Bearer ")
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		m, err := st.GetMsg(t.Context(), seq)
		if err != nil {
			continue
		}
		stored := m.Subject + fmt.Sprint(m.Header) + string(m.Data)
		for _, secret := range []string{id, access, access[:40], "ann@example.org"} {
			if strings.Contains(stored, secret) {
				t.Errorf("the bucket shows %.40s", secret)
			}
		}
	}
}

func TestALostBucketIsNoEnd(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	if err := w.js.DeleteStream(t.Context(), "KV_sessions"); err != nil {
		t.Fatal(err)
	}
	if a := b.get(r.url + "/api/box/echo"); a.code() != "unavailable" || b.sessionCookie(r) == nil {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// token is the one that stands for a browser.
func token(t *testing.T, b *browser, r *replica) string {
	t.Helper()
	a := b.get(r.url + "/api/box/echo")
	var seen echoedRequest
	if err := json.Unmarshal([]byte(a.body), &seen); err != nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return seen.Authorization
}

func scrape(t *testing.T, r *replica) string {
	t.Helper()
	return r.w.browser().get(r.url + "/metrics").body
}
