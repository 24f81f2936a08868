package portal

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"kith/pkg/sessions"
)

// Config is what a deployment says about the portal.
type Config struct {
	Portal Portal `embed:"" prefix:"portal-"`
}

// Portal are its settings.
type Portal struct {
	URL              string        `name:"url" help:"Where people reach Kith, as https://kith.example.org. The issuer must know URL/portal/callback as a redirect URI."`
	Services         string        `help:"Where the services are, for a portal in a process of its own: http://{service}:8080, with the name of the service in the place of {service}."`
	ClientID         string        `name:"client-id" default:"kith" help:"What the portal is called at the issuer."`
	ClientSecretFile string        `type:"path" help:"File with the portal's secret at the issuer; without one it is a public client."`
	Scopes           []string      `default:"openid,email" help:"What is asked of the issuer. Some give tokens for Kith, or refresh tokens, only if a scope says so."`
	Idle             time.Duration `default:"8h" help:"After this time without a request a session ends."`
	Lifetime         time.Duration `default:"24h" help:"After this time a session ends in any case; at most 168h."`
	Organisation     string        `default:"Kith" help:"Name of the organisation, as people read it."`
	Accent           string        `help:"The organisation's colour, as #A8441F."`
	German           string        `default:"du" help:"How German pages speak to people: du or sie."`

	// Development says that anybody signs in as anybody.
	Development bool `kong:"-"`
}

// serviceMark stands for the name of a service in Portal.Services.
const serviceMark = "{service}"

var accent = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// Check notes what is wrong with the settings of a portal in a process of its
// own, which must be given an address and the services'.
func (c Config) Check(wrong func(field, format string, args ...any)) {
	if c.Portal.URL == "" {
		wrong("portal-url", "name the address where people reach Kith")
	}
	if c.Portal.Services == "" {
		wrong("portal-services", "name where the services are, as http://%s:8080", serviceMark)
	}
	c.Portal.Check(wrong)
}

// Check notes what is wrong with the settings that were given.
func (p Portal) Check(wrong func(field, format string, args ...any)) {
	if p.URL != "" {
		if _, err := baseURL(p.URL); err != nil {
			wrong("portal-url", "%v", err)
		}
	}
	if p.Services != "" {
		if _, err := serviceURL(p.Services, "x"); err != nil {
			wrong("portal-services", "%v", err)
		}
	}
	if p.Idle < 0 || p.Idle > 0 && p.Idle < time.Minute {
		wrong("portal-idle", "must be a minute or more")
	}
	if p.Lifetime < 0 || p.Lifetime > sessions.MaxLife {
		wrong("portal-lifetime", "must be at most %s", sessions.MaxLife)
	}
	if p.Accent != "" && !accent.MatchString(p.Accent) {
		wrong("portal-accent", "%q is no colour of the form #A8441F", p.Accent)
	}
	if p.German != "" && p.German != "du" && p.German != "sie" {
		wrong("portal-german", "%q is neither du nor sie", p.German)
	}
	if len(p.Organisation) > 200 {
		wrong("portal-organisation", "must have at most 200 characters")
	}
}

// complete sets defaults and returns what cannot work.
func (p *Portal) complete() (base *url.URL, err error) {
	p.Check(func(field, format string, args ...any) {
		if err == nil {
			err = fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...))
		}
	})
	if err != nil {
		return nil, err
	}
	if p.ClientID == "" {
		p.ClientID = "kith"
	}
	if len(p.Scopes) == 0 {
		p.Scopes = []string{"openid", "email"}
	}
	if p.Idle == 0 {
		p.Idle = 8 * time.Hour
	}
	if p.Lifetime == 0 {
		p.Lifetime = 24 * time.Hour
	}
	if p.Organisation == "" {
		p.Organisation = "Kith"
	}
	if p.German == "" {
		p.German = "du"
	}
	return baseURL(p.URL)
}

// baseURL is an address without a path. Without TLS it must be on this machine:
// whoever listens on the way would have the session.
func baseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%q is no address of the form https://kith.example.org", s)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("%q must be scheme, host and port alone: the portal is at the root of its address", s)
	case u.Scheme == "http" && !local(u.Hostname()):
		return nil, fmt.Errorf("%q must begin with https://, so that nobody on the way takes a session over", s)
	}
	return u, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// serviceURL is where a service is.
func serviceURL(template, service string) (*url.URL, error) {
	u, err := url.Parse(strings.ReplaceAll(template, serviceMark, service))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no address of the form http://%s:8080", template, serviceMark)
	}
	return u, nil
}

// secret is the portal's at the issuer, read anew for each use, so that another
// one is taken without a restart; "" for a public client.
func (p Portal) secret() (string, error) {
	if p.ClientSecretFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(p.ClientSecretFile)
	if err != nil {
		return "", fmt.Errorf("portal: client secret: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
