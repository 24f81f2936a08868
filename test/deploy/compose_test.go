// Package deploy_test holds docker-compose.yml and the files that it mounts to
// what they promise, without an engine.
package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestCompose(t *testing.T) {
	p := project(t)

	t.Run("every_service_of_the_product_runs", func(t *testing.T) {
		for _, name := range kith {
			s, ok := p.Services[name]
			if !ok {
				t.Errorf("there is no service %s", name)
				continue
			}
			if got, want := s.Image, "kith-"+name+":"+p.Environment["KITH_TAG"]; got != want {
				t.Errorf("%s runs the image %s, not %s", name, got, want)
			}
			if s.Build == nil || s.Build.Args["PROGRAM"] == nil || *s.Build.Args["PROGRAM"] != "kith-"+name {
				t.Errorf("%s is built from another program", name)
			}
		}
	})

	t.Run("images_are_pinned", func(t *testing.T) {
		pinned := regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.]+)?$`)
		for _, s := range p.Services {
			if !pinned.MatchString(s.Image) {
				t.Errorf("%s: %q names no version", s.Name, s.Image)
			}
		}
	})

	t.Run("containers_are_hardened", func(t *testing.T) {
		// Why a rule does not hold for somebody stands in docker-compose.yml.
		writable := []string{"login"}
		capabilities := map[string][]string{"proxy": {"NET_BIND_SERVICE"}}
		for _, s := range p.Services {
			if s.ReadOnly == slices.Contains(writable, s.Name) {
				t.Errorf("%s: read_only is %v", s.Name, s.ReadOnly)
			}
			if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.CapAdd, capabilities[s.Name]) {
				t.Errorf("%s drops %v and adds %v", s.Name, s.CapDrop, s.CapAdd)
			}
			if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
				t.Errorf("%s may gain privileges", s.Name)
			}
			if s.Privileged || s.Pid != "" || s.Ipc != "" || s.NetworkMode == "host" {
				t.Errorf("%s shares something with the host", s.Name)
			}
			if strings.HasPrefix(s.Image, "kith") && s.User != "65532:65532" {
				t.Errorf("%s runs as %q", s.Name, s.User)
			}
		}
	})

	t.Run("everything_comes_back_after_a_restart", func(t *testing.T) {
		for _, s := range p.Services {
			once := s.Name == "keys" || s.Name == "streams"
			if want := map[bool]string{false: "unless-stopped", true: "no"}[once]; s.Restart != want {
				t.Errorf("%s: restart is %q, not %q", s.Name, s.Restart, want)
			}
		}
	})

	t.Run("nothing_starts_before_what_it_needs", func(t *testing.T) {
		needs := map[string]map[string]string{
			"nats":    {"keys": types.ServiceConditionCompletedSuccessfully},
			"streams": {"nats": types.ServiceConditionHealthy},
		}
		for _, name := range kith {
			needs[name] = map[string]string{"streams": types.ServiceConditionCompletedSuccessfully,
				"nats": types.ServiceConditionHealthy, "mongo": types.ServiceConditionHealthy}
		}
		for name, on := range needs {
			got := map[string]string{}
			for other, d := range p.Services[name].DependsOn {
				got[other] = d.Condition
				if d.Condition == types.ServiceConditionHealthy && p.Services[other].HealthCheck == nil {
					t.Errorf("%s waits for the health of %s, which nobody checks", name, other)
				}
			}
			if !maps.Equal(got, on) {
				t.Errorf("%s waits for %v, not %v", name, got, on)
			}
		}
	})

	t.Run("only_the_proxy_is_reached_from_outside", func(t *testing.T) {
		for _, s := range p.Services {
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" { // what KITH_BIND is by default
					t.Errorf("%s listens on %q:%s", s.Name, port.HostIP, port.Published)
				}
			}
			_, web := s.Networks["web"]
			if _, store := s.Networks["store"]; store && len(s.Ports) > 0 {
				t.Errorf("%s is in the network of the log and has a port outside", s.Name)
			} else if store && web && !slices.Contains(kith, s.Name) {
				t.Errorf("%s joins the networks", s.Name)
			}
		}
		if !p.Networks["store"].Internal {
			t.Error("the network of the log leads outside")
		}
	})
}

func TestSecrets(t *testing.T) {
	p := project(t)
	secret := regexp.MustCompile(`(?i)password|passwd|secret|token|credential|private`)
	for _, s := range p.Services {
		for name, value := range s.Environment {
			if value != nil && (secret.MatchString(name) && *value != canary || strings.Contains(*value, "@") && strings.Contains(*value, "://")) {
				t.Errorf("%s: the variable %s holds a secret", s.Name, name)
			}
		}
		if strings.Contains(strings.Join(s.Command, " "), canary) {
			t.Errorf("%s: the command shows a secret", s.Name)
		}
	}
	for name, s := range p.Secrets {
		if s.File == "" {
			t.Errorf("the secret %s is no file", name)
		}
	}
	for _, name := range kith {
		s := p.Services[name]
		if len(s.Secrets) != 1 || *s.Environment["KITH_MASTER_KEY"] != "/run/secrets/"+s.Secrets[0].Source {
			t.Errorf("%s has another master key than it is told", name)
		}
		seeds := slices.DeleteFunc(slices.Clone(s.Volumes), func(v types.ServiceVolumeConfig) bool { return v.Source != "provision" })
		if len(seeds) != 1 || !seeds[0].ReadOnly || seeds[0].Volume == nil ||
			seeds[0].Volume.Subpath != "keys/"+name+".nk" || seeds[0].Target != *s.Environment["KITH_NATS_SEED"] {
			t.Errorf("%s must see its own key for the log, and no other: %+v", name, seeds)
		}
	}
}

// What is mounted must be there, and the variables that it reads must be given.
func TestFiles(t *testing.T) {
	p := project(t)
	for name, c := range p.Configs {
		if _, err := os.Stat(c.File); err != nil {
			t.Errorf("config %s: %v", name, err)
		}
	}
	for service, file := range map[string]string{"proxy": "deploy/docker/Caddyfile", "login": "deploy/docker/realm.json"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{?\$\{?(KITH_[A-Z_]+)\}`).FindAllSubmatch(text, -1) {
			if p.Services[service].Environment[string(m[1])] == nil {
				t.Errorf("%s reads %s, which %s is not given", file, m[1], service)
			}
		}
	}
	for _, name := range kith {
		text, _ := os.ReadFile(filepath.Join(root, "deploy/docker/Caddyfile"))
		way := "import service " + name + "\n"
		if name == "portal" { // whatever is nobody else's
			way = "\thandle {\n\t\timport to portal\n"
		}
		if !strings.Contains(string(text), way) {
			t.Errorf("the proxy does not lead to %s", name)
		}
	}
}

// The sign-in of the trial must make the tokens that the services accept, and
// have no password of its own.
func TestLogin(t *testing.T) {
	p := project(t)
	text, err := os.ReadFile(p.Configs["realm"].File)
	if err != nil {
		t.Fatal(err)
	}
	var realm struct {
		Realm   string
		Clients []struct {
			ID        string                               `json:"clientId"`
			Redirects []string                             `json:"redirectUris"`
			Mappers   []struct{ Config map[string]string } `json:"protocolMappers"`
		}
		Users []struct {
			Email       string
			Verified    bool `json:"emailVerified"`
			Credentials []struct{ Value string }
		}
	}
	if err := json.Unmarshal(text, &realm); err != nil {
		t.Fatal(err)
	}
	settings := p.Services["membership"].Environment
	portal := p.Services["portal"].Environment
	if want := *p.Services["login"].Environment["KC_HOSTNAME"] + "/realms/" + realm.Realm; *settings["KITH_OIDC_ISSUER"] != want {
		t.Errorf("the services trust %s, not %s", *settings["KITH_OIDC_ISSUER"], want)
	}
	for _, c := range realm.Clients {
		if c.ID != *portal["KITH_PORTAL_CLIENT_ID"] || !slices.Contains(c.Redirects, "${KITH_URL}/*") || *portal["KITH_PORTAL_URL"] != p.Environment["KITH_URL"] {
			t.Errorf("the portal is %s at %s, and the issuer knows %s at %v", *portal["KITH_PORTAL_CLIENT_ID"], *portal["KITH_PORTAL_URL"], c.ID, c.Redirects)
		}
		if len(c.Mappers) != 1 || c.Mappers[0].Config["included.custom.audience"] != *settings["KITH_OIDC_AUDIENCE"] {
			t.Errorf("tokens are made for %v", c.Mappers)
		}
	}
	var emails []string
	for _, u := range realm.Users {
		emails = append(emails, u.Email)
		if !u.Verified || len(u.Credentials) != 1 || u.Credentials[0].Value != "${KITH_TRY_PASSWORD}" {
			t.Errorf("%s cannot sign in as intended", u.Email)
		}
	}
	for _, role := range []string{"KITH_ADMINISTRATORS", "KITH_AUDITORS"} {
		if !slices.Contains(emails, *settings[role]) {
			t.Errorf("%s: %s cannot sign in", role, *settings[role])
		}
	}
}
