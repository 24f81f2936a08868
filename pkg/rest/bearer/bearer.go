// Package bearer tells who sends a request from its Authorization header:
// an access token of the organisation's OIDC issuer, or an API token of Kith.
//
// It decides who somebody is, never what they may do. That the person may act
// at all is asked anew on every request, whatever was remembered of the token.
package bearer

import (
	"context"
	"strings"
	"time"

	"kith/pkg/fault"
	"kith/pkg/rest/principal"
)

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 16 << 10

// People is what is known here about people and their API tokens. All methods
// MUST answer from memory and be safe for concurrent use.
type People interface {
	// ByLogin returns the person whose login it is. Addresses come in lower case.
	ByLogin(login string) (person string, ok bool)
	// Token returns an API token that was issued and not revoked: whose it is,
	// HashSecret of its secret, and when it ends (zero: never).
	Token(id string) (person, hash string, expires time.Time, ok bool)
	// Active reports whether the person may act: not deactivated, not erased.
	Active(person string) bool
	// Erased reports whether the person was erased, for good.
	Erased(person string) bool
}

// Authenticator turns headers into principals. It is safe for concurrent use.
type Authenticator struct {
	people People
	now    func() time.Time
	issuer *issuer // nil: API tokens only
}

// New returns an authenticator. It returns an error for settings that cannot be
// safe; it does not talk to the issuer yet, which may start later.
func New(c Config, people People) (*Authenticator, error) {
	a := &Authenticator{people: people, now: c.Now}
	if a.now == nil {
		a.now = time.Now
	}
	if c.Issuer == "" {
		return a, nil
	}
	var err error
	a.issuer, err = newIssuer(c, a.now)
	return a, err
}

// Authenticate returns the person who sends a request with this Authorization
// header. It is Identify, and Forbidden with the way out if the token is good
// but nobody here has its login.
func (a *Authenticator) Authenticate(ctx context.Context, header string) (principal.Principal, error) {
	p, err := a.Identify(ctx, header)
	if err == nil && p.Person == "" {
		err = fault.New(fault.Forbidden, "Your sign-in is valid, but nobody is known here by the login that it reports. Ask an administrator to add you to the organisation's people.")
	}
	if err != nil {
		return principal.Principal{}, err
	}
	return p, nil
}

// Identify returns who sends a request. The person is empty if nobody here has
// the login of a good token.
//
// It returns Unauthenticated if there is no good token, as that of a person who
// was erased, with the check that failed in words and never the token;
// Forbidden if the person is deactivated; Unavailable if the issuer's keys
// cannot be fetched, so that nobody is signed out by an outage.
func (a *Authenticator) Identify(ctx context.Context, header string) (principal.Principal, error) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	switch {
	case header == "":
		return principal.Principal{}, refused("There is no token. Send the header Authorization: Bearer with an access token or an API token.")
	case !strings.EqualFold(scheme, "Bearer") || token == "":
		return principal.Principal{}, refused("The Authorization header is not of the form Bearer, a space, and the token.")
	case len(token) > maxToken:
		return principal.Principal{}, refused("The token is longer than any that is accepted.")
	}
	var p principal.Principal
	var err error
	switch {
	case strings.HasPrefix(token, prefix):
		p, err = a.apiToken(token)
	case a.issuer == nil:
		err = refused("Only API tokens are accepted here, because no issuer is configured.")
	default:
		if p, err = a.issuer.signedIn(ctx, token); err == nil {
			p.Person, _ = a.people.ByLogin(p.Login)
		}
	}
	if err == nil {
		err = a.active(p)
	}
	if err != nil {
		return principal.Principal{}, err
	}
	return p, nil
}

// Still returns nil while p, who was authenticated earlier, may go on: the
// token has neither ended nor been revoked and the person is active. Live
// streams ask it again and again.
func (a *Authenticator) Still(p principal.Principal) error {
	if !p.Expires.IsZero() && !a.now().Before(p.Expires) {
		return refused("The token has expired. Sign in again.")
	}
	if p.TokenID != "" {
		if person, _, _, ok := a.people.Token(p.TokenID); !ok || person != p.Person {
			return refused(unknownToken)
		}
	}
	return a.active(p)
}

func (a *Authenticator) active(p principal.Principal) error {
	switch {
	case p.Person == "" || a.people.Active(p.Person):
		return nil
	case a.people.Erased(p.Person):
		return refused("This token is no longer valid: its person was erased.")
	}
	return fault.New(fault.Forbidden, "This person has been deactivated and can do nothing here until an administrator reactivates them.")
}

func refused(detail string) *fault.Error {
	return &fault.Error{Code: fault.Unauthenticated, Detail: detail}
}
