package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"kith/pkg/natsmon"
)

// Every program must accept the settings that docker-compose.yml gives it.
func TestSettings(t *testing.T) {
	p := project(t)
	for _, name := range kith {
		s := p.Services[name]
		if err := run(t.Context(), t, s, append([]string{"check"}, s.Command...)); err != nil {
			t.Error(err)
		}
		misspelt := "x"
		s.Environment["KITH_NATS_SEEDS"] = &misspelt
		if err := run(t.Context(), t, s, []string{"check"}); err == nil || !strings.Contains(err.Error(), "KITH_NATS_SEEDS") {
			t.Errorf("a setting that %s does not know was accepted: %v", name, err)
		}
	}
}

// The commands of docker-compose.yml prepare a server that runs with the
// configuration of the deployment, and it flushes before it acknowledges.
func TestLog(t *testing.T) {
	p := project(t)
	dir := t.TempDir()
	data := filepath.Join(dir, "kith") // the volume, where nats.conf includes from
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), t, p.Services["keys"], p.Services["keys"].Command, "/data", data); err != nil {
		t.Fatal(err)
	}
	for _, name := range kith {
		for _, v := range p.Services[name].Volumes {
			if v.Source != "provision" {
				continue
			}
			if at, err := os.Stat(filepath.Join(data, v.Volume.Subpath)); err != nil || at.Mode().Perm() != 0o600 {
				t.Errorf("the key of %s: %v, %v", name, at, err)
			}
		}
	}

	config, err := os.ReadFile(p.Configs["nats"].File)
	if err != nil {
		t.Fatal(err)
	}
	nats, monitor := startNATS(t, dir, string(config))
	if sync, err := natsmon.SyncSetting(t.Context(), monitor); err != nil || sync.Mode != natsmon.Always {
		t.Errorf("the log flushes %s (%v), not always", sync, err)
	}
	streams := p.Services["streams"]
	streams.Build = p.Services["keys"].Build // the same image
	if streams.Image != p.Services["keys"].Image {
		t.Errorf("streams runs %s", streams.Image)
	}
	for range 2 { // every start of the deployment runs it again
		if err := run(t.Context(), t, streams, streams.Command, "/data", data, "nats://nats:4222", nats); err != nil {
			t.Error(err)
		}
	}
}

// startNATS runs a server with config, in dir; only where it listens and where
// its files are is not as configured.
func startNATS(t *testing.T, dir, config string) (nats, monitor string) {
	t.Helper()
	const files = "store_dir: /data\n"
	if strings.Count(config, files) != 1 {
		t.Fatalf("the configuration does not keep the log in the volume:\n%s", config)
	}
	config = strings.Replace(config, files, fmt.Sprintf("store_dir: %q\n", filepath.Join(dir, "log")), 1)
	if err := os.WriteFile(filepath.Join(dir, "nats.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program(t, "nats-server"), "--config", filepath.Join(dir, "nats.conf"),
		"--addr", "127.0.0.1", "--port", "-1", "--http_port", "-1", "--ports_file_dir", dir)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // ended by a signal, or says why
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	file := filepath.Join(dir, fmt.Sprintf("nats-server_%d.ports", cmd.Process.Pid))
	limit := time.After(20 * time.Second)
	for {
		var ports struct{ NATS, Monitoring []string }
		data, err := os.ReadFile(file)
		if err == nil && json.Unmarshal(data, &ports) == nil && len(ports.NATS) > 0 && len(ports.Monitoring) > 0 {
			return ports.NATS[0], ports.Monitoring[0]
		}
		select {
		case <-ended:
			t.Fatalf("the server ended at once\n%s", &said)
		case <-limit:
			t.Fatal("the server did not say where it listens within 20 seconds")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Prometheus must read every service.
func TestPrometheus(t *testing.T) {
	p := project(t)
	var config struct {
		Global struct {
			Interval string `yaml:"scrape_interval"`
		}
		Scrape []struct {
			Job    string `yaml:"job_name"`
			Static []struct {
				Targets []string
			} `yaml:"static_configs"`
			Relabel []struct {
				Source []string `yaml:"source_labels"`
				Regex  string
				Target string `yaml:"target_label"`
			} `yaml:"relabel_configs"`
		} `yaml:"scrape_configs"`
	}
	text, err := os.ReadFile(p.Configs["prometheus"].File)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, &config, yaml.Strict()); err != nil {
		t.Fatalf("prometheus.yml: %v", err)
	}
	var got, want []string
	for _, s := range config.Scrape {
		for _, c := range s.Static {
			got = append(got, c.Targets...)
		}
	}
	for _, name := range kith {
		_, port, _ := strings.Cut(*p.Services[name].Environment["KITH_ADDR"], ":")
		want = append(want, name+":"+port)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("Prometheus reads %v, not %v", got, want)
	}
}
