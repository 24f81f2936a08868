package bearer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that occurs twice
	"github.com/go-jose/go-jose/v4/jwt"

	"kith/pkg/rest/principal"
)

const (
	leeway   = 30 * time.Second // for clocks that differ, on nbf and iat; exp has none
	maxLogin = 320              // bytes; the longest address
	expired  = "The token has expired. Sign in again."
)

// claims are those that decide. The claim that names the person is looked up
// in the map of all.
type claims struct {
	jwt.Claims
	Type     string `json:"typ"`
	Scope    any    `json:"scope"`
	Scopes   any    `json:"scp"`
	Nonce    any    `json:"nonce"`
	AtHash   any    `json:"at_hash"`
	CodeHash any    `json:"c_hash"`
	Verified any    `json:"email_verified"`
}

// verify checks everything that a token's validity depends on.
func (i *issuer) verify(ctx context.Context, token string) (principal.Principal, error) {
	jws, err := jose.ParseSignedCompact(token, i.algs)
	if _, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return principal.Principal{}, refused("The token is signed with an algorithm that is not accepted, or not at all.")
	}
	if err != nil || len(jws.Signatures) != 1 {
		return principal.Principal{}, refused("The token is neither an API token nor a signed JWT.")
	}
	keys, err := i.discover()
	if err != nil {
		return principal.Principal{}, err
	}
	payload, err := keys.verify(ctx, jws)
	if err != nil {
		return principal.Principal{}, err
	}
	var c claims
	var all map[string]any
	if json.Unmarshal(payload, &c) != nil || json.Unmarshal(payload, &all) != nil {
		return principal.Principal{}, refused("The token's claims are malformed.")
	}
	typ, _ := jws.Signatures[0].Protected.ExtraHeaders[jose.HeaderType].(string)
	for _, check := range []string{i.checkOrigin(c), i.checkTime(c), checkPurpose(typ, c)} {
		if check != "" {
			return principal.Principal{}, refused(check)
		}
	}
	login, problem := i.login(c, all)
	if problem != "" {
		return principal.Principal{}, refused(problem)
	}
	return principal.Principal{Login: login, Expires: c.Expiry.Time()}, nil
}

func (i *issuer) checkOrigin(c claims) string {
	if c.Issuer != i.url {
		return "The token comes from another issuer than the configured one."
	}
	if !slices.ContainsFunc(i.audience, c.Audience.Contains) {
		return "The token was made for another audience."
	}
	return ""
}

func (i *issuer) checkTime(c claims) string {
	now := i.now()
	switch {
	case c.Expiry == nil:
		return "The token has no time of expiry."
	case !now.Before(c.Expiry.Time()):
		return expired
	case c.NotBefore != nil && now.Add(leeway).Before(c.NotBefore.Time()):
		return "The token is not valid yet."
	case c.IssuedAt != nil && now.Add(leeway).Before(c.IssuedAt.Time()):
		return "The token was issued in the future. Check the clocks."
	}
	return ""
}

// checkPurpose refuses ID tokens, logout tokens and the like, which the same
// issuer signs with the same keys. An access token is one whose header says so
// (typ at+jwt, RFC 9068). Issuers that say only JWT, or nothing, are believed
// if the token has a scope and no mark of an ID token (nonce, at_hash, c_hash)
// or of another kind (a typ claim other than Bearer, as Keycloak writes it).
func checkPurpose(typ string, c claims) string {
	switch strings.TrimPrefix(strings.ToLower(typ), "application/") {
	case "at+jwt":
		return ""
	case "", "jwt":
		if (c.Scope != nil || c.Scopes != nil) && c.Nonce == nil && c.AtHash == nil && c.CodeHash == nil &&
			(c.Type == "" || strings.EqualFold(c.Type, "Bearer")) {
			return ""
		}
	}
	return "The token is not an access token. Send the access token, not the ID token."
}

// login is the value of the configured claim.
func (i *issuer) login(c claims, all map[string]any) (login, problem string) {
	login, _ = all[i.claim].(string)
	login = strings.TrimSpace(login)
	switch {
	case login == "":
		return "", "The token has no claim " + i.claim + ", which names the person here."
	case len(login) > maxLogin:
		return "", "The token's claim " + i.claim + " is too long."
	}
	if i.claim == "email" {
		// Some issuers write the boolean as a string.
		if c.Verified == false || c.Verified == "false" {
			return "", "The issuer has not verified the token's e-mail address."
		}
		login = strings.ToLower(login)
	}
	return login, ""
}
