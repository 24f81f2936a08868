// Package devissuer is an OIDC issuer for development: it signs whoever it is
// asked to sign in, without a password. It exists so that the one path by which
// people are recognised, tokens of an issuer, is taken in development too.
//
// It answers requests from this machine only. Beside a real issuer it must not
// run; whoever wires it checks that.
package devissuer

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Config is what an Issuer needs to know.
type Config struct {
	BaseURL  string                                       // the issuer's URL, on loopback: "http://127.0.0.1:8080/dev"; required
	Audience string                                       // aud of access tokens; required
	Known    func(ctx context.Context, login string) bool // who may sign in; required
	People   Directory                                    // who is offered on the sign-in page; nil: nobody
	KeyPath  string                                       // where the signing key is kept; empty: a new one at every start
	Lifetime time.Duration                                // of access tokens; 0: 12 h
	Random   io.Reader                                    // of codes and token ids; nil: crypto/rand's Reader
	Now      func() time.Time                             // nil: time.Now
}

// Issuer is the issuer as an http.Handler for all paths below its base URL.
// It is safe for concurrent use.
type Issuer struct {
	cfg    Config
	path   string // of the base URL, without a final slash
	signer jose.Signer
	idSign jose.Signer
	keys   jose.JSONWebKeySet
	page   *template.Template // of signing in
	style  []byte
	words  map[string]words // by locale
	mux    *http.ServeMux

	mu    sync.Mutex
	codes map[string]grant // and refresh tokens
}

// Directory returns people that a query, a part of a name or a login, finds, at
// most limit. An empty query finds those to begin with.
type Directory func(ctx context.Context, query string, limit int) []Person

// Person is somebody who can be signed in.
type Person struct {
	Login string
	Name  string   // "" if nothing but the login is known
	Roles []string // administrator, auditor, coordinator, host …, to choose by
}

const maxForm = 64 << 10 // bytes

// New returns an issuer with a signing key. It refuses a base URL that is not
// on loopback.
func New(c Config) (*Issuer, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !loopback(u.Hostname()) {
		return nil, fmt.Errorf("devissuer: the base URL %q is not on this machine: its host must be 127.0.0.1, [::1] or localhost", c.BaseURL)
	}
	if c.Audience == "" || c.Known == nil {
		return nil, errors.New("devissuer: audience and known logins are required")
	}
	if c.People == nil {
		c.People = func(context.Context, string, int) []Person { return nil }
	}
	if c.Lifetime == 0 {
		c.Lifetime = 12 * time.Hour
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	i := &Issuer{cfg: c, path: strings.TrimSuffix(u.Path, "/"), mux: http.NewServeMux(), codes: map[string]grant{}}
	if err := i.load(); err != nil {
		return nil, err
	}
	if err := i.loadKey(); err != nil {
		return nil, err
	}
	i.mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	i.mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, i.keys) })
	i.mux.HandleFunc("POST /token", i.token)
	i.mux.HandleFunc("GET /authorize", i.showSignIn)
	i.mux.HandleFunc("POST /authorize", i.signIn)
	i.mux.HandleFunc("GET /style.css", i.sendStyle)
	i.mux.HandleFunc("GET /logout", i.signOut)
	i.mux.HandleFunc("POST /logout", i.signOut)
	return i, nil
}

// URL is the issuer's identifier, as tokens carry it.
func (i *Issuer) URL() string { return i.cfg.BaseURL }

// ServeHTTP answers requests that come from this machine, were addressed to it
// and did not pass a proxy, behind which everybody would look local. All others
// get 403.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !local(r) {
		answer(w, http.StatusForbidden, problem{"access_denied", "The development issuer serves this machine only."})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	http.StripPrefix(i.path, i.mux).ServeHTTP(w, r)
}

func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || net.ParseIP(host) == nil || !loopback(host) {
		return false
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	// A page elsewhere can point its own name to 127.0.0.1; its name stays in Host.
	name := (&url.URL{Host: r.Host}).Hostname()
	return loopback(name)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	base := strings.TrimSuffix(i.cfg.BaseURL, "/")
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                i.cfg.BaseURL,
		"authorization_endpoint":                base + "/authorize",
		"token_endpoint":                        base + "/token",
		"jwks_uri":                              base + "/jwks",
		"end_session_endpoint":                  base + "/logout",
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "password"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none"},
		"scopes_supported":                      []string{"openid", "email"},
		"claims_supported":                      []string{"sub", "email", "email_verified"},
		"ui_locales_supported":                  locales(),

		"authorization_response_iss_parameter_supported": true,
	})
}

// problem is an error as RFC 6749 has it.
type problem struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error means that the client has gone.
	_ = json.NewEncoder(w).Encode(v)
}
