package devissuer

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// tokens is the answer of the token endpoint (RFC 6749, 5.1).
type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"` // seconds
	Scope   string `json:"scope"`
	ID      string `json:"id_token,omitempty"`
	Refresh string `json:"refresh_token,omitempty"`
}

// token exchanges a login (grant password; there are no passwords) or a code
// for an access token.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, problem{"invalid_request", "The form cannot be read."})
		return
	}
	var out tokens
	var refusal problem
	var err error
	switch r.PostForm.Get("grant_type") {
	case "password":
		login := strings.TrimSpace(r.PostForm.Get("username"))
		if !i.may(r.Context(), login) {
			refusal = problem{"invalid_grant", unknownLogin}
			break
		}
		out, err = i.issue(grant{login: login})
	case "authorization_code":
		g, ok := i.redeem(r.PostForm.Get("code"))
		if !ok || g.refresh || !g.fits(r) {
			refusal = problem{"invalid_grant", "The code is unknown, used, expired, or was made for another client, redirect_uri or code_verifier."}
			break
		}
		out, err = i.issue(g)
	case "refresh_token":
		g, ok := i.redeem(r.PostForm.Get("refresh_token"))
		if !ok || !g.refresh || g.client != r.PostForm.Get("client_id") || !i.may(r.Context(), g.login) {
			refusal = problem{"invalid_grant", "The refresh token is unknown, used, expired, of another client, or its person may not sign in any more."}
			break
		}
		out, err = i.issue(g)
	default:
		refusal = problem{"unsupported_grant_type", "grant_type is password, authorization_code or refresh_token."}
	}
	switch {
	case err != nil:
		answer(w, http.StatusInternalServerError, problem{"server_error", "The token could not be signed."})
	case refusal.Error != "":
		answer(w, http.StatusBadRequest, refusal)
	default:
		answer(w, http.StatusOK, out)
	}
}

// refreshLife is how long a sign-in goes on. A refresh token is good once.
const refreshLife = 24 * time.Hour

const unknownLogin = "Nobody has this login. Use one of an imported person, or of the demo."

func (i *Issuer) may(ctx context.Context, login string) bool {
	return login != "" && i.cfg.Known(ctx, login)
}

// issue signs an access token for g's login, and an ID token where a client
// asked for one.
func (i *Issuer) issue(g grant) (tokens, error) {
	jti, err := i.randomID()
	if err != nil {
		return tokens{}, err
	}
	now := i.cfg.Now()
	c := map[string]any{
		"iss": i.cfg.BaseURL, "sub": g.login, "email": g.login, "email_verified": true,
		"iat": jwt.NewNumericDate(now), "exp": jwt.NewNumericDate(now.Add(i.cfg.Lifetime)),
	}
	sign := func(s jose.Signer, more map[string]any) (string, error) {
		return jwt.Signed(s).Claims(c).Claims(more).Serialize()
	}
	out := tokens{Type: "Bearer", Expires: int(i.cfg.Lifetime.Seconds()), Scope: "openid email"}
	if out.Access, err = sign(i.signer, map[string]any{"aud": i.cfg.Audience, "jti": jti, "scope": out.Scope, "client_id": g.client}); err != nil {
		return tokens{}, fmt.Errorf("devissuer: sign: %w", err)
	}
	if g.openID {
		id := map[string]any{"aud": g.client}
		if g.nonce != "" {
			id["nonce"] = g.nonce
		}
		if out.ID, err = sign(i.idSign, id); err != nil {
			return tokens{}, fmt.Errorf("devissuer: sign: %w", err)
		}
	}
	if g.client != "" {
		g.refresh, g.nonce = true, "" // an ID token that is renewed has none (OpenID Connect Core, 12.2)
		if out.Refresh, err = i.remember(g, refreshLife); err != nil {
			return tokens{}, err
		}
	}
	return out, nil
}

// fits reports whether the request may redeem g: same client and redirect_uri,
// and the verifier behind the challenge (RFC 7636, S256).
func (g grant) fits(r *http.Request) bool {
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	return g.client == r.PostForm.Get("client_id") && g.redirect == r.PostForm.Get("redirect_uri") &&
		subtle.ConstantTimeCompare([]byte(challenge), []byte(g.challenge)) == 1
}

func (i *Issuer) randomID() (string, error) {
	var b [16]byte
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, err := io.ReadFull(i.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("devissuer: read randomness: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}
