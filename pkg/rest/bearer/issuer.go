package bearer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	lru "github.com/hashicorp/golang-lru/v2"

	"kith/pkg/fault"
	"kith/pkg/rest/principal"
)

// Config says whose access tokens are accepted.
type Config struct {
	Issuer     string           // URL of the OIDC issuer, as in iss; empty: API tokens only
	Audience   []string         // a token's aud must name one of them; required with an issuer
	Claim      string           // claim that names the person; empty: email
	Algorithms []string         // signatures accepted; empty: RS256, ES256, EdDSA. Never none or HS*
	Remembered int              // tokens whose verification is remembered until they end; 0: 16384
	Client     *http.Client     // for the issuer; nil: one with a timeout of 10 s
	Now        func() time.Time // nil: time.Now
}

const (
	defaultRemembered = 16384
	fetchTimeout      = 10 * time.Second
	retryAfter        = time.Second // between attempts to reach an issuer that is down
)

// issuer verifies access tokens of one OIDC issuer, which it discovers when the
// first token arrives.
type issuer struct {
	url      string
	audience []string
	claim    string
	algs     []jose.SignatureAlgorithm
	client   *http.Client
	now      func() time.Time
	verified *lru.Cache[[sha256.Size]byte, principal.Principal]

	mu     sync.Mutex // held while discovering: everybody waits for the same answer
	keys   *keySet    // nil until discovered
	failed time.Time
	err    error
}

func newIssuer(c Config, now func() time.Time) (*issuer, error) {
	if u, err := url.Parse(c.Issuer); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("bearer: the issuer %q is no http or https URL", c.Issuer)
	}
	if len(c.Audience) == 0 || slices.Contains(c.Audience, "") {
		return nil, errors.New("bearer: an issuer needs an audience: without one, tokens made for other services would be accepted")
	}
	i := &issuer{url: c.Issuer, audience: slices.Clone(c.Audience), claim: c.Claim, client: c.Client, now: now}
	if i.claim == "" {
		i.claim = "email"
	}
	if i.client == nil {
		i.client = &http.Client{Timeout: fetchTimeout}
	}
	names := c.Algorithms
	if len(names) == 0 {
		names = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}
	}
	asymmetric := []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
	for _, n := range names {
		if !slices.Contains(asymmetric, n) {
			return nil, fmt.Errorf("bearer: %q is no asymmetric signature algorithm; accepted are %v", n, asymmetric)
		}
		i.algs = append(i.algs, jose.SignatureAlgorithm(n))
	}
	size := c.Remembered
	if size <= 0 {
		size = defaultRemembered
	}
	var err error
	i.verified, err = lru.New[[sha256.Size]byte, principal.Principal](size)
	return i, err
}

// signedIn returns whom the access token speaks for; the person is left empty.
func (i *issuer) signedIn(ctx context.Context, token string) (principal.Principal, error) {
	sum := sha256.Sum256([]byte(token))
	if p, ok := i.verified.Get(sum); ok {
		if !i.now().Before(p.Expires) {
			i.verified.Remove(sum)
			return principal.Principal{}, refused(expired)
		}
		return p, nil
	}
	p, err := i.verify(ctx, token)
	if err == nil {
		i.verified.Add(sum, p)
	}
	return p, err
}

// discover returns the issuer's keys; an issuer that is down is asked again
// after retryAfter.
func (i *issuer) discover() (*keySet, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keys != nil {
		return i.keys, nil
	}
	if i.err != nil && i.now().Sub(i.failed) < retryAfter {
		return nil, i.err
	}
	// Not the request's context: whoever hangs up must not fail the others.
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	var doc struct {
		Keys string `json:"jwks_uri"`
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, i.client), i.url)
	if err == nil {
		err = p.Claims(&doc)
	}
	if err == nil && doc.Keys == "" {
		err = errors.New("the discovery document names no jwks_uri")
	}
	if err != nil {
		i.failed, i.err = i.now(), down(fmt.Errorf("bearer: discover %s: %w", i.url, err))
		return nil, i.err
	}
	i.keys, i.err = newKeySet(doc.Keys, i.client, i.now), nil
	return i.keys, nil
}

func down(err error) error {
	return &fault.Error{
		Code:   fault.Unavailable,
		Detail: "The issuer of access tokens cannot be reached, so the token cannot be checked. Try again shortly.",
		Err:    err,
	}
}
