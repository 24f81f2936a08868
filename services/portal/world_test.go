package portal_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/app"
	"kith/pkg/devissuer"
	"kith/pkg/es"
	"kith/pkg/host"
	"kith/pkg/natsd"
	"kith/pkg/natsmon"
	"kith/pkg/rest/bearer"
	"kith/pkg/vault"
	"kith/pkg/view/viewmem"
	"kith/services/portal"
)

// world is a deployment: a log, an issuer, and processes of the portal.
type world struct {
	t      *testing.T
	js     jetstream.JetStream
	master *vault.Master
	ns     *natsd.Server
	issuer *issuer
	cfg    portal.Portal
	clock  clock
}

// clock is what the portal, and nobody else, takes for the time.
type clock struct{ ahead atomic.Int64 }

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// issuer is the development issuer as a server of its own, whose answers can
// be spoilt.
type issuer struct {
	*devissuer.Issuer
	server   *httptest.Server
	before   atomic.Pointer[http.HandlerFunc] // instead of it; nil: itself
	mu       sync.Mutex
	redeemed int // codes and refresh tokens
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := i.before.Load(); f != nil {
		(*f)(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/token") {
		i.mu.Lock()
		i.redeemed++
		i.mu.Unlock()
	}
	i.Issuer.ServeHTTP(w, r)
}

func (i *issuer) fetched() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.redeemed
}

// spoil lets f answer for the issuer until the end of the test or until f is nil.
func (i *issuer) spoil(f http.HandlerFunc) {
	if f == nil {
		i.before.Store(nil)
		return
	}
	i.before.Store(&f)
}

// newWorld starts what processes of the portal need. life is that of access tokens.
func newWorld(t *testing.T, life time.Duration) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	if w.master, err = vault.NewMaster([]byte(strings.Repeat("k", 32))); err != nil {
		t.Fatal(err)
	}
	if w.ns, err = natsd.Start(natsd.Config{Dir: t.TempDir(), DontListen: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.ns.Shutdown)
	nc, err := w.ns.Conn(nats.Name("test"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if w.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	if err := host.Provision(t.Context(), w.js, 1, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	w.issuer = &issuer{}
	w.issuer.server = httptest.NewServer(w.issuer)
	t.Cleanup(w.issuer.server.Close)
	w.issuer.Issuer, err = devissuer.New(devissuer.Config{
		BaseURL: w.issuer.server.URL + "/dev", Audience: "kith", Known: func(context.Context, string) bool { return true }, Lifetime: life,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// replica is one process of the portal.
type replica struct {
	w    *world
	p    *host.Process
	url  string // of the process itself
	stop func()
}

// start runs a process of the portal. Its address is listened on by nobody
// else: replicas have one base URL, that of the first.
func (w *world) start() *replica {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := w.cfg
	if cfg.URL == "" {
		cfg.URL = "http://" + l.Addr().String()
		w.cfg.URL = cfg.URL
	}
	ctx, cancel := context.WithCancel(context.Background())
	p, err := host.Open(ctx, host.World{
		Name: "kith-portal", JS: w.js, Sync: natsmon.OfOwn(0), Views: viewmem.Backend{}, Master: w.master,
		Tokens: bearer.Config{Issuer: w.issuer.URL(), Audience: []string{"kith"}}, Data: w.t.TempDir(),
		Log: slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}, func(ctx context.Context, core app.Core) (app.Module, error) {
		core.Now = w.clock.now
		return portal.New(ctx, core, portal.Config{Portal: cfg})
	}, box)
	if err != nil {
		cancel()
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, l) }()
	r := &replica{w: w, p: p, url: "http://" + l.Addr().String()}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the portal ended with %v", err)
		}
	})
	w.t.Cleanup(r.stop)
	eventually(w.t, "the portal is ready", p.App.Ready)
	return r
}

// people registers people who sign in as <id>@example.org.
func (r *replica) people(ids ...string) {
	r.w.t.Helper()
	core := r.p.App.Core
	for _, id := range ids {
		if err := core.Vault.Create(r.w.t.Context(), id); err != nil {
			r.w.t.Fatal(err)
		}
		reservation := access.ReservationID(r.w.master.Secret(access.ReservationPurpose), access.KeyLogin, id+"@example.org")
		r.append(es.Stream{Context: membership.Context, Aggregate: membership.Reservation, ID: reservation}, membership.ReservationMade{Person: id, Kind: access.KeyLogin})
		r.append(person(id), membership.PersonRegistered{Name: sealed.New(id, sealed.Identity, "Dr. "+id), Language: "de"})
	}
}

func person(id string) es.Stream {
	return es.Stream{Context: membership.Context, Aggregate: membership.Person, ID: id}
}

// append puts an event into the log and waits until this process has folded it.
func (r *replica) append(s es.Stream, e es.Event) {
	r.w.t.Helper()
	ctx, core := r.w.t.Context(), r.p.App.Core
	after, err := core.Events.LastOf(ctx, s)
	if err != nil {
		r.w.t.Fatal(err)
	}
	m := es.Meta{Command: rand.Text(), Actor: "admin"}
	if e, err = core.Vault.Seal(ctx, es.EventID(s, m.Command), e); err != nil {
		r.w.t.Fatal(err)
	}
	seq, err := core.Events.Append(ctx, s, after, m, e)
	if err == nil {
		err = core.Follower.Wait(ctx, seq)
	}
	if err != nil {
		r.w.t.Fatal(err)
	}
}

// browser keeps cookies, and goes to any process of the portal.
type browser struct {
	w   *world
	t   *testing.T
	c   *http.Client
	jar *cookiejar.Jar
}

func (w *world) browser() *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, w.t, &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, jar}
}

// answer is what a browser was sent.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is that of a problem, "" for any other answer.
func (a answer) code() string {
	var p struct{ Code string }
	if !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") || json.Unmarshal([]byte(a.body), &p) != nil {
		return ""
	}
	return p.Code
}

type change func(*http.Request)

func header(name, value string) change { return func(r *http.Request) { r.Header.Set(name, value) } }

// mine is what the application sends with what changes something.
func mine(r *http.Request) {
	r.Header.Set("X-Kith", "1")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
}

func (b *browser) do(method, address string, body io.Reader, changes ...change) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.HasPrefix(address, b.w.issuer.server.URL) {
		r.Host = strings.TrimPrefix(b.w.cfg.URL, "http://") // as what leads to several processes leaves it
	}
	for _, change := range changes {
		change(r)
	}
	resp, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func (b *browser) get(address string, changes ...change) answer {
	b.t.Helper()
	return b.do(http.MethodGet, address, nil, changes...)
}

// toIssuer begins a sign-in, and returns where the browser is sent.
func (b *browser) toIssuer(r *replica, to string) string {
	b.t.Helper()
	a := b.get(r.url + "/portal/login?" + url.Values{"to": {to}}.Encode())
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("login answered %d: %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// choose signs somebody in at the issuer, and returns where the browser is sent back to.
func (b *browser) choose(at, login string) string {
	b.t.Helper()
	a := b.do(http.MethodPost, at, strings.NewReader(url.Values{"login": {login}}.Encode()), header("Content-Type", "application/x-www-form-urlencoded"))
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("the issuer answered %d: %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// signIn signs a person in, at this process, and returns where it led.
func (b *browser) signIn(r *replica, id, to string) string {
	b.t.Helper()
	a := b.get(r.here(b.choose(b.toIssuer(r, to), id+"@example.org")))
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("the callback answered %d: %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// here is an address of the deployment at this process of it.
func (r *replica) here(address string) string {
	return strings.Replace(address, r.w.cfg.URL, r.url, 1)
}

// session is what the portal says of who is signed in; "" if nobody is.
func (b *browser) session(r *replica) string {
	b.t.Helper()
	a := b.get(r.url + "/portal/session")
	switch a.status {
	case http.StatusOK:
		var s struct{ Person string }
		if err := json.Unmarshal([]byte(a.body), &s); err != nil {
			b.t.Fatal(err)
		}
		return s.Person
	case http.StatusUnauthorized:
		return ""
	}
	b.t.Fatalf("session answered %d: %s", a.status, a.body)
	return ""
}

// cookies are those of the portal.
func (b *browser) cookies(r *replica) []*http.Cookie {
	b.t.Helper()
	u, err := url.Parse(r.url)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.jar.Cookies(u)
}

// sessionCookie is the one of a session, nil if there is none.
func (b *browser) sessionCookie(r *replica) *http.Cookie {
	for _, c := range b.cookies(r) {
		if !strings.Contains(c.Name, "login") {
			return c
		}
	}
	return nil
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
