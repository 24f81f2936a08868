package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"kith/pkg/natsauth"
)

const root = "../.."

// canary is the only secret that a variable may hold; the others are files.
const canary = "canary-of-the-trial"

// kith are the services of the product.
var kith = natsauth.Services()

// project is docker-compose.yml as it reads with the variables of .env.example.
func project(t *testing.T) *types.Project {
	t.Helper()
	env, err := dotenv.Read(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	if env["KITH_TRY_PASSWORD"] != "" {
		t.Error(".env.example has a password")
	}
	env["KITH_TRY_PASSWORD"] = canary
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "docker-compose.yml")
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: dir, ConfigFiles: []types.ConfigFile{{Filename: file}}, Environment: env,
	}, func(o *loader.Options) { o.Profiles = []string{"try"} })
	if err != nil {
		t.Fatalf("docker-compose.yml: %v", err)
	}
	return p
}

// bin is the folder of the programs that are tried, once build has filled it.
var bin string

// build builds Kith's programs and a NATS server.
var build = sync.OnceValue(func() error {
	targets := []string{"github.com/nats-io/nats-server/v2", "./services/kith/cmd/kith"}
	for _, s := range kith {
		targets = append(targets, "./services/"+s+"/cmd/kith-"+s)
	}
	cmd := exec.Command("go", append([]string{"build", "-ldflags=-s -w", "-o", bin + string(filepath.Separator)}, targets...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	var err error
	if bin, err = os.MkdirTemp("", "kith-deploy-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(bin)
	os.Exit(code)
}

// program is the path of what a service of docker-compose.yml runs.
func program(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(bin, name)
}

// run runs a program as the container of s would, with what old names replaced
// by new, and with no other variables than the container's.
func run(ctx context.Context, t *testing.T, s types.ServiceConfig, args []string, oldnew ...string) error {
	t.Helper()
	paths := strings.NewReplacer(oldnew...)
	args = slices.Clone(args)
	for i := range args {
		args[i] = paths.Replace(args[i])
	}
	cmd := exec.CommandContext(ctx, program(t, *s.Build.Args["PROGRAM"]), args...)
	cmd.Env = []string{}
	for name, value := range s.Environment {
		if value == nil {
			return errors.New(name + " has no value")
		}
		cmd.Env = append(cmd.Env, name+"="+*value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", s.Name, strings.Join(args, " "), err, out)
	}
	return nil
}
