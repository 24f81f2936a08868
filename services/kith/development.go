package kith

import (
	"context"
	"path/filepath"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/devissuer"
)

const (
	devPath    = "/dev"
	knowWithin = 5 * time.Second // the reading of what was appended before a sign-in
)

func (p *Process) devURL() string { return p.URL() + devPath }

// addDevelopment serves the issuer that signs anybody in who is known.
func (p *Process) addDevelopment() error {
	issuer, err := devissuer.New(devissuer.Config{
		BaseURL: p.devURL(), Audience: devAudience,
		Known:   p.knows,
		People:  p.people,
		KeyPath: filepath.Join(p.settings.Data, "dev-issuer.key"),
	})
	if err != nil {
		return err
	}
	p.App.Server.Echo.Any(devPath+"/*", echo.WrapHandler(issuer))
	return nil
}

// withPortal says where people reach the portal, unless the settings do: here.
func (p *Process) withPortal(s Settings) Settings {
	s.Portal.Portal.Development = s.Dev
	if s.Portal.Portal.URL == "" {
		s.Portal.Portal.URL = p.URL()
		if !s.Dev && s.runs("portal") {
			p.log.Warn("people can sign in at this address only: set portal-url to where they reach Kith", "address", p.URL())
		}
	}
	return s
}

// knows reports whether somebody active has login, also when the event that
// says so was appended just now.
func (p *Process) knows(ctx context.Context, login string) bool {
	known := func() bool { id, ok := p.host.People.ByLogin(login); return ok && p.host.People.Active(id) }
	if known() {
		return true
	}
	ctx, stop := context.WithTimeout(ctx, knowWithin)
	defer stop()
	return p.App.Core.Follower.Decisions().CatchUp(ctx) == nil && known()
}

// withDevDefaults gives development mode the people it begins with.
func (s Settings) withDevDefaults() Settings {
	if s.Dev && len(s.Membership.Administrators) == 0 {
		s.Membership.Administrators = []string{DevAdministrator}
	}
	if s.Dev && len(s.Membership.Auditors) == 0 {
		s.Membership.Auditors = []string{DevAuditor}
	}
	return s
}

// Logins that development mode begins with.
const (
	DevAdministrator = "admin@kith.example"
	DevAuditor       = "auditor@kith.example"
)
