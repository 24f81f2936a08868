package kith

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

//go:embed reference.html
var referencePage string

// addReference serves the state of the system and the API reference of all
// services at the root, for people; /openapi/<service>.json for programs.
func (p *Process) addReference() error {
	page, err := template.New("reference").Parse(referencePage)
	if err != nil {
		return err
	}
	e := p.App.Server.Echo
	type entry struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	}
	var specs []entry
	for _, m := range p.App.Modules {
		if len(m.Spec) == 0 {
			continue
		}
		spec := m.Spec
		specs = append(specs, entry{"/openapi/" + m.Name + ".json", m.Name})
		e.GET("/openapi/"+m.Name+".json", func(c echo.Context) error { return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, spec) })
	}
	urls, err := json.Marshal(specs)
	if err != nil {
		return err
	}
	ui := v5emb.NewHandlerWithConfig(swgui.Config{
		Title: "Kith API", SwaggerJSON: specs[0].URL, BasePath: "/reference/",
		SettingsUI: map[string]string{"urls": string(urls), "url": "undefined", "layout": `"StandaloneLayout"`},
	})
	e.GET("/reference/*", echo.WrapHandler(ui))
	e.GET("/", func(c echo.Context) error {
		last, err := p.App.Core.Events.Last(c.Request().Context())
		state := map[string]any{
			"Version": Version(), "Ready": p.App.Ready(), "Position": p.App.Core.Follower.Position(),
			"End": last, "LogReached": err == nil, "Sync": syncText(p.settings.Sync), "Dev": p.settings.Dev,
			"Services": specs, "Administrators": p.settings.Administrators, "URL": p.URL(),
		}
		var b strings.Builder
		if err := page.Execute(&b, state); err != nil {
			return err
		}
		return c.HTML(http.StatusOK, b.String())
	})
	return nil
}
