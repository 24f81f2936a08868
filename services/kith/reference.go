package kith

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5emb"

	"kith/pkg/host"
	"kith/pkg/natsmon"
)

//go:embed reference.html
var referencePage string

// addReference serves the state of the system and the API reference of all
// services, for people; at the root too if the process runs no portal.
func (p *Process) addReference() error {
	page, err := template.New("reference").Parse(referencePage)
	if err != nil {
		return err
	}
	e := p.App.Server.Echo
	type entry struct{ Name, Spec, Page string }
	var services []entry
	for _, m := range p.App.Modules {
		if len(m.Spec) == 0 {
			continue
		}
		s := entry{m.Name, host.ContractPath(m.Name), "/reference/" + m.Name + "/"}
		services = append(services, s)
		ui := echo.WrapHandler(v5emb.New("Kith "+m.Name, s.Spec, s.Page))
		e.GET(s.Page+"*", func(c echo.Context) error {
			// The maintained page brings inline scripts; it is the only one that may.
			c.Response().Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; "+
				"style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
			return ui(c)
		})
	}
	show := func(c echo.Context) error {
		last, err := p.App.Core.Events.Last(c.Request().Context())
		state := map[string]any{
			"Version": host.Version(), "Ready": p.App.Ready(), "Position": p.App.Core.Follower.Position(),
			"End": last, "LogReached": err == nil, "Sync": natsmon.OfOwn(p.settings.Sync).String(), "Dev": p.settings.Dev,
			"Services": services, "Administrators": p.settings.Membership.Administrators, "URL": p.URL(),
		}
		var b strings.Builder
		if err := page.Execute(&b, state); err != nil {
			return err
		}
		c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		return c.HTML(http.StatusOK, b.String())
	}
	e.GET("/reference/", show)
	e.GET("/reference", func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/reference/") })
	if !p.settings.runs("portal") {
		e.GET("/", show)
	}
	return nil
}
