package kith_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/nats-io/nats.go"

	"kith/api/events/community"
	"kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/host"
	"kith/pkg/tracing/tracingtest"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
)

// canary is in everything that people wrote or are called in this test, and in
// no other place.
const canary = "kanariax"

// stderrTo lets what the process logs go to a file until restore, which returns it.
func stderrTo(t *testing.T) (restore func() string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = f
	t.Cleanup(func() { os.Stderr = before; f.Close() })
	return func() string {
		os.Stderr = before
		data, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// TestWhatPeopleWriteStaysOutOfTelemetry walks through Kith with a canary in
// every name, login, text, address and token, and in requests that are wrong in
// every way, while reactors fail. Neither the log at its most talkative, nor
// metrics, nor spans may sing.
func TestWhatPeopleWriteStaysOutOfTelemetry(t *testing.T) {
	logged, collector := stderrTo(t), tracingtest.Start(t)
	mail := openPostbox(t, func(to string) error {
		return &smtp.SMTPError{Code: 550, Message: "nobody is called " + to + " " + canary}
	})
	s := watched(t.TempDir(), collector.URL, mail)
	s.Log, s.Traces.Ratio = "debug", 1
	p, stop := operated(t, s)
	secrets := []string{canary}

	// What goes well.
	admin := as(t, p.URL(), kith.DevAdministrator)
	people := "external_id,name,email,unit_id,site,language,active\n" +
		"kanariax1,Ann Kanariax,ann@kanariax.example,,Kanariax,en,true\nkanariax2,Ben Kanariax,ben@kanariax.example,,,en,true\n"
	for _, f := range []struct{ what, data string }{
		{"units", "id,parent_id,name,kind\nu,,Kanariax,organisation\n"},
		{"people", strings.ReplaceAll(people, ",,", ",u,")},
		{"people", people + "kanariax3,Kanariax,no-address-kanariax,kanariax,,kanariax,kanariax\n"}, // refused
	} {
		_, err := cli.ImportCSV(t.Context(), admin, f.what, []byte(f.data), nil, func(uint64, uint64) {})
		if refused := strings.Contains(f.data, "no-address"); (err != nil) != refused {
			t.Fatalf("import %s: %v", f.what, err)
		}
	}
	if err := admin.Get(t.Context(), "/api/membership/me", nil); err != nil {
		t.Fatal(err)
	}
	ann, ben := as(t, p.URL(), "ann@kanariax.example"), as(t, p.URL(), "ben@kanariax.example")
	ann.Seen(admin.Position())
	header, err := ann.Do(t.Context(), client.Request{Method: http.MethodGet, Path: "/api/membership/me/profile"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ann.Do(t.Context(), client.Request{Method: http.MethodPut, Path: "/api/membership/me/profile", Header: http.Header{"If-Match": {header.Get("ETag")}},
		Body: map[string]any{"about": canary, "can_help": []string{canary}, "availability": "available"}}, nil); err != nil {
		t.Fatal(err)
	}
	var token struct{ Token string }
	if err := ann.Post(t.Context(), "/api/membership/me/tokens", map[string]any{"name": canary, "expires": time.Now().Add(time.Hour)}, &token); err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, token.Token, ann.Token, ben.Token, admin.Token)
	ben.Seen(ann.Position())
	request := post(t, ben, "/api/community/requests", map[string]any{
		"kind": "information", "title": "Where is " + canary, "purpose": "for " + canary, "beyond": true, "language": "en"})
	ann.Seen(ben.Position())
	post(t, ann, "/api/community/requests/"+request+"/responses", map[string]any{"body": "It is with " + canary})
	until(t, "the mail is refused", func() bool {
		return recorded(t, p, func(e es.Event) bool { _, ok := e.(notification.DeliveryFailed); return ok })
	})

	// Reactors that fail, at an event that nobody can read.
	if _, err := p.JS.PublishMsg(t.Context(), unreadable(t)); err != nil {
		t.Fatal(err)
	}
	var letters struct{ Items []struct{ ID string } }
	until(t, "there is a dead letter", func() bool {
		if err := admin.Get(t.Context(), "/api/system/deadletters", &letters); err != nil {
			t.Fatal(err)
		}
		return len(letters.Items) > 0
	})
	if err := admin.Post(t.Context(), "/api/system/deadletters/"+letters.Items[0].ID+"/replay", nil, nil); err == nil {
		t.Error("what cannot be read was replayed")
	}
	if err := admin.Post(t.Context(), "/api/system/views/membership-people/rebuild", nil, nil); err != nil {
		t.Fatal(err)
	}

	// What goes wrong.
	wrong := func(method, path, body string, header http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, p.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + ann.Token}, "Content-Type": {"application/json"}, "Idempotency-Key": {"k"}}
		for k, v := range header {
			r.Header[k] = v
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("%s %s was answered %d", method, path, resp.StatusCode)
		}
	}
	const requests = "/api/community/requests"
	for _, body := range []string{
		`{"kanariax":"kanariax"}`, `{"kind":"kanariax"}`, `{"kind":"problem","kanariax":{"kanariax":1}}`, `{"kanariax`, `["kanariax"]`, `"kanariax"`,
		`{"kind":"problem","title":"` + strings.Repeat(canary, 1000) + `"}`, `{"kind":"problem","title":"kanariax` + "\xff" + `"}`,
		`{"kind":"problem","title":"kanariax","community":"kanariax"}`, "",
	} {
		wrong(http.MethodPost, requests, body, nil)
	}
	wrong(http.MethodPost, requests, strings.Repeat(canary, 100_000), nil)
	for _, path := range []string{
		requests + "?kanariax=kanariax", requests + "?cursor=kanariax", requests + "?limit=kanariax", requests + "/kanariax", "/kanariax.x?kanariax",
		"/api/membership/people/kanariax", "/api/membership/people/Ann%20Kanariax", "/api/system/deadletters/kanariax",
	} {
		wrong(http.MethodGet, path, "", nil)
	}
	wrong(canary, requests, "", nil)
	for _, bearer := range []string{"Bearer kanariax", "Bearer kith_kanariax", "Basic kanariax", "kanariax", "Bearer " + ann.Token + canary, "Bearer " + token.Token + canary} {
		wrong(http.MethodGet, "/api/membership/me", "", http.Header{"Authorization": {bearer}, "Cookie": {canary}, "User-Agent": {canary}})
	}
	for name, value := range map[string]string{
		"Content-Type": "text/kanariax", "Kith-Seq": canary, "Idempotency-Key": strings.Repeat(canary, 100),
	} {
		wrong(http.MethodPost, requests, "{}", http.Header{name: {value}, "Traceparent": {"00-kanariax"}, "Tracestate": {"k=kanariax"}, "Baggage": {"k=kanariax"}})
	}
	wrong(http.MethodPut, "/api/membership/me/profile", `{"availability":"available"}`, http.Header{"If-Match": {`"kanariax"`}})
	wrong(http.MethodGet, "/api/notification/stream", "", http.Header{"Last-Event-Id": {canary}})
	wrong(http.MethodPost, "/dev/token", "grant_type=password&username=kanariax@kanariax.example&password=kanariax", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	wrong(http.MethodGet, "/dev/authorize?client_id=kanariax&redirect_uri=http://kanariax&login_hint=kanariax", "", nil)
	raw(t, p.URL(), "GET /kanariax HTTP/9.9\r\nkanariax\r\n\r\n")

	// The end of a person.
	if err := ann.Post(t.Context(), "/api/membership/me/erase", map[string]any{"texts": true}, nil); err != nil {
		t.Fatal(err)
	}
	metrics := metricsOf(t, p)
	stop()

	for where, said := range map[string]string{"the log": logged(), "metrics": metrics, "spans": collector.Raw()} {
		for _, sign := range map[string][]string{
			"the log": {"level=DEBUG", "method=other", "route=none", "status=422", "a dead letter has failed again", "trace_id="},
			"metrics": {`route="none"`, `outcome="dead"`, "kith_trace_spans_total"},
			"spans":   {"append request.raised", "send mail", "PUT /api/membership/me/profile"},
		}[where] {
			if !strings.Contains(said, sign) {
				t.Errorf("%s says nothing of %s", where, sign)
			}
		}
		for line := range strings.Lines(said) {
			for _, secret := range secrets {
				if strings.Contains(strings.ToLower(line), strings.ToLower(secret)) {
					t.Errorf("in %s: %s", where, line[:min(len(line), 400)])
				}
			}
		}
	}
}

// unreadable is an event of a known type that is not what it should be.
func unreadable(t *testing.T) *nats.Msg {
	t.Helper()
	stream := es.Stream{Context: "community", Aggregate: "request", ID: "unreadable"}
	env, err := host.Codec().EncodeEnvelope(stream, es.Meta{Command: "c", Actor: "a"}, time.Now(), community.RequestRetracted{})
	if err != nil {
		t.Fatal(err)
	}
	env.Header["ce-type"] = []string{"request.raised"}
	return &nats.Msg{Subject: stream.Subject(), Header: env.Header, Data: []byte(`{"author":"kanariax","title":{"kanariax":"kanariax"},"kanariax":"kanariax","community":["kanariax"]}`)}
}

func metricsOf(t *testing.T, p *kith.Process) string {
	t.Helper()
	resp, err := http.Get(p.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// raw sends what no HTTP client would.
func raw(t *testing.T, url, request string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if answer, _ := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(answer, "HTTP/1.1 4") && !strings.HasPrefix(answer, "HTTP/1.1 505") {
		t.Errorf("it was answered %q", answer)
	}
}
