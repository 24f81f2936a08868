package portal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kith/pkg/app"
)

// coreless is a process without anything.
func coreless() app.Core { return app.Core{Now: time.Now} }

func TestSettings(t *testing.T) {
	good := Portal{URL: "https://kith.example", Services: "http://{service}:8080"}
	for _, tc := range []struct {
		name   string
		change func(*Portal)
		wrong  string // field; "": fine
	}{
		{"good", func(*Portal) {}, ""},
		{"a final slash", func(p *Portal) { p.URL += "/" }, ""},
		{"no address", func(p *Portal) { p.URL = "" }, "portal-url"},
		{"no services", func(p *Portal) { p.Services = "" }, "portal-services"},
		{"one address for all services", func(p *Portal) { p.Services = "https://services.example" }, ""},
		{"services at a path", func(p *Portal) { p.Services = "http://x/{service}" }, "portal-services"},
		{"services at no address", func(p *Portal) { p.Services = "{service}:8080" }, "portal-services"},
		{"no TLS", func(p *Portal) { p.URL = "http://kith.example" }, "portal-url"},
		{"no TLS on this machine", func(p *Portal) { p.URL = "http://kith.localhost:8080" }, ""},
		{"a path", func(p *Portal) { p.URL = "https://example.org/kith" }, "portal-url"},
		{"a query", func(p *Portal) { p.URL = "https://example.org?x" }, "portal-url"},
		{"somebody", func(p *Portal) { p.URL = "https://a:b@example.org" }, "portal-url"},
		{"no address at all", func(p *Portal) { p.URL = "kith.example" }, "portal-url"},
		{"too long a life", func(p *Portal) { p.Lifetime = 200 * time.Hour }, "portal-lifetime"},
		{"no time to act", func(p *Portal) { p.Idle = time.Second }, "portal-idle"},
		{"a colour", func(p *Portal) { p.Accent = "#a8441f" }, ""},
		{"no colour", func(p *Portal) { p.Accent = "red;}" }, "portal-accent"},
		{"Sie", func(p *Portal) { p.German = "sie" }, ""},
		{"a German that there is not", func(p *Portal) { p.German = "ihr" }, "portal-german"},
		{"a long name", func(p *Portal) { p.Organisation = strings.Repeat("x", 201) }, "portal-organisation"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := good
			tc.change(&p)
			var wrong []string
			Config{p}.Check(func(field, format string, args ...any) {
				wrong = append(wrong, field+": "+fmt.Sprintf(format, args...))
			})
			if (len(wrong) == 0) != (tc.wrong == "") || len(wrong) > 0 && !strings.HasPrefix(wrong[0], tc.wrong+": ") {
				t.Errorf("wrong are %v, want %q", wrong, tc.wrong)
			}
		})
	}
}

func TestTheSecretIsReadEachTime(t *testing.T) {
	p := Portal{ClientSecretFile: filepath.Join(t.TempDir(), "secret")}
	if _, err := p.secret(); err == nil {
		t.Error("a missing file is no error")
	}
	for _, want := range []string{"one", "two"} {
		if err := os.WriteFile(p.ClientSecretFile, []byte(want+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := p.secret(); got != want || err != nil {
			t.Errorf("secret = %q, %v", got, err)
		}
	}
}

func TestCookiesByTLS(t *testing.T) {
	p := Portal{URL: "https://kith.example"}
	base, err := p.complete()
	if err != nil {
		t.Fatal(err)
	}
	s := &service{base: base}
	if s.sessionName() != "__Host-kith" || !strings.HasPrefix(s.loginName("abcdefghijklmnop"), "__Host-kith-login-") || !s.secure() {
		t.Errorf("cookies are %s and %s", s.sessionName(), s.loginName("abcdefghijklmnop"))
	}
}
