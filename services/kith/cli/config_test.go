package cli_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kith/services/kith/cli"
)

// run runs the command line and returns what it printed on both outputs.
func run(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	done := make(chan string)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, r)
		done <- b.String()
	}()
	code = cli.Main(args)
	_ = w.Close()
	return code, <-done
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kith.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigCheck(t *testing.T) {
	const good = "oidc:\n  issuer: https://login.example\n  audience: [kith]\nadministrators: [a@b.example, c@d.example]\nsync: 0s\n"
	for _, tc := range []struct {
		name, yaml string
		env        map[string]string
		args       []string
		code       int
		says       string
	}{
		{"a good file is fine", good, nil, nil, 0, "is fine"},
		{"an empty file leaves nobody able to sign in", "", nil, nil, 1, "oidc-issuer"},
		{"an unknown key is refused by name", good + "lunch_time: x\n", nil, nil, 1, "lunch_time"},
		{"an unknown nested key is refused with its place", "oidc: {isuer: https://x.example}\n", nil, nil, 1, "oidc-isuer"},
		{"a value of the wrong kind is refused", good + "mail: {port: many}\n", nil, nil, 1, "mail-port"},
		{"what is no YAML is refused", "a: [", nil, nil, 1, "YAML"},
		{"a service that does not exist is refused", good + "target: [membership, lunch]\n", nil, nil, 1, "lunch"},
		{"mail needs an address", good + "mail: {host: smtp.example}\n", nil, nil, 1, "mail-from"},
		{"dev does not run beside an issuer", good + "dev: true\n", nil, nil, 1, "dev"},
		{"dev stays on loopback", "dev: true\naddr: 0.0.0.0:8080\n", nil, nil, 1, "loopback"},
		{"the environment is stronger than the file", "dev: true\naddr: 0.0.0.0:8080\n", map[string]string{"KITH_ADDR": "127.0.0.1:9"}, nil, 0, "is fine"},
		{"a flag is stronger than the environment", "dev: true\n", map[string]string{"KITH_ADDR": "0.0.0.0:9"}, []string{"--addr", "127.0.0.1:9"}, 0, "is fine"},
		{"an unknown variable is refused by name", good, map[string]string{"KITH_ADMINISTRATOR": "a@b.example"}, nil, 1, "KITH_ADMINISTRATOR"},
		{"a variable of another command is fine", good, map[string]string{"KITH_TOKEN": "t", "KITH_SERVER": "http://x"}, nil, 0, "is fine"},
		{"what Kubernetes says of services is fine", good, map[string]string{"KITH_SERVICE_HOST": "10.0.0.1", "KITH_PORT": "tcp://10.0.0.1:80", "KITH_NATS_PORT_4222_TCP_ADDR": "10.0.0.2"}, nil, 0, "is fine"},
		{"a misspelt port is refused", good, map[string]string{"KITH_MIAL_PORT": "25"}, nil, 1, "KITH_MIAL_PORT"},
		{"a collector of traces is fine", good + "otlp: {endpoint: http://collector:4318, ratio: 1}\n", nil, nil, 0, "is fine"},
		{"a collector in its usual variable is fine", good, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example/otlp/"}, nil, 0, "is fine"},
		{"what is no collector is refused", good + "otlp: {endpoint: collector:4318}\n", nil, nil, 1, "otlp-endpoint: is not the URL"},
		{"also in its usual variable", good, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"}, nil, 1, "otlp-endpoint: is not the URL"},
		{"Kith's own variable is stronger", good, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector", "KITH_OTLP_ENDPOINT": "http://collector:4318"}, nil, 0, "is fine"},
		{"a password belongs elsewhere", good + "otlp: {endpoint: 'https://user:geheim@collector'}\n", nil, nil, 1, "OTEL_EXPORTER_OTLP_HEADERS"},
		{"a collector has no query", good + "otlp: {endpoint: 'https://collector?key=x'}\n", nil, nil, 1, "otlp-endpoint: must not hold a query"},
		{"more than every request is refused", good + "otlp: {ratio: 1.5}\n", nil, nil, 1, "otlp-ratio"},
		{"no share at all is refused", good + "otlp: {ratio: .nan}\n", nil, nil, 1, "otlp-ratio"},
		{"an unknown setting of traces is refused", good + "otlp: {endpont: http://collector:4318}\n", nil, nil, 1, "otlp-endpont"},
		{"a portal is fine", good + "portal: {url: 'https://kith.example', organisation: Stadt, accent: '#a8441f', idle: 1h, scopes: [openid, email, offline_access]}\n", nil, nil, 0, "is fine"},
		{"a portal without TLS is refused", good + "portal: {url: 'http://kith.example'}\n", nil, nil, 1, "portal-url: "},
		{"an unknown setting of the portal is refused", good + "portal: {urll: x}\n", nil, nil, 1, "portal-urll"},
		{"a level that does not exist is refused", good + "log: loud\n", nil, nil, 1, "log"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			code, out := run(t, append([]string{"config", "check", "--config", file(t, tc.yaml)}, tc.args...)...)
			if code != tc.code || !strings.Contains(out, tc.says) || strings.Contains(out, "geheim") {
				t.Errorf("exit code %d, want %d with %q in:\n%s", code, tc.code, tc.says, out)
			}
		})
	}
}

func TestServeRefusesUnknownVariables(t *testing.T) {
	t.Setenv("KITH_AUDITOR", "a@b.example")
	// The address is refused too, so that this ends in any case. No folder is made.
	data := filepath.Join(t.TempDir(), "data")
	if code, out := run(t, "serve", "--dev", "--addr", "0.0.0.0:0", "--data", data); code != 1 || !strings.Contains(out, "KITH_AUDITOR") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data folder: %v", err)
	}
}

// Files that are no regular ones are refused before anything is asked for: no
// server is needed to see it.
func TestDownloadsReplaceRegularFilesAlone(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{dir, link, "/dev/null"} {
		for _, args := range [][]string{{"export", "--out", out}, {"proof", "1", "--out", out}} {
			code, said := run(t, append(append([]string{"audit"}, args...), "--server", "http://127.0.0.1:1", "--token", "t")...)
			if code != 1 || !strings.Contains(said, "not a regular file") {
				t.Errorf("%v ended with %d and said:\n%s", args, code, said)
			}
		}
	}
}

func TestUnknownCommandsAndFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"fly"}, {"serve", "--fast"}, {"import", "people"}, {"deadletters", "discard", "x"}, {"rebuild"}} {
		if code, out := run(t, args...); code == 0 || !strings.Contains(out, "kith:") {
			t.Errorf("kith %v ended with %d and said:\n%s", args, code, out)
		}
	}
}
