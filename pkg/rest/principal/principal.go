// Package principal says on whose behalf a request is made.
package principal

import "time"

// Principal is the person behind an authenticated request.
type Principal struct {
	Person  string    // person id, as in the log; never empty after authentication
	Login   string    // subject at the issuer; personal: neither logged nor stored
	TokenID string    // id of the API token, empty for a token of the issuer
	Expires time.Time // end of the token; zero: it does not expire
}
