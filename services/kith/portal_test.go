package kith_test

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kith/pkg/backup"
	kith "kith/services/kith"
)

// signedIn is a browser in which login is signed in, and the id in its cookie.
func signedIn(t *testing.T, p *kith.Process, login string) (*http.Client, string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	resp, err := c.Get(p.URL() + "/portal/login")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(page), login) {
		t.Fatalf("%s is not offered (%v):\n%s", login, err, page)
	}
	resp, err = c.PostForm(resp.Request.URL.String(), url.Values{"login": {login}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	at, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range jar.Cookies(at) {
		if len(k.Value) == 43 {
			return c, k.Value
		}
	}
	t.Fatalf("nobody was signed in: led to %s", resp.Request.URL)
	return nil, ""
}

func statusOf(t *testing.T, c *http.Client, address string) int {
	t.Helper()
	resp, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// Whoever takes over a backup takes over nobody's session.
func TestSessionsStayWithTheirProcess(t *testing.T) {
	data, dir := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	i := startIn(t, data, nil)
	c, id := signedIn(t, i.Process, kith.DevAdministrator)
	if got := statusOf(t, c, i.URL()+"/portal/session"); got != http.StatusOK {
		t.Fatalf("the session answered %d", got)
	}
	if err := kith.WithData(data, func(s backup.Source) error { _, err := backup.Run(t.Context(), dir, s); return err }); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, sign := range []string{"KV_sessions", "$KV.", id, "Kith-Began"} {
			if bytes.Contains(content, []byte(sign)) {
				t.Errorf("%s has %s", path, sign)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsAtTheRoot(t *testing.T) {
	i := startIn(t, t.TempDir(), nil)
	for path, want := range map[string]int{"/reference/": 200, "/reference": 200, "/reference/portal/": 200, "/openapi/portal.json": 200, "/api/nothing": 404, "/dev/nothing": 404} {
		if got := statusOf(t, http.DefaultClient, i.URL()+path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	resp, err := http.Get(i.URL() + "/some/page")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	// 503 where the application was not built.
	if policy := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("a page of the application: %s with %s", resp.Status, policy)
	}
}
