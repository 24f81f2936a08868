package host

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"kith/pkg/fault"
	"kith/pkg/rest/bearer"
)

// Settings are what every process is told: flags, environment variables KITH_*,
// and a YAML file, in falling order of precedence.
type Settings struct {
	Addr string `default:"127.0.0.1:8080" help:"Where to listen, host:port; port 0 takes any free one."`
	Data string `default:"data" type:"path" help:"Folder for what is kept outside of the log."`
	Log  string `default:"info" enum:"debug,info,warn,error" help:"Least level that is logged."`

	MasterKey string `type:"path" help:"File with the key that wraps all others. The all-in-one makes one in the data folder if none is given."`

	OIDC   OIDC   `embed:"" prefix:"oidc-"`
	Traces Traces `embed:"" prefix:"otlp-"`
}

// OIDC names the issuer whose access tokens are accepted.
type OIDC struct {
	Issuer   string   `help:"URL of the OpenID Connect issuer."`
	Audience []string `help:"A token must be made for one of these."`
	Claim    string   `default:"email" help:"Claim that names the person."`
}

// Bearer is what tokens are judged by.
func (o OIDC) Bearer() bearer.Config {
	return bearer.Config{Issuer: o.Issuer, Audience: o.Audience, Claim: o.Claim}
}

// Wrong notes that a setting is wrong, and the way out.
type Wrong func(field, format string, args ...any)

// Check notes what is wrong with the settings.
func (s Settings) Check(wrong Wrong) {
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		wrong("addr", "%q is not host:port", s.Addr)
	}
	s.Traces.check(wrong)
}

// Check notes what is wrong with an issuer that people must be able to sign in at.
func (o OIDC) Check(wrong Wrong) {
	switch {
	case o.Issuer == "":
		wrong("oidc-issuer", "nobody can sign in: name the issuer")
	case len(o.Audience) == 0:
		wrong("oidc-audience", "name the audience that the issuer makes tokens for")
	}
}

// Checked returns every field that check finds wrong as one error; nil if
// nothing is.
func Checked(check func(Wrong)) error {
	var bad []fault.Field
	check(func(field, format string, args ...any) {
		bad = append(bad, fault.Field{Field: field, Reason: fmt.Sprintf(format, args...)})
	})
	if len(bad) == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Invalid, Detail: "The configuration cannot be used.", Fields: bad}
}

// NewLog is a logger of the configured level on standard error.
func (s Settings) NewLog() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.Log)) // the flag's enum allows nothing else
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// Now is the time as it is recorded.
func Now() time.Time { return time.Now().UTC() }
