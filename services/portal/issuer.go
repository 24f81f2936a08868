package portal

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kith/pkg/fault"
)

// issuer is the organisation's OIDC issuer as its client sees it. It is
// discovered when the first person signs in, for it may start later.
type issuer struct {
	url      string
	redirect string
	cfg      Portal
	now      func() time.Time
	client   *http.Client

	mu     sync.Mutex // held while discovering: everybody waits for the same answer
	known  *discovered
	failed time.Time
	err    error
}

type discovered struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	style    oauth2.AuthStyle // of a client with a secret
	end      string           // where the issuer's own session is ended, "" if nowhere
}

const (
	issuerTimeout = 10 * time.Second
	retryIssuer   = time.Second // between attempts to reach an issuer that is down
)

// algorithms of ID tokens' signatures; never none or HS*.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

func newIssuer(address, redirect string, cfg Portal, now func() time.Time) (*issuer, error) {
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		return nil, fmt.Errorf("portal: the issuer %q is no URL", address)
	}
	return &issuer{url: address, redirect: redirect, cfg: cfg, now: now, client: &http.Client{Timeout: issuerTimeout}}, nil
}

// discover returns the issuer's addresses and keys.
func (i *issuer) discover() (*discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known != nil {
		return i.known, nil
	}
	if i.err != nil && i.now().Sub(i.failed) < retryIssuer {
		return nil, i.err
	}
	d, err := i.ask()
	if err != nil {
		i.failed, i.err = i.now(), issuerDown(fmt.Errorf("portal: discover %s: %w", i.url, err))
		return nil, i.err
	}
	i.known, i.err = d, nil
	return d, nil
}

func (i *issuer) ask() (*discovered, error) {
	// Not a request's context: whoever hangs up must not fail the others, and
	// the keys are fetched with it later.
	ctx := oidc.ClientContext(context.Background(), i.client)
	p, err := oidc.NewProvider(ctx, i.url)
	if err != nil {
		return nil, err
	}
	var doc struct {
		End  string   `json:"end_session_endpoint"`
		Auth []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := p.Claims(&doc); err != nil {
		return nil, err
	}
	d := &discovered{provider: p, end: doc.End, style: oauth2.AuthStyleInHeader,
		verifier: p.Verifier(&oidc.Config{ClientID: i.cfg.ClientID, SupportedSigningAlgs: algorithms, Now: i.now})}
	if len(doc.Auth) > 0 && !slices.Contains(doc.Auth, "client_secret_basic") {
		d.style = oauth2.AuthStyleInParams
	}
	return d, nil
}

// client of the issuer, with the secret as it is now.
func (i *issuer) oauth(d *discovered) (*oauth2.Config, error) {
	secret, err := i.cfg.secret()
	if err != nil {
		return nil, err
	}
	c := &oauth2.Config{ClientID: i.cfg.ClientID, ClientSecret: secret, Endpoint: d.provider.Endpoint(), RedirectURL: i.redirect, Scopes: i.cfg.Scopes}
	c.Endpoint.AuthStyle = d.style
	if secret == "" {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return c, nil
}

// authURL is where a browser is sent to sign in.
func (i *issuer) authURL(p pending, locale string) (string, error) {
	d, err := i.discover()
	if err != nil {
		return "", err
	}
	c, err := i.oauth(d)
	if err != nil {
		return "", err
	}
	return c.AuthCodeURL(p.State, oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier), oauth2.SetAuthURLParam("ui_locales", locale)), nil
}

// granted is what the issuer gave.
type granted struct{ access, refresh, id string }

// redeem fetches the tokens of a code, for the browser that p is about.
func (i *issuer) redeem(ctx context.Context, p pending, code string) (granted, error) {
	d, err := i.discover()
	if err != nil {
		return granted{}, err
	}
	c, err := i.oauth(d)
	if err != nil {
		return granted{}, err
	}
	ctx = oidc.ClientContext(ctx, i.client)
	t, err := c.Exchange(ctx, code, oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return granted{}, tokenFault(err)
	}
	raw, _ := t.Extra("id_token").(string)
	if raw == "" {
		return granted{}, errors.New("portal: the issuer gave no ID token: is openid among the scopes?")
	}
	id, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return granted{}, fmt.Errorf("portal: the ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(p.Nonce)) != 1 {
		return granted{}, errors.New("portal: the ID token was made for another sign-in")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(t.AccessToken); err != nil {
			return granted{}, fmt.Errorf("portal: the ID token: %w", err)
		}
	}
	return granted{t.AccessToken, t.RefreshToken, raw}, nil
}

// renew fetches new tokens. Returns Unauthenticated if the issuer does not let
// the person go on, Unavailable if it cannot be asked.
func (i *issuer) renew(ctx context.Context, refresh string) (granted, error) {
	d, err := i.discover()
	if err != nil {
		return granted{}, err
	}
	c, err := i.oauth(d)
	if err != nil {
		return granted{}, err
	}
	t, err := c.TokenSource(oidc.ClientContext(ctx, i.client), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return granted{}, tokenFault(err)
	}
	id, _ := t.Extra("id_token").(string)
	return granted{t.AccessToken, t.RefreshToken, id}, nil
}

// maxHint is the longest ID token that is put into an address, in bytes.
const maxHint = 4000

// endURL is where the issuer ends its own session of the person, and sends the
// browser back from; back itself if it has no such place or cannot be asked.
func (i *issuer) endURL(hint, back string) string {
	d, err := i.discover()
	if err != nil || d.end == "" {
		return back
	}
	u, err := url.Parse(d.end)
	if err != nil {
		return back
	}
	q := u.Query()
	q.Set("client_id", i.cfg.ClientID)
	q.Set("post_logout_redirect_uri", back)
	if hint != "" && len(hint) <= maxHint {
		q.Set("id_token_hint", hint)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// tokenFault tells a refusal by the issuer from one that it could not give. The
// answer may quote a token, so of it the code alone is kept.
func tokenFault(err error) error {
	r, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return issuerDown(fmt.Errorf("portal: fetch tokens: %w", err))
	}
	status := 0
	if r.Response != nil {
		status = r.Response.StatusCode
	}
	why := fmt.Errorf("portal: the issuer answered %d %.64q", status, r.ErrorCode)
	if r.ErrorCode == "invalid_grant" {
		return &fault.Error{Code: fault.Unauthenticated, Detail: "The issuer does not let this sign-in go on. Sign in again.", Err: why}
	}
	return issuerDown(why)
}

func issuerDown(err error) error {
	return &fault.Error{Code: fault.Unavailable, Detail: "The issuer, at which people sign in, cannot be reached or does not answer as it should. Try again shortly.", Err: err}
}
