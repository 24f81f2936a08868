package portal_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kith/api/events/membership"
)

func TestSigningIn(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann", "ben")
	r.append(person("ann"), membership.PersonChanged{Name: named("ann", "Ann Müller"), Language: "en"})
	r.append(role("ann"), membership.RoleGranted{Role: "administrator"})
	b := w.browser()

	t.Run("begins at the issuer, by code, with PKCE, state and nonce", func(t *testing.T) {
		u, err := url.Parse(b.toIssuer(r, "/"))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if !strings.HasPrefix(u.String(), w.issuer.URL()+"/authorize?") || q.Get("response_type") != "code" || q.Get("client_id") != "kith" ||
			q.Get("redirect_uri") != w.cfg.URL+"/portal/callback" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
			len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 || q.Get("state") == q.Get("nonce") || q.Get("scope") != "openid email" {
			t.Errorf("sent to %s", u)
		}
	})
	t.Run("leads to where the person was", func(t *testing.T) {
		if to := b.signIn(r, "ann", "/requests/1?tab=2"); to != w.cfg.URL+"/requests/1?tab=2" {
			t.Errorf("led to %s", to)
		}
		if got := b.session(r); got != "ann" {
			t.Fatalf("signed in as %q", got)
		}
	})
	t.Run("the application is told who it is, and no token", func(t *testing.T) {
		a := b.get(r.url + "/portal/session")
		var got map[string]any
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		if got["name"] != "Ann Müller" || got["language"] != "en" || got["roles"].([]any)[0] != "administrator" || got["dev"] != false ||
			got["organisation"].(map[string]any)["name"] != "Kith" || got["organisation"].(map[string]any)["german"] != "du" || strings.Contains(a.body, "eyJ") {
			t.Errorf("session = %s", a.body)
		}
	})
	t.Run("the cookie holds a random id that no script reads", func(t *testing.T) {
		other := w.browser()
		at := r.here(other.choose(other.toIssuer(r, "/"), "ben@example.org"))
		var set *http.Cookie
		for _, c := range cookiesOf(other.get(at)) {
			if c.MaxAge > 0 {
				set = c
			}
		}
		if set == nil || len(set.Value) != 43 || !set.HttpOnly || set.SameSite != http.SameSiteLaxMode || set.Path != "/" || set.Domain != "" || set.Secure {
			t.Errorf("cookie = %+v", set)
		}
	})
	t.Run("another sign-in gets another id, and ends the session before", func(t *testing.T) {
		old := b.sessionCookie(r)
		b.signIn(r, "ben", "/")
		if now := b.sessionCookie(r); now.Value == old.Value || b.session(r) != "ben" {
			t.Error("the id stays")
		}
		thief := w.browser()
		if a := thief.get(r.url+"/portal/session", header("Cookie", old.Name+"="+old.Value)); a.status != http.StatusUnauthorized {
			t.Errorf("the id before answered %d", a.status)
		}
	})
	t.Run("signing out ends the session, and leads to the end at the issuer", func(t *testing.T) {
		old := b.sessionCookie(r)
		a := b.do(http.MethodPost, r.url+"/portal/logout", nil, mine)
		var out struct{ To string }
		if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		u, err := url.Parse(out.To)
		if err != nil || !strings.HasPrefix(out.To, w.issuer.URL()+"/logout?") || u.Query().Get("post_logout_redirect_uri") != w.cfg.URL+"/" || u.Query().Get("id_token_hint") == "" {
			t.Errorf("led to %s", out.To)
		}
		if back := b.get(out.To); back.status != http.StatusSeeOther || back.header.Get("Location") != w.cfg.URL+"/" {
			t.Errorf("the issuer answered %d, to %s", back.status, back.header.Get("Location"))
		}
		if b.session(r) != "" || b.sessionCookie(r) != nil {
			t.Error("the session goes on")
		}
		if a := b.get(r.url+"/portal/session", header("Cookie", old.Name+"="+old.Value)); a.status != http.StatusUnauthorized {
			t.Errorf("the id of an ended session answered %d", a.status)
		}
		if a := b.do(http.MethodPost, r.url+"/portal/logout", nil, mine); a.status != http.StatusOK {
			t.Errorf("again: %d", a.status)
		}
	})
}

// Whatever is asked for, the browser stays here.
func TestNobodyIsLedElsewhere(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	for to, want := range map[string]string{
		"": "/", "/a/b?c=d#e": "/a/b?c=d#e", "/caf%C3%A9": "/caf%C3%A9",
		"//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/", "\\\\evil.example": "/", "/%5Cevil.example": "/%5Cevil.example",
		"https://evil.example/": "/", "javascript:alert(1)": "/", "evil.example": "/", "/\t/evil.example": "/", "/\n//evil.example": "/",
		"/%2F/evil.example": "/", "http:/evil.example": "/", "/ /evil": "/", "/ü": "/", "/%zz": "/", "?a": "/", "/portal/logout": "/", "/api/system/state": "/",
	} {
		b := w.browser()
		if got := b.signIn(r, "ann", to); got != w.cfg.URL+want {
			t.Errorf("%q led to %q, not %q", to, got, w.cfg.URL+want)
		}
	}
	if a := w.browser().get(r.url + "/portal/login?to=/" + strings.Repeat("a", 3000)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("too long an address answered %d", a.status)
	}
	t.Run("another name of this machine leads to the one of the cookies", func(t *testing.T) {
		a := w.browser().get(r.url+"/portal/login?to=/x", func(r *http.Request) { r.Host = "localhost:1" })
		if got := a.header.Get("Location"); got != w.cfg.URL+"/portal/login?to=%2Fx" {
			t.Errorf("led to %q", got)
		}
	})
}

func TestASignInThatNobodyBeganHereIsRefused(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann", "eve")
	b := w.browser()
	good := r.here(b.choose(b.toIssuer(r, "/"), "ann@example.org"))
	eve := w.browser()
	eves := r.here(eve.choose(eve.toIssuer(r, "/"), "eve@example.org"))
	with := func(name, value string) string {
		u, err := url.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	code := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("code")
	}
	refused := func(name string, b *browser, address string, status int) {
		t.Helper()
		a := b.get(address)
		if a.status != status || b.session(r) != "" {
			t.Errorf("%s: %d %s, signed in as %q", name, a.status, a.body, b.session(r))
		}
	}
	refused("in another browser", w.browser(), good, 422)
	refused("the sign-in of somebody else, in this one", b, eves, 422)
	refused("a made-up state", b, with("state", strings.Repeat("A", 43)), 422)
	refused("no state", b, with("state", ""), 422)
	refused("a state twice", b, good+"&state=x", 422)
	if redeemed := w.issuer.fetched(); redeemed != 0 {
		t.Errorf("%d codes were tried", redeemed)
	}
	refused("somebody else's code, with this browser's state", b, with("code", code(eves)), http.StatusUnauthorized)
	refused("again, with the right one: the state is used up", b, good, 422)

	t.Run("from another issuer", func(t *testing.T) {
		good = r.here(b.choose(b.toIssuer(r, "/"), "ann@example.org"))
		refused("another issuer's", b, with("iss", "https://evil.example"), 422)
	})
	t.Run("with a code that was used", func(t *testing.T) {
		good = r.here(b.choose(b.toIssuer(r, "/"), "ann@example.org"))
		cookies := b.cookies(r)
		if a := b.get(good); a.status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.status, a.body)
		}
		thief := w.browser()
		u, err := url.Parse(r.url)
		if err != nil {
			t.Fatal(err)
		}
		thief.jar.SetCookies(u, cookies)
		refused("with a stolen cookie of the sign-in", thief, good, http.StatusUnauthorized)
	})
	t.Run("that was cancelled", func(t *testing.T) {
		b := w.browser()
		u, err := url.Parse(b.toIssuer(r, "/x"))
		if err != nil {
			t.Fatal(err)
		}
		a := b.get(r.url+"/portal/callback?error=access_denied&error_description=%3Cb%3E&state="+u.Query().Get("state"), header("Accept", "text/html"), header("Accept-Language", "de"))
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "abgebrochen") || !strings.Contains(a.body, "to=%2fx") && !strings.Contains(a.body, "to=%2Fx") || strings.Contains(a.body, "<b>") {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
	t.Run("by somebody whom nobody knows", func(t *testing.T) {
		b := w.browser()
		at := r.here(b.choose(b.toIssuer(r, "/"), "nobody@example.org"))
		a := b.get(at, header("Accept", "text/html"))
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "nobody is known here") || b.session(r) != "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
	t.Run("by somebody who is deactivated", func(t *testing.T) {
		r.append(person("eve"), membership.PersonDeactivated{})
		b := w.browser()
		if a := b.get(r.here(b.choose(b.toIssuer(r, "/"), "eve@example.org"))); a.status != http.StatusForbidden || a.code() != "forbidden" || b.session(r) != "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestHostileCookies(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	b := w.browser()
	b.signIn(r, "ann", "/")
	id := b.sessionCookie(r)
	for name, value := range map[string]string{
		"nothing": "", "rubbish": "x", "long": strings.Repeat("A", 20_000), "another": strings.Repeat("A", 43), "a wildcard": "*", "dots": "../..",
		"two of them": id.Value + "; " + id.Name + "=" + strings.Repeat("A", 43),
	} {
		for _, path := range []string{"/portal/session", "/api/box/echo"} {
			if a := w.browser().get(r.url+path, header("Cookie", id.Name+"="+value)); a.status != http.StatusUnauthorized || a.code() != "unauthenticated" {
				t.Errorf("%s at %s: %d %s", name, path, a.status, a.body)
			}
		}
	}
	if a := w.browser().get(r.url+"/portal/session", header("Cookie", id.Name+"="+strings.Repeat("A", 60_000))); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("more than a request may have: %d", a.status)
	}
	if b.session(r) != "ann" {
		t.Error("the session of somebody else ended")
	}
	t.Run("sign-ins that are begun and never ended do not pile up", func(t *testing.T) {
		for range 30 {
			b.toIssuer(r, "/")
		}
		if n := len(b.cookies(r)); n > 7 {
			t.Errorf("the browser has %d cookies", n)
		}
	})
}

func TestAnIssuerThatIsDown(t *testing.T) {
	w := newWorld(t, time.Hour)
	r := w.start()
	r.people("ann")
	w.issuer.spoil(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) })
	b := w.browser()
	if a := b.get(r.url + "/portal/login"); a.code() != "unavailable" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.get(r.url+"/portal/login", header("Accept", "text/html"), header("Accept-Language", "de")); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "Die Anmeldung geht gerade nicht") ||
		strings.Contains(a.body, "<style") || !strings.Contains(a.header.Get("Content-Security-Policy"), "style-src 'self'") {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.issuer.spoil(nil)
	eventually(t, "it goes on by itself", func() bool {
		return b.get(r.url+"/portal/login").status == http.StatusSeeOther
	})
}
