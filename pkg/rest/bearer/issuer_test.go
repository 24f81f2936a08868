package bearer_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"kith/pkg/fault"
	"kith/pkg/rest/bearer"
)

// testIssuer is an issuer that a test can break.
type testIssuer struct {
	*httptest.Server
	mu      sync.Mutex
	down    bool
	public  []jose.JSONWebKey
	fetches int // of the keys
}

func startIssuer(t *testing.T) *testIssuer {
	t.Helper()
	i := &testIssuer{}
	mux := http.NewServeMux()
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.fetches++
		answer(w, jose.JSONWebKeySet{Keys: i.public})
	})
	return i
}

func (i *testIssuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *testIssuer) fetched() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// publish adds a key pair and returns the private one.
func (i *testIssuer) publish(k jose.JSONWebKey) jose.JSONWebKey {
	i.set(func() { i.public = append(i.public, k.Public()) })
	return k
}

func ecKey(t *testing.T, kid string) jose.JSONWebKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: k, KeyID: kid, Algorithm: "ES256", Use: "sig"}
}

func rsaKey(t *testing.T, kid string) jose.JSONWebKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: k, KeyID: kid}
}

func edKey(t *testing.T, kid string) jose.JSONWebKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: k, KeyID: kid}
}

// sign makes a JWT; an empty typ leaves the header out.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, typ string, claims map[string]any) string {
	t.Helper()
	o := &jose.SignerOptions{}
	if typ != "" {
		o = o.WithType(jose.ContentType(typ))
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(b)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// world is an authenticator with what surrounds it.
type world struct {
	issuer *testIssuer
	auth   *bearer.Authenticator
	people *people
	now    time.Time
	key    jose.JSONWebKey
}

func newWorld(t *testing.T, change func(*bearer.Config)) *world {
	t.Helper()
	w := &world{issuer: startIssuer(t), people: newPeople(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.key = w.issuer.publish(ecKey(t, "k1"))
	c := bearer.Config{Issuer: w.issuer.URL, Audience: []string{"kith"}, Now: func() time.Time { return w.now }}
	if change != nil {
		change(&c)
	}
	var err error
	if w.auth, err = bearer.New(c, w.people); err != nil {
		t.Fatal(err)
	}
	return w
}

// claims are those of a good access token, with changes; nil removes one.
func (w *world) claims(change map[string]any) map[string]any {
	c := map[string]any{
		"iss": w.issuer.URL, "aud": "kith", "sub": "s-1", "email": "Ada@Example.org", "email_verified": true,
		"exp": w.now.Add(time.Hour).Unix(), "iat": w.now.Unix(),
	}
	maps.Copy(c, change)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func (w *world) token(t *testing.T, change map[string]any) string {
	t.Helper()
	return sign(t, jose.ES256, w.key, "at+jwt", w.claims(change))
}

// people is the directory of the tests: ada has a login and an API token.
type people struct {
	logins map[string]string
	tokens map[string]apiToken
	gone   map[string]bool
	erased map[string]bool
}

type apiToken struct {
	person, hash string
	expires      time.Time
}

func newPeople() *people {
	return &people{
		logins: map[string]string{"ada@example.org": "p-ada", "s-1": "p-ada"},
		tokens: map[string]apiToken{}, gone: map[string]bool{}, erased: map[string]bool{},
	}
}

func (p *people) ByLogin(login string) (string, bool) { id, ok := p.logins[login]; return id, ok }
func (p *people) Active(person string) bool           { return !p.gone[person] && !p.erased[person] }
func (p *people) Erased(person string) bool           { return p.erased[person] }
func (p *people) Token(id string) (string, string, time.Time, bool) {
	t, ok := p.tokens[id]
	return t.person, t.hash, t.expires, ok
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}
