package bearer

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"kith/pkg/rest/principal"
)

// prefix starts every API token, so that scanners for leaked secrets find it.
const prefix = "kith_"

const unknownToken = "The API token is unknown, or it was revoked."

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewToken makes an API token from 48 bytes of random: its id (26 characters),
// its secret (256 bits) and the hash that is stored in place of the secret.
// The person is shown TokenText(id, secret), once.
func NewToken(random io.Reader) (id, secret, hash string, err error) {
	var b [48]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", "", "", fmt.Errorf("bearer: make a token: %w", err)
	}
	secret = base64.RawURLEncoding.EncodeToString(b[16:])
	return idEncoding.EncodeToString(b[:16]), secret, HashSecret(secret), nil
}

// TokenText is the token as its person uses it: kith_<id>_<secret>. The id MUST
// NOT hold an underscore.
func TokenText(id, secret string) string { return prefix + id + "_" + secret }

// HashSecret is the SHA-256 of a token's secret in hex. A secret has 256 bits of
// entropy, so it needs neither salt nor a slow hash.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (a *Authenticator) apiToken(token string) (principal.Principal, error) {
	id, secret, _ := strings.Cut(strings.TrimPrefix(token, prefix), "_")
	if id == "" || secret == "" {
		return principal.Principal{}, refused("The API token is incomplete: it has the form kith_id_secret.")
	}
	person, hash, expires, ok := a.people.Token(id)
	// A wrong secret and an unknown id read the same, so that ids cannot be probed.
	if !ok || person == "" || subtle.ConstantTimeCompare([]byte(HashSecret(secret)), []byte(hash)) != 1 {
		return principal.Principal{}, refused(unknownToken)
	}
	if !expires.IsZero() && !a.now().Before(expires) {
		return principal.Principal{}, refused("The API token has expired. Make a new one.")
	}
	return principal.Principal{Person: person, TokenID: id, Expires: expires}, nil
}
