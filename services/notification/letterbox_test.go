package notification

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	events "kith/api/events/notification"
	"kith/pkg/es"
)

// letterBox is an SMTP server that keeps what it is sent and can be made to refuse.
type letterBox struct {
	mu     sync.Mutex
	got    []received
	refuse func(stage, to string) error // stage: connect, from, rcpt, data
	port   int
}

type received struct{ id, to, subject, body, header string }

func openBox(t *testing.T) *letterBox {
	t.Helper()
	b := &letterBox{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.port = l.Addr().(*net.TCPAddr).Port
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		if err := b.judge("connect", ""); err != nil {
			return nil, err
		}
		return &session{box: b}, nil
	}))
	s.Domain = "mail.test"
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return b
}

func (b *letterBox) judge(stage, to string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse == nil {
		return nil
	}
	return b.refuse(stage, to)
}

func (b *letterBox) refusing(f func(stage, to string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = f
}

func (b *letterBox) config() Config {
	return Config{Mail: Mail{Host: "127.0.0.1", Port: b.port, From: "Kith <kith@example.org>", TLS: TLSNone, BaseURL: "https://kith.example.org/"}}
}

// mails are the messages so far.
func (b *letterBox) mails() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func (b *letterBox) to() string {
	var out []string
	for _, m := range b.mails() {
		out = append(out, strings.TrimSuffix(m.to, "@example.org"))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

type session struct {
	box *letterBox
	to  string
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error {
	return s.box.judge("from", "")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.box.judge("rcpt", to)
}

func (s *session) Data(r io.Reader) error {
	msg, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	s.box.got = append(s.box.got, received{msg.Header.Get("Message-ID"), s.to, subject, strings.ReplaceAll(string(body), "\r\n", "\n"), msg.Header.Get("Auto-Submitted")})
	s.box.mu.Unlock()
	return s.box.judge("data", s.to)
}

// outcomes are the types of the delivery's events.
func (w *world) outcomes(event, person string) string {
	w.t.Helper()
	var out []string
	for r, err := range w.App.Core.Events.Load(w.t.Context(), es.Stream{Context: "notification", Aggregate: "delivery", ID: deliveryID(event, person, "mail")}, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if e, ok := r.Data.(events.DeliveryFailed); ok {
			out = append(out, r.Type+" "+e.Code)
			continue
		}
		out = append(out, r.Type)
	}
	return strings.Join(out, ", ")
}

// event is the id of the event at a position.
func (w *world) event(seq uint64) string {
	w.t.Helper()
	for r, err := range w.App.Core.Events.Follow(w.t.Context(), seq-1) {
		if err != nil {
			w.t.Fatal(err)
		}
		return r.ID
	}
	return ""
}
