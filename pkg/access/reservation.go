package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"kith/pkg/es"
)

// Kinds of external keys that are tied to one person each.
const (
	KeyLogin       = "login"        // what the token's claim says, lower-cased
	KeyStaffNumber = "staff-number" // the organisation's own id of a person
)

// ReservationPurpose is what the deployment's secret of ReservationID is derived for.
const ReservationPurpose = "reservation"

// ReservationID names the reservation of an external key: an HMAC-SHA256
// under the deployment's secret, so that the log shows neither logins nor
// staff numbers and nobody without the secret can test a guess.
func ReservationID(secret []byte, kind, value string) string {
	if kind == KeyLogin {
		value = strings.ToLower(value)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(kind + ":" + value))
	return es.ID("reservation", hex.EncodeToString(mac.Sum(nil)))
}
