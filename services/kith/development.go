package kith

import (
	"path/filepath"

	"github.com/labstack/echo/v4"

	"kith/pkg/devissuer"
	"kith/pkg/vault"
)

const devPath = "/dev"

func (p *Process) devURL() string { return p.URL() + devPath }

// addDevelopment serves the issuer that signs anybody in who is known.
func (p *Process) addDevelopment(master *vault.Master) error {
	known := p.people(p.App.Core.Access, master)
	issuer, err := devissuer.New(devissuer.Config{
		BaseURL: p.devURL(), Audience: devAudience,
		Known:   func(login string) bool { id, ok := known.ByLogin(login); return ok && known.Active(id) },
		Logins:  func() []string { return p.settings.Administrators },
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
	if s.Dev && len(s.Administrators) == 0 {
		s.Administrators = []string{DevAdministrator}
	}
	if s.Dev && len(s.Auditors) == 0 {
		s.Auditors = []string{DevAuditor}
	}
	return s
}

// Logins that development mode begins with.
const (
	DevAdministrator = "admin@kith.example"
	DevAuditor       = "auditor@kith.example"
)
