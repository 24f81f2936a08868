package kith_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"kith/pkg/es"
	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/services/notification"
)

// operated runs the all-in-one until the end of the test or until stop, which
// returns when it has ended.
func operated(t *testing.T, s kith.Settings) (p *kith.Process, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p, err := kith.Open(ctx, s)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the process ended with %v", err)
		}
	})
	t.Cleanup(stop)
	until(t, "it is ready", p.App.Ready)
	return p, stop
}

// watched are the settings of an all-in-one in development whose spans go to
// collector and whose mail goes to a postbox.
func watched(dir, collector string, mail *postbox) kith.Settings {
	return kith.Settings{
		Settings: host.Settings{Addr: "127.0.0.1:0", Data: dir, Log: "error", Traces: host.Traces{Endpoint: collector}},
		Target:   []string{"all"}, Dev: true,
		Notification: notification.Config{Mail: notification.Mail{
			Host: "127.0.0.1", Port: mail.port, From: "kith@kith.example", TLS: notification.TLSNone, BaseURL: "https://kith.example"}},
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// recorded reports whether the log of p has an event of type typ.
func recorded(t *testing.T, p *kith.Process, is func(es.Event) bool) bool {
	t.Helper()
	last, err := p.App.Core.Events.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range p.App.Core.Events.(es.Ranger).Range(t.Context(), 0, last) {
		if err != nil {
			t.Fatal(err)
		}
		if is(r.Data) {
			return true
		}
	}
	return false
}

// post gives a command and returns the id in its answer.
func post(t *testing.T, c *client.Client, path string, body any) string {
	t.Helper()
	var out struct{ ID string }
	if _, err := c.Do(t.Context(), client.Request{Method: http.MethodPost, Path: path, Body: body}, &out); err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	return out.ID
}

// postbox is an SMTP server.
type postbox struct {
	port   int
	refuse func(to string) error // called for each recipient

	mu   sync.Mutex
	took map[string]int // Message-ID → how often it came
}

func openPostbox(t *testing.T, refuse func(to string) error) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &postbox{port: l.Addr().(*net.TCPAddr).Port, refuse: refuse, took: map[string]int{}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{b}, nil }))
	s.Domain = "mail.test"
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return b
}

// repeated reports whether a mail came more than once.
func (b *postbox) repeated() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(slices.Collect(maps.Values(b.took)), func(n int) bool { return n > 1 })
}

type session struct{ box *postbox }

func (session) Reset() {}

func (session) Logout() error { return nil }

func (session) Mail(string, *smtp.MailOptions) error { return nil }

func (s session) Rcpt(to string, _ *smtp.RcptOptions) error { return s.box.refuse(to) }

func (s session) Data(r io.Reader) error {
	letter, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.took[letter.Header.Get("Message-Id")]++
	return nil
}
