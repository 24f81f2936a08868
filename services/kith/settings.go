// Package kith is the all-in-one: every service in one process with its own
// log, and the command line that speaks with it.
package kith

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kith/pkg/fault"
)

// Settings of a process: flags, environment variables KITH_*, and a YAML file,
// in falling order of precedence.
type Settings struct {
	Target []string `default:"all" help:"Services to run: all, or some of ${targets}."`
	Addr   string   `default:"127.0.0.1:8080" help:"Where to listen, host:port; port 0 takes any free one."`
	Data   string   `default:"data" type:"path" help:"Folder of the log, the keys and the audit's files."`
	Dev    bool     `help:"Development: a login without passwords, on loopback only."`
	Log    string   `default:"info" enum:"debug,info,warn,error" help:"Least level that is logged."`

	Sync      time.Duration `default:"0s" help:"How long an acknowledged event may stay off the disk. 0s: not at all; anything else can lose events in a power cut."`
	MasterKey string        `type:"path" help:"File with the key that wraps all others; created in the data folder if not given."`

	Administrators []string `help:"Logins of the administrators that the organisation begins with."`
	Auditors       []string `help:"Logins of the auditors; nobody else can become one."`

	NoThanks bool `help:"Switch thanks off, for organisations that want help without them."`

	OIDC OIDC `embed:"" prefix:"oidc-"`
	Mail Mail `embed:"" prefix:"mail-"`
}

// OIDC names the issuer whose access tokens are accepted.
type OIDC struct {
	Issuer   string   `help:"URL of the OpenID Connect issuer."`
	Audience []string `help:"A token must be made for one of these."`
	Claim    string   `default:"email" help:"Claim that names the person."`
}

// Mail is the way out for mail; off while Host is empty.
type Mail struct {
	Host         string `help:"SMTP server; empty: no mail."`
	Port         int    `default:"587" help:"Port of the SMTP server."`
	From         string `help:"Address that mail comes from."`
	Username     string `help:"User at the SMTP server; empty: none."`
	PasswordFile string `type:"path" help:"File with the password."`
	TLS          string `default:"mandatory" enum:"mandatory,opportunistic,none" help:"Encryption of the connection."`
	BaseURL      string `name:"base-url" help:"Where people reach Kith, for links in mail."`
}

// Check returns what is wrong with the settings as a whole, each with its
// field and the way out; nil if nothing is.
func (s Settings) Check() error {
	var bad []fault.Field
	wrong := func(field, format string, args ...any) {
		bad = append(bad, fault.Field{Field: field, Reason: fmt.Sprintf(format, args...)})
	}
	for _, t := range s.Target {
		if t != "all" && !slices.Contains(Targets(), t) {
			wrong("target", "%q is not a service; use all or some of %s", t, strings.Join(Targets(), ", "))
		}
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		wrong("addr", "%q is not host:port", s.Addr)
	}
	if s.Dev {
		if s.OIDC.Issuer != "" {
			wrong("dev", "the development issuer does not run beside oidc-issuer; drop one of them")
		}
		if err == nil && !loopback(host) {
			wrong("dev", "anybody could sign in as anybody: with dev the address must be on loopback, not %q", s.Addr)
		}
	} else if s.OIDC.Issuer == "" {
		wrong("oidc-issuer", "nobody can sign in: name the issuer, or use dev to try Kith out")
	} else if len(s.OIDC.Audience) == 0 {
		wrong("oidc-audience", "name the audience that the issuer makes tokens for")
	}
	if s.Sync < 0 {
		wrong("sync", "cannot be negative")
	}
	if s.Mail.Host != "" && s.Mail.From == "" {
		wrong("mail-from", "mail needs an address that it comes from")
	}
	if s.Mail.Host != "" && s.Mail.BaseURL == "" {
		wrong("mail-base-url", "mail needs the address of Kith for its links")
	}
	if s.Mail.Port < 1 || s.Mail.Port > 65535 {
		wrong("mail-port", "must be within 1 to 65535")
	}
	if len(bad) == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Invalid, Detail: "The configuration cannot be used.", Fields: bad}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// runs reports whether the process runs a service.
func (s Settings) runs(service string) bool {
	return slices.Contains(s.Target, "all") || slices.Contains(s.Target, service)
}

func (s Settings) masterKeyPath() string {
	if s.MasterKey != "" {
		return s.MasterKey
	}
	return filepath.Join(s.Data, "master.key")
}

// NewLog is a logger of the configured level on standard error.
func (s Settings) NewLog() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.Log)) // the flag's enum allows nothing else
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
