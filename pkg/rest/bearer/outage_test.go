package bearer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"kith/pkg/fault"
	"kith/pkg/rest/bearer"
)

func TestAnIssuerThatIsDownSignsNobodyOut(t *testing.T) {
	w := newWorld(t, nil)
	header := "Bearer " + w.token(t, nil)
	w.issuer.set(func() { w.issuer.down = true })
	_, err := w.auth.Authenticate(t.Context(), header)
	wantCode(t, err, fault.Unavailable)

	t.Run("garbage is refused all the same", func(t *testing.T) {
		_, err := w.auth.Authenticate(t.Context(), "Bearer garbage")
		wantCode(t, err, fault.Unauthenticated)
	})
	t.Run("it is asked again a little later", func(t *testing.T) {
		w.issuer.set(func() { w.issuer.down = false })
		w.now = w.now.Add(2 * time.Second)
		if _, err := w.auth.Authenticate(t.Context(), header); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("with known keys new tokens are good while it is down", func(t *testing.T) {
		w.issuer.set(func() { w.issuer.down = true })
		if _, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, map[string]any{"jti": "2"})); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("even when the keys should have been fetched anew", func(t *testing.T) {
		w.now = w.now.Add(2 * time.Hour)
		if _, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, map[string]any{"jti": "3"})); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a key that is not known then may still be good", func(t *testing.T) {
		rotated := w.issuer.publish(ecKey(t, "k2"))
		_, err := w.auth.Authenticate(t.Context(), "Bearer "+sign(t, jose.ES256, rotated, "at+jwt", w.claims(nil)))
		wantCode(t, err, fault.Unavailable)
	})
}

func TestRotatedKeys(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, nil)); err != nil {
		t.Fatal(err)
	}
	rotated := w.issuer.publish(ecKey(t, "k2"))
	if _, err := w.auth.Authenticate(t.Context(), "Bearer "+sign(t, jose.ES256, rotated, "at+jwt", w.claims(nil))); err != nil {
		t.Fatalf("a new key: %v", err)
	}
	t.Run("a withdrawn key ends within the hour", func(t *testing.T) {
		w.issuer.set(func() { w.issuer.public = w.issuer.public[1:] })
		w.now = w.now.Add(61 * time.Minute)
		_, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, nil))
		wantCode(t, err, fault.Unauthenticated)
	})
}

func TestGarbageIsNotTurnedAgainstTheIssuer(t *testing.T) {
	w := newWorld(t, nil)
	good := "Bearer " + w.token(t, nil)
	if _, err := w.auth.Authenticate(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	before := w.issuer.fetched()
	forged := ecKey(t, "k1")
	for range 20 {
		_, err := w.auth.Authenticate(t.Context(), "Bearer "+sign(t, jose.ES256, forged, "at+jwt", w.claims(nil)))
		wantCode(t, err, fault.Unauthenticated)
	}
	if n := w.issuer.fetched() - before; n != 0 {
		t.Fatalf("%d fetches for forged signatures of a known key", n)
	}
	for range 20 {
		_, err := w.auth.Authenticate(t.Context(), "Bearer "+sign(t, jose.ES256, ecKey(t, "x"+time.Now().String()), "at+jwt", w.claims(nil)))
		wantCode(t, err, fault.Unauthenticated)
	}
	if n := w.issuer.fetched() - before; n > 5 {
		t.Fatalf("%d fetches for 20 unknown keys", n)
	}
	if _, err := w.auth.Authenticate(t.Context(), good); err != nil {
		t.Fatal(err)
	}
}

func TestUnsafeSettingsAreRefused(t *testing.T) {
	for name, c := range map[string]bearer.Config{
		"no audience":       {Issuer: "https://issuer.example"},
		"an empty audience": {Issuer: "https://issuer.example", Audience: []string{""}},
		"alg none":          {Issuer: "https://issuer.example", Audience: []string{"kith"}, Algorithms: []string{"none"}},
		"a shared secret":   {Issuer: "https://issuer.example", Audience: []string{"kith"}, Algorithms: []string{"RS256", "HS256"}},
		"no URL":            {Issuer: "issuer", Audience: []string{"kith"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := bearer.New(c, newPeople()); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

func TestAPITokens(t *testing.T) {
	w := newWorld(t, func(c *bearer.Config) { c.Issuer = "" })
	id, secret, hash, err := bearer.NewToken(strings.NewReader(strings.Repeat("entropy ", 6)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash, secret) || hash != bearer.HashSecret(secret) || strings.Contains(id, "_") {
		t.Fatalf("id %q, hash %q", id, hash)
	}
	header := "Bearer " + bearer.TokenText(id, secret)
	issued := apiToken{person: "p-ada", hash: hash, expires: w.now.Add(time.Hour)}
	w.people.tokens[id] = issued

	p, err := w.auth.Authenticate(t.Context(), header)
	if err != nil || p.Person != "p-ada" || p.TokenID != id || !p.Expires.Equal(issued.expires) {
		t.Fatalf("got %+v, %v", p, err)
	}
	for name, h := range map[string]string{
		"another secret": header + "x", "a cut secret": header[:len(header)-1], "another id": "Bearer " + bearer.TokenText("zzz", secret),
		"no secret": "Bearer kith_" + id, "an empty secret": "Bearer kith_" + id + "_", "no id": "Bearer kith__" + secret, "the hash": "Bearer " + bearer.TokenText(id, hash),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			_, err := w.auth.Authenticate(t.Context(), h)
			wantCode(t, err, fault.Unauthenticated)
			if strings.Contains(err.Error(), secret[:8]) {
				t.Errorf("%q shows the secret", err)
			}
		})
	}
	t.Run("an access token is refused without an issuer", func(t *testing.T) {
		_, err := w.auth.Authenticate(t.Context(), "Bearer "+w.token(t, nil))
		wantCode(t, err, fault.Unauthenticated)
	})
	t.Run("it ends when it is revoked", func(t *testing.T) {
		delete(w.people.tokens, id)
		defer func() { w.people.tokens[id] = issued }()
		_, err := w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Unauthenticated)
		wantCode(t, w.auth.Still(p), fault.Unauthenticated)
	})
	t.Run("erased: it is no longer valid, and nobody is promised to come back", func(t *testing.T) {
		w.people.erased["p-ada"] = true
		defer delete(w.people.erased, "p-ada")
		for _, err := range []error{w.auth.Still(p), func() error { _, err := w.auth.Authenticate(t.Context(), header); return err }()} {
			wantCode(t, err, fault.Unauthenticated)
			if !strings.Contains(err.Error(), "no longer valid") || strings.Contains(err.Error(), "reactivate") {
				t.Errorf("it says %q", err)
			}
		}
	})
	t.Run("it ends with its person", func(t *testing.T) {
		w.people.gone["p-ada"] = true
		defer delete(w.people.gone, "p-ada")
		_, err := w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Forbidden)
	})
	t.Run("it ends at its time", func(t *testing.T) {
		w.now = issued.expires
		_, err := w.auth.Authenticate(t.Context(), header)
		wantCode(t, err, fault.Unauthenticated)
	})
	t.Run("too little randomness makes none", func(t *testing.T) {
		if _, _, _, err := bearer.NewToken(strings.NewReader("short")); err == nil {
			t.Fatal("made a token")
		}
	})
}
