package kith

import (
	"path/filepath"

	"github.com/labstack/echo/v4"

	"kith/pkg/devissuer"
)

const devPath = "/dev"

func (p *Process) devURL() string { return p.URL() + devPath }

// addDevelopment serves the issuer that signs anybody in who is known.
func (p *Process) addDevelopment() error {
	known := p.host.People
	issuer, err := devissuer.New(devissuer.Config{
		BaseURL: p.devURL(), Audience: devAudience,
		Known:   func(login string) bool { id, ok := known.ByLogin(login); return ok && known.Active(id) },
		Logins:  func() []string { return p.settings.Membership.Administrators },
		KeyPath: filepath.Join(p.settings.Data, "dev-issuer.key"),
	})
	if err != nil {
		return err
	}
	p.App.Server.Echo.Any(devPath+"/*", echo.WrapHandler(issuer))
	return nil
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
