package notification

import (
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strings"
)

// Config is what a deployment says about the notification service.
type Config struct {
	Mail Mail `embed:"" prefix:"mail-"`
}

// Check notes what is wrong with the settings of mail that were given.
func (c Config) Check(wrong func(field, format string, args ...any)) {
	m := c.Mail
	if m.Host != "" && m.From == "" {
		wrong("mail-from", "mail needs an address that it comes from")
	}
	if m.Host != "" && m.BaseURL == "" {
		wrong("mail-base-url", "mail needs the address of Kith for its links")
	}
	if m.Port < 0 || m.Port > 65535 {
		wrong("mail-port", "must be within 1 to 65535")
	}
}

// complete sets defaults and returns what cannot work.
func (c *Config) complete() error {
	if c.Mail.Host == "" {
		return nil
	}
	return c.Mail.complete()
}

// Mail is the way out for mail. It is off while Host is empty.
type Mail struct {
	Host         string `help:"SMTP server; empty: no mail."`
	Port         int    `default:"587" help:"Port of the SMTP server."`
	From         string `help:"Address that mail comes from; its domain is that of message ids."`
	Username     string `help:"User at the SMTP server; empty: none."`
	PasswordFile string `type:"path" help:"File with the password."`
	TLS          string `default:"mandatory" enum:"mandatory,opportunistic,none" help:"Encryption of the connection."`
	BaseURL      string `name:"base-url" help:"Where people reach Kith, for links in mail."`
}

// Values of Mail.TLS.
const (
	TLSMandatory     = "mandatory"
	TLSOpportunistic = "opportunistic"
	TLSNone          = "none"
)

const defaultMailPort = 587

// complete sets defaults and returns what cannot work.
func (m *Mail) complete() error {
	if m.Port == 0 {
		m.Port = defaultMailPort
	}
	if m.TLS == "" {
		m.TLS = TLSMandatory
	}
	switch m.TLS {
	case TLSMandatory, TLSOpportunistic, TLSNone:
	default:
		return fmt.Errorf("mail: tls %q must be %s, %s or %s", m.TLS, TLSMandatory, TLSOpportunistic, TLSNone)
	}
	if m.Port < 1 || m.Port > 65535 {
		return fmt.Errorf("mail: port %d must be within 1 to 65535", m.Port)
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return fmt.Errorf("mail: from %q is no address", m.From)
	}
	u, err := url.Parse(m.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("mail: base_url %q must be where people reach Kith, as https://kith.example.org", m.BaseURL)
	}
	m.BaseURL = strings.TrimRight(m.BaseURL, "/")
	if m.PasswordFile != "" && m.Username == "" {
		return fmt.Errorf("mail: password_file is set, but username is not")
	}
	return nil
}

// password is the content of the password file without its last line break.
func (m Mail) password() (string, error) {
	if m.PasswordFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(m.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("mail: password: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// domain is that of the sender.
func (m Mail) domain() string {
	a, err := mail.ParseAddress(m.From)
	if err != nil {
		return ""
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}
