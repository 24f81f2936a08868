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
		{"a level that does not exist is refused", good + "log: loud\n", nil, nil, 1, "log"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			code, out := run(t, append([]string{"config", "check", "--config", file(t, tc.yaml)}, tc.args...)...)
			if code != tc.code || !strings.Contains(out, tc.says) {
				t.Errorf("exit code %d, want %d with %q in:\n%s", code, tc.code, tc.says, out)
			}
		})
	}
}

func TestUnknownCommandsAndFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"fly"}, {"serve", "--fast"}, {"import", "people"}, {"deadletters", "discard", "x"}, {"rebuild"}} {
		if code, out := run(t, args...); code == 0 || !strings.Contains(out, "kith:") {
			t.Errorf("kith %v ended with %d and said:\n%s", args, code, out)
		}
	}
}
