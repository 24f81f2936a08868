package bearer_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/rest/bearer"
)

var _ rest.Authenticator = (*bearer.Authenticator)(nil)

func TestAGoodAccessTokenNamesThePerson(t *testing.T) {
	w := newWorld(t, nil)
	for name, sign := range map[string]func() string{
		"ES256": func() string { return w.token(t, nil) },
		"RS256": func() string {
			return sign(t, jose.RS256, w.issuer.publish(rsaKey(t, "r1")), "application/at+jwt", w.claims(nil))
		},
		"EdDSA": func() string {
			return sign(t, jose.EdDSA, w.issuer.publish(edKey(t, "e1")), "AT+JWT", w.claims(nil))
		},
		"a list of audiences": func() string { return w.token(t, map[string]any{"aud": []string{"other", "kith"}}) },
		"typ JWT with scope, as Keycloak writes it": func() string {
			return sign(t, jose.ES256, w.key, "JWT", w.claims(map[string]any{"scope": "openid", "typ": "Bearer"}))
		},
		"no typ with scp": func() string {
			return sign(t, jose.ES256, w.key, "", w.claims(map[string]any{"scp": []string{"kith"}}))
		},
		"a clock slightly ahead": func() string {
			return w.token(t, map[string]any{"nbf": w.now.Add(20 * time.Second).Unix(), "iat": w.now.Add(20 * time.Second).Unix()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := w.auth.Authenticate(t.Context(), "bearer "+sign())
			if err != nil {
				t.Fatal(err)
			}
			if p.Person != "p-ada" || p.Login != "ada@example.org" || p.TokenID != "" || !p.Expires.Equal(w.now.Add(time.Hour)) {
				t.Fatalf("got %+v", p)
			}
		})
	}
}

func TestBadAccessTokensAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	foreign := ecKey(t, "k1")
	rs := w.issuer.publish(rsaKey(t, "r1"))
	header := func(h map[string]any) string {
		b, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	good := w.token(t, nil)
	parts := strings.Split(good, ".")
	payload := parts[1]
	type m = map[string]any
	for name, tc := range map[string]struct{ token, says string }{
		"alg none":               {header(m{"alg": "none", "typ": "at+jwt"}) + "." + payload + ".", "algorithm"},
		"alg none, signed":       {header(m{"alg": "none", "kid": "k1"}) + "." + payload + "." + parts[2], "algorithm"},
		"HS256 with the RSA key": {hmacWithPublicKey(t, rs, w.claims(nil)), "algorithm"},
		"an algorithm not listed": {
			sign(t, jose.RS512, rs, "at+jwt", w.claims(nil)), "algorithm"},
		"a key of another algorithm": {sign(t, jose.RS256, jose.JSONWebKey{Key: rs.Key, KeyID: "k1"}, "at+jwt", w.claims(nil)), "signature"},
		"a forged signature":         {sign(t, jose.ES256, foreign, "at+jwt", w.claims(nil)), "signature"},
		"a changed payload": {
			parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"root@example.org"}`)) + "." + parts[2], "signature"},
		"an unknown kid":         {sign(t, jose.ES256, ecKey(t, "stranger"), "at+jwt", w.claims(nil)), "does not publish"},
		"the wrong issuer":       {w.token(t, m{"iss": "https://elsewhere.example"}), "another issuer"},
		"no issuer":              {w.token(t, m{"iss": nil}), "another issuer"},
		"the wrong audience":     {w.token(t, m{"aud": "payroll"}), "audience"},
		"no audience":            {w.token(t, m{"aud": nil}), "audience"},
		"expired":                {w.token(t, m{"exp": w.now.Unix()}), "expired"},
		"no expiry":              {w.token(t, m{"exp": nil}), "expiry"},
		"not valid yet":          {w.token(t, m{"nbf": w.now.Add(time.Minute).Unix()}), "not valid yet"},
		"issued in the future":   {w.token(t, m{"iat": w.now.Add(time.Minute).Unix()}), "future"},
		"an ID token":            {sign(t, jose.ES256, w.key, "JWT", w.claims(m{"nonce": "n", "at_hash": "h"})), "not an access token"},
		"an ID token with scope": {sign(t, jose.ES256, w.key, "JWT", w.claims(m{"scope": "openid", "at_hash": "h"})), "not an access token"},
		"an ID token of Keycloak": {
			sign(t, jose.ES256, w.key, "JWT", w.claims(m{"scope": "openid", "typ": "ID"})), "not an access token"},
		"no typ and no scope":   {sign(t, jose.ES256, w.key, "", w.claims(nil)), "not an access token"},
		"a logout token":        {sign(t, jose.ES256, w.key, "logout+jwt", w.claims(m{"scope": "x"})), "not an access token"},
		"no login":              {w.token(t, m{"email": nil}), "no claim email"},
		"a login of wrong kind": {w.token(t, m{"email": []string{"ada@example.org"}}), "no claim email"},
		"an endless login":      {w.token(t, m{"email": strings.Repeat("a", 400)}), "too long"},
		"unverified address":    {w.token(t, m{"email_verified": false}), "not verified"},
		"unverified, as a text": {w.token(t, m{"email_verified": "false"}), "not verified"},
		"claims of wrong kinds": {w.token(t, m{"exp": "tomorrow"}), "malformed"},
		"no JWT":                {"abc", "signed JWT"},
		"an endless token":      {strings.Repeat("a", 20<<10), "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			w.now = w.now.Add(time.Minute) // fetches of keys are limited per time
			defer func() { w.now = w.now.Add(-time.Minute) }()
			if name == "not valid yet" || name == "issued in the future" {
				w.now = w.now.Add(-time.Minute)
				defer func() { w.now = w.now.Add(time.Minute) }()
			}
			_, err := w.auth.Authenticate(t.Context(), "Bearer "+tc.token)
			wantCode(t, err, fault.Unauthenticated)
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%q does not say %q", err, tc.says)
			}
			if strings.Contains(err.Error(), tc.token) || strings.Contains(err.Error(), "example.org") {
				t.Errorf("%q tells what was in the token", err)
			}
		})
	}
}

// hmacWithPublicKey is the attack in which the public key serves as secret.
func hmacWithPublicKey(t *testing.T, key jose.JSONWebKey, claims map[string]any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public().Key)
	if err != nil {
		t.Fatal(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return sign(t, jose.HS256, jose.JSONWebKey{Key: secret, KeyID: key.KeyID}, "at+jwt", claims)
}

func TestOtherClaimsNameThePerson(t *testing.T) {
	w := newWorld(t, func(c *bearer.Config) { c.Claim = "sub" })
	p, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, map[string]any{"email": nil}))
	if err != nil || p.Person != "p-ada" || p.Login != "s-1" {
		t.Fatalf("got %+v, %v", p, err)
	}
}

func TestWhoIsUnknownOrDeactivated(t *testing.T) {
	w := newWorld(t, nil)
	header := "Bearer " + w.token(t, nil)
	if _, err := w.auth.Authenticate(t.Context(), header); err != nil {
		t.Fatal(err)
	}
	t.Run("a remembered token does not outlive a deactivation", func(t *testing.T) {
		w.people.gone["p-ada"] = true
		defer delete(w.people.gone, "p-ada")
		_, err := w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Forbidden)
	})
	t.Run("a remembered token does not outlive its end", func(t *testing.T) {
		w.now = w.now.Add(time.Hour)
		defer func() { w.now = w.now.Add(-time.Hour) }()
		_, err := w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Unauthenticated)
	})
	t.Run("a login that nobody has is identified, but nobody", func(t *testing.T) {
		header := "Bearer " + w.token(t, map[string]any{"email": "new@example.org"})
		p, err := w.auth.Identify(t.Context(), header)
		if err != nil || p.Person != "" || p.Login != "new@example.org" {
			t.Fatalf("got %+v, %v", p, err)
		}
		p, err = w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Forbidden)
		if p.Login != "" {
			t.Fatal("a refused principal was returned")
		}
	})
}

func TestLiveStreamsEnd(t *testing.T) {
	w := newWorld(t, nil)
	p, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.auth.Still(p); err != nil {
		t.Fatalf("at first: %v", err)
	}
	w.people.gone["p-ada"] = true
	wantCode(t, w.auth.Still(p), fault.Forbidden)
	delete(w.people.gone, "p-ada")
	w.now = w.now.Add(time.Hour)
	wantCode(t, w.auth.Still(p), fault.Unauthenticated)
}

func TestHeadersWithoutABearerTokenAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	for _, h := range []string{"", "Bearer", "Bearer ", "Basic YTpi", "abc", w.token(t, nil)} {
		_, err := w.auth.Authenticate(t.Context(), h)
		wantCode(t, err, fault.Unauthenticated)
	}
}
