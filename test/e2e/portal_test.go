package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	kith "kith/services/kith"
	"kith/test/internal/deployment"
)

// browser is a person at the portal: it follows where it is led and keeps cookies.
type browser struct {
	t    *testing.T
	url  string
	http *http.Client
}

func (w *world) browser() *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w.t, w.url, &http.Client{Jar: jar}}
}

func (b *browser) do(method, path string, body io.Reader, header map[string]string) (int, string, *url.URL) {
	b.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = b.url + path
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Request.URL
}

// signIn chooses a login at the issuer, and comes back.
func (b *browser) signIn(login, to string) {
	b.t.Helper()
	status, page, at := b.do(http.MethodGet, "/portal/login?"+url.Values{"to": {to}}.Encode(), nil, nil)
	if status != http.StatusOK || !strings.Contains(at.Path, "/dev/authorize") || !strings.Contains(page, "<form") {
		b.t.Fatalf("signing in led to %s, which answered %d:\n%.2000s", at, status, page)
	}
	_, _, at = b.do(http.MethodPost, at.String(), strings.NewReader(url.Values{"login": {login}}.Encode()),
		map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"})
	if at.Path != to {
		b.t.Fatalf("%s was led to %s, not to %s", login, at, to)
	}
}

func (b *browser) get(path string, out any) int {
	b.t.Helper()
	status, text, _ := b.do(http.MethodGet, path, nil, map[string]string{"Sec-Fetch-Site": "same-origin"})
	if out != nil && status == http.StatusOK {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			b.t.Fatalf("%s: %v\n%s", path, err, text)
		}
	}
	return status
}

// listen returns the lines of the live inbox; closed when it has ended.
func (b *browser) listen() <-chan string {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+"/api/notification/stream", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("the inbox answered %s", resp.Status)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer func() { _ = resp.Body.Close() }()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

func await(t *testing.T, lines <-chan string, prefix string) {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		select {
		case l, open := <-lines:
			if !open && prefix == "" || open && prefix != "" && strings.HasPrefix(l, prefix) {
				return
			}
			if !open {
				t.Fatalf("the stream ended before %q", prefix)
			}
		case <-limit:
			t.Fatalf("the stream has no %q", prefix)
		}
	}
}

// Somebody uses Kith by a browser alone, from the sign-in to the end of their
// job: in one process, and with every service in a process of its own.
func TestPortal(t *testing.T) {
	t.Run("in one process", func(t *testing.T) { byBrowser(start(t, t.TempDir())) })
	t.Run("in processes", func(t *testing.T) {
		w, _ := processes(t, deployment.Options{Replicas: map[string]int{"portal": 2}})
		byBrowser(w)
	})
}

func byBrowser(w *world) {
	t := w.t
	who := organisation(t, w)
	b := w.browser()
	if got := b.get("/portal/session", nil); got != http.StatusUnauthorized {
		t.Fatalf("a stranger's session answered %d", got)
	}
	b.signIn("dario@stadt.example", "/people/somebody")
	var session struct{ Person, Name string }
	b.get("/portal/session", &session)
	if session.Person != who["dario"].id || session.Name == "" {
		t.Errorf("signed in as %+v", session)
	}
	var me struct{ Person struct{ ID string } }
	if got := b.get("/api/membership/me", &me); got != http.StatusOK || me.Person.ID != session.Person {
		t.Errorf("the API answered %d, and knows %+v", got, me)
	}
	if got := b.get("/api/system/state", nil); got != http.StatusForbidden {
		t.Errorf("the state of the system answered %d", got)
	}
	header := map[string]string{"Content-Type": "application/json", "Idempotency-Key": "1", "X-Kith": "1", "Sec-Fetch-Site": "same-origin"}
	const question = `{"kind":"information","title":"Who knows framework contracts?","purpose":"To prolong ours.","language":"en"}`
	status, first, _ := b.do(http.MethodPost, "/api/community/requests", strings.NewReader(question), header)
	_, again, _ := b.do(http.MethodPost, "/api/community/requests", strings.NewReader(question), header)
	if status != http.StatusCreated || first != again {
		t.Errorf("asking answered %d %s, and then %s", status, first, again)
	}
	delete(header, "X-Kith")
	if status, text, _ := b.do(http.MethodPost, "/api/community/requests", strings.NewReader(question), header); status != http.StatusForbidden {
		t.Errorf("without the header: %d %s", status, text)
	}
	header["X-Kith"], header["Idempotency-Key"] = "1", "2"
	finn := w.browser()
	finn.signIn("finn@stadt.example", "/")
	if status, text, _ := finn.do(http.MethodPost, "/api/membership/me/erase", strings.NewReader(`{"texts":true}`), header); status != http.StatusNoContent {
		t.Errorf("who is forgotten is told %d %s", status, text)
	}
	eventually(t, "and signed out", func() bool { return finn.get("/portal/session", nil) == http.StatusUnauthorized })
	admin := w.browser()
	admin.signIn(kith.DevAdministrator, "/")
	if got := admin.get("/api/system/state", nil); got != http.StatusOK {
		t.Errorf("the administrator sees the state with %d", got)
	}
	inbox := b.listen()
	await(t, inbox, "event: ready")
	who["admin"].post("/api/membership/people/"+session.Person+"/deactivate", nil, nil)
	await(t, inbox, "")
	eventually(t, "who is deactivated is signed out", func() bool { return b.get("/portal/session", nil) == http.StatusUnauthorized })
	if got := admin.get("/portal/session", nil); got != http.StatusOK {
		t.Errorf("another's session answered %d", got)
	}
}
