package devissuer_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"kith/pkg/devissuer"
	"kith/pkg/fault"
	"kith/pkg/rest/bearer"
)

type directory struct{}

func (directory) ByLogin(login string) (string, bool) { return "p-ada", login == "ada@example.org" }
func (directory) Active(string) bool                  { return true }
func (directory) Erased(string) bool                  { return false }
func (directory) Token(string) (person, hash string, expires time.Time, ok bool) {
	return "", "", time.Time{}, false
}

// start serves an issuer below /dev on a free port of this machine.
func start(t *testing.T, change func(*devissuer.Config)) (*devissuer.Issuer, *http.Client) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	c := devissuer.Config{
		BaseURL: "http://" + s.Listener.Addr().String() + "/dev", Audience: "kith",
		Known:  func(_ context.Context, login string) bool { return login == "ada@example.org" },
		People: people,
	}
	if change != nil {
		change(&c)
	}
	i, err := devissuer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = i
	s.Start()
	t.Cleanup(s.Close)
	client := s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return i, client
}

// people are ada, and more than are shown at a time.
func people(_ context.Context, query string, limit int) []devissuer.Person {
	all := []devissuer.Person{{Login: "ada@example.org", Name: "Ada Lovelace", Roles: []string{"administrator", "host"}}, {Login: "<b>bob</b>"}}
	for n := range 40 {
		all = append(all, devissuer.Person{Login: fmt.Sprintf("p%d@example.org", n)})
	}
	all = slices.DeleteFunc(all, func(p devissuer.Person) bool { return !strings.Contains(p.Name+p.Login, query) })
	return all[:min(limit, len(all))]
}

type answer struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
}

func post(t *testing.T, c *http.Client, address string, form url.Values) (int, answer) {
	t.Helper()
	resp, err := c.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, a
}

func authenticator(t *testing.T, i *devissuer.Issuer, now func() time.Time) *bearer.Authenticator {
	t.Helper()
	a, err := bearer.New(bearer.Config{Issuer: i.URL(), Audience: []string{"kith"}, Now: now}, directory{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestATokenForALoginIsGoodForTheAPI(t *testing.T) {
	i, c := start(t, nil)
	status, got := post(t, c, i.URL()+"/token", url.Values{"grant_type": {"password"}, "username": {"ada@example.org"}})
	if status != http.StatusOK || got.Type != "Bearer" || got.Expires != 12*3600 || got.ID != "" {
		t.Fatalf("%d %+v", status, got)
	}
	p, err := authenticator(t, i, nil).Authenticate(t.Context(), "Bearer "+got.Access)
	if err != nil || p.Person != "p-ada" || p.Login != "ada@example.org" {
		t.Fatalf("got %+v, %v", p, err)
	}
	t.Run("until it ends", func(t *testing.T) {
		late := func() time.Time { return time.Now().Add(13 * time.Hour) }
		_, err := authenticator(t, i, late).Authenticate(t.Context(), "Bearer "+got.Access)
		if fault.CodeOf(err) != fault.Unauthenticated {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("but unknown logins and other grants get none", func(t *testing.T) {
		for want, form := range map[string]url.Values{
			"invalid_grant":          {"grant_type": {"password"}, "username": {"eve@example.org"}},
			"unsupported_grant_type": {"grant_type": {"client_credentials"}},
		} {
			if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest || got.Error != want || got.Access != "" {
				t.Errorf("%d %+v, want %s", status, got, want)
			}
		}
	})
}

const (
	verifier = "a-verifier-of-at-least-forty-three-characters-x"
	callback = "http://127.0.0.1:5173/callback?from=kith"
)

func query(change url.Values) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {"portal"}, "redirect_uri": {callback}, "scope": {"openid email"},
		"state": {"s 1"}, "nonce": {"n1"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	for k, v := range change {
		q[k] = v
	}
	return "/authorize?" + q.Encode()
}

// code signs ada in and returns the code.
func code(t *testing.T, i *devissuer.Issuer, c *http.Client) string {
	t.Helper()
	resp, err := c.PostForm(i.URL()+query(nil), url.Values{"login": {"ada@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s, %v", resp.Status, err)
	}
	q := back.Query()
	if !strings.HasPrefix(back.String(), "http://127.0.0.1:5173/callback?") || q.Get("state") != "s 1" || q.Get("from") != "kith" {
		t.Fatalf("sent back to %s", back)
	}
	return q.Get("code")
}

func redemption(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"portal"},
		"redirect_uri": {callback}, "code_verifier": {verifier},
	}
}

func TestTheBrowserFlow(t *testing.T) {
	now := time.Now()
	i, c := start(t, func(c *devissuer.Config) { c.Now = func() time.Time { return now } })
	form := redemption(code(t, i, c))
	status, got := post(t, c, i.URL()+"/token", form)
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, got)
	}
	t.Run("gives an access token that is good for the API", func(t *testing.T) {
		if p, err := authenticator(t, i, nil).Authenticate(t.Context(), "Bearer "+got.Access); err != nil || p.Person != "p-ada" {
			t.Fatalf("got %+v, %v", p, err)
		}
	})
	t.Run("gives an ID token that is good for the client alone", func(t *testing.T) {
		p, err := oidc.NewProvider(t.Context(), i.URL())
		if err != nil {
			t.Fatal(err)
		}
		id, err := p.Verifier(&oidc.Config{ClientID: "portal", SupportedSigningAlgs: []string{oidc.ES256}}).Verify(t.Context(), got.ID)
		if err != nil || id.Subject != "ada@example.org" || id.Nonce != "n1" {
			t.Fatalf("got %+v, %v", id, err)
		}
		if _, err := authenticator(t, i, nil).Authenticate(t.Context(), "Bearer "+got.ID); fault.CodeOf(err) != fault.Unauthenticated {
			t.Fatalf("the API took the ID token: %v", err)
		}
	})
	t.Run("a code is good once", func(t *testing.T) {
		if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest || got.Error != "invalid_grant" {
			t.Fatalf("%d %+v", status, got)
		}
	})
	t.Run("a code that was tried in vain is used up", func(t *testing.T) {
		form := redemption(code(t, i, c))
		form.Set("code_verifier", "wrong")
		post(t, c, i.URL()+"/token", form)
		form.Set("code_verifier", verifier)
		if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest {
			t.Fatalf("%d %+v", status, got)
		}
	})
	for name, change := range map[string][2]string{
		"another verifier": {"code_verifier", "wrong"}, "no verifier": {"code_verifier", ""},
		"another client": {"client_id", "other"}, "another address": {"redirect_uri", "http://127.0.0.1:1/"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			form := redemption(code(t, i, c))
			form.Set(change[0], change[1])
			if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest || got.Access != "" {
				t.Fatalf("%d %+v", status, got)
			}
		})
	}
	t.Run("a code ends after a minute", func(t *testing.T) {
		form := redemption(code(t, i, c))
		now = now.Add(time.Minute)
		if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest {
			t.Fatalf("%d %+v", status, got)
		}
	})
}

func TestTheSignInPage(t *testing.T) {
	i, c := start(t, nil)
	get := func(address string) (int, string) {
		resp, err := c.Get(i.URL() + address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	if status, page := get(query(nil)); status != http.StatusOK || !strings.Contains(page, "ada@example.org") || strings.Contains(page, "<b>bob") {
		t.Fatalf("%d %s", status, page)
	}
	for name, change := range map[string]url.Values{
		"sending codes to other machines": {"redirect_uri": {"https://evil.example/"}},
		"sending codes to scripts":        {"redirect_uri": {"javascript:alert(1)"}},
		"no PKCE":                         {"code_challenge": {""}},
		"plain PKCE":                      {"code_challenge_method": {"plain"}},
		"tokens in the address":           {"response_type": {"token"}},
		"no client":                       {"client_id": {""}},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if status, page := get(query(change)); status != http.StatusBadRequest || strings.Contains(page, "<form") {
				t.Fatalf("%d %s", status, page)
			}
			resp, err := c.PostForm(i.URL()+query(change), url.Values{"login": {"ada@example.org"}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusBadRequest {
				t.Fatal(resp.Status)
			}
		})
	}
	t.Run("an unknown login gets no code", func(t *testing.T) {
		resp, err := c.PostForm(i.URL()+query(nil), url.Values{"login": {"eve@example.org"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Fatal(resp.Status)
		}
	})
}

func TestSomebodyIsChosen(t *testing.T) {
	i, c := start(t, nil)
	get := func(address, language string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.URL()+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", language)
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(b)
	}
	resp, page := get(query(nil), "en")
	for _, want := range []string{"Ada Lovelace", "administrator", "There are more", `name="state" value="s 1"`, `lang="en"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if strings.Contains(page, "p39@") {
		t.Error("everybody is shown")
	}
	for _, inline := range []string{"<script", "<style", " style=", " onclick="} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %s", inline)
		}
	}
	policy := resp.Header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "form-action 'self' http://127.0.0.1:5173") {
		t.Errorf("the policy is %s", policy)
	}
	if _, page = get(query(url.Values{"search": {"Love"}}), "de-AT,de;q=0.9"); !strings.Contains(page, "Ada Lovelace") || strings.Contains(page, "bob") || !strings.Contains(page, "Administration") || !strings.Contains(page, `lang="de"`) {
		t.Errorf("the German page of a search is %s", page)
	}
	if _, page = get(query(url.Values{"search": {"<nobody>"}, "ui_locales": {"en"}}), "de"); !strings.Contains(page, "Nobody was found") || strings.Contains(page, "<nobody>") {
		t.Errorf("the page of a search in vain is %s", page)
	}
	if resp, style := get("/style.css", ""); resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/css") || style == "" {
		t.Errorf("the style: %s", resp.Status)
	}
}

func TestASignInGoesOn(t *testing.T) {
	known := true
	i, c := start(t, func(c *devissuer.Config) {
		c.Known = func(context.Context, string) bool { return known }
	})
	_, first := post(t, c, i.URL()+"/token", redemption(code(t, i, c)))
	form := func(token string) url.Values {
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"portal"}}
	}
	status, second := post(t, c, i.URL()+"/token", form(first.Refresh))
	if status != http.StatusOK || second.Access == "" || second.ID == "" || second.Refresh == "" || second.Refresh == first.Refresh {
		t.Fatalf("%d %+v", status, second)
	}
	if p, err := authenticator(t, i, nil).Authenticate(t.Context(), "Bearer "+second.Access); err != nil || p.Person != "p-ada" {
		t.Fatalf("got %+v, %v", p, err)
	}
	other := form(second.Refresh)
	other.Set("client_id", "other")
	asCode := redemption(second.Refresh)
	for name, form := range map[string]url.Values{"used": form(first.Refresh), "of another client": other, "as a code": asCode, "a code": form(code(t, i, c)), "none": form("")} {
		if status, got := post(t, c, i.URL()+"/token", form); status != http.StatusBadRequest || got.Error != "invalid_grant" {
			t.Errorf("%s: %d %+v", name, status, got)
		}
	}
	_, third := post(t, c, i.URL()+"/token", redemption(code(t, i, c)))
	known = false
	if status, got := post(t, c, i.URL()+"/token", form(third.Refresh)); status != http.StatusBadRequest {
		t.Errorf("who may not sign in goes on: %d %+v", status, got)
	}
}

func TestSigningOutLeadsBackOnThisMachineOnly(t *testing.T) {
	i, c := start(t, nil)
	for to, want := range map[string]string{
		"":                                 "200 ",
		"http://127.0.0.1:5173/?a=b":       "303 http://127.0.0.1:5173/?a=b&state=s",
		"http://localhost/":                "303 http://localhost/?state=s",
		"https://evil.example/":            "400 ",
		"//evil.example/":                  "400 ",
		"javascript:alert(1)":              "400 ",
		"http://127.0.0.1@evil.example/":   "400 ",
		"http://evil.example\\@127.0.0.1/": "400 ",
	} {
		resp, err := c.Get(i.URL() + "/logout?" + url.Values{"post_logout_redirect_uri": {to}, "state": {"s"}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := fmt.Sprintf("%d %s", resp.StatusCode, resp.Header.Get("Location")); got != want {
			t.Errorf("to %q: %s, want %s", to, got, want)
		}
	}
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	i, _ := start(t, nil)
	ask := func(change func(*http.Request)) int {
		r := httptest.NewRequest(http.MethodGet, i.URL()+"/jwks", nil)
		r.RemoteAddr = "127.0.0.1:4000"
		change(r)
		w := httptest.NewRecorder()
		i.ServeHTTP(w, r)
		return w.Code
	}
	if got := ask(func(*http.Request) {}); got != http.StatusOK {
		t.Fatalf("from here: %d", got)
	}
	if got := ask(func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:4000", "localhost:8080" }); got != http.StatusOK {
		t.Fatalf("from here by IPv6: %d", got)
	}
	for name, change := range map[string]func(*http.Request){
		"another machine":              func(r *http.Request) { r.RemoteAddr = "192.0.2.1:4000" },
		"a remote address of no kind":  func(r *http.Request) { r.RemoteAddr = "@" },
		"another machine by a proxy":   func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") },
		"a proxy that says Forwarded":  func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.1") },
		"a page with a rebound name":   func(r *http.Request) { r.Host = "evil.example:8080" },
		"a host that only looks local": func(r *http.Request) { r.Host = "127.0.0.1.evil.example" },
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if got := ask(change); got != http.StatusForbidden {
				t.Fatalf("got %d", got)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	known := func(context.Context, string) bool { return true }
	for name, c := range map[string]devissuer.Config{
		"a base URL elsewhere": {BaseURL: "http://kith.example/dev", Audience: "kith", Known: known},
		"no base URL":          {Audience: "kith", Known: known},
		"no audience":          {BaseURL: "http://127.0.0.1/dev", Known: known},
		"no known logins":      {BaseURL: "http://127.0.0.1/dev", Audience: "kith"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if _, err := devissuer.New(c); err == nil {
				t.Fatal("accepted")
			}
		})
	}
	t.Run("a kept key outlives a restart", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dev.key")
		keep := func(c *devissuer.Config) { c.KeyPath = path }
		before, c := start(t, keep)
		_, got := post(t, c, before.URL()+"/token", url.Values{"grant_type": {"password"}, "username": {"ada@example.org"}})
		after, _ := start(t, func(c *devissuer.Config) { keep(c) })
		key := oidc.NewRemoteKeySet(t.Context(), after.URL()+"/jwks")
		if _, err := key.VerifySignature(t.Context(), got.Access); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
	})
	t.Run("a file that holds no key is named", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dev.key")
		if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := devissuer.New(devissuer.Config{BaseURL: "http://127.0.0.1/dev", Audience: "kith", Known: known, KeyPath: path})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("got %v", err)
		}
	})
}
