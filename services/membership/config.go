package membership

import (
	"fmt"
	"strings"
)

// Config is what a deployment says about the membership service.
type Config struct {
	// Administrators and Auditors name people by what the issuer's claim says
	// of them. At every start they are made to exist and to have the role, and
	// who is named no longer loses it. Nobody else can make auditors.
	Administrators []string `help:"Logins of the administrators that the organisation begins with."`
	Auditors       []string `help:"Logins of the auditors; nobody else can become one."`
	// Key is what the issuer's claim holds: KindLogin (default; an address or
	// the issuer's own name of the person) or KindStaffNumber.
	Key string `kong:"-"`
	// Language is the language (BCP 47) of people of whom none is known; "en".
	Language string `kong:"-"`
}

// complete sets defaults and returns what cannot work.
func (c *Config) complete() error {
	if c.Key == "" {
		c.Key = KindLogin
	}
	if c.Key != KindLogin && c.Key != KindStaffNumber {
		return fmt.Errorf("key %q must be %s or %s", c.Key, KindLogin, KindStaffNumber)
	}
	if c.Language == "" {
		c.Language = "en"
	}
	if !validLanguage(c.Language) {
		return fmt.Errorf("language %q is no language tag such as en, de, da", c.Language)
	}
	for _, list := range [][]string{c.Administrators, c.Auditors} {
		for _, login := range list {
			if strings.TrimSpace(login) == "" || strings.TrimSpace(login) != login || len(login) > 254 {
				return fmt.Errorf("administrators and auditors must be 1 to 254 characters without spaces around them")
			}
		}
	}
	return nil
}
