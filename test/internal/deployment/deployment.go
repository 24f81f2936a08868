// Package deployment runs Kith as an organisation would: a NATS server and
// every service as processes of their own, behind one address.
package deployment

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kith/pkg/devissuer"
	"kith/pkg/natsauth"
	"kith/pkg/vault"
	"kith/test/internal/proc"
)

// Audience is what tokens of the deployment's issuer are made for.
const Audience = "kith"

// Deployment is a running Kith.
type Deployment struct {
	URL     string // of the way in, which leads to every service and to an issuer that knows everybody
	NATS    string // of the server with the log
	Monitor string // of that server's state
	// Database is the way to the database of the views, if there is one.
	Database *Cut

	Options
	bin, dir string
	nats     *exec.Cmd
	mongo    *exec.Cmd // nil where the server was given
	mongoURI string
	database string // beginning of the names of the services' databases
	gate     *httptest.Server
	routes   atomic.Pointer[map[string][]*httputil.ReverseProxy]
	turn     atomic.Uint64
	running  map[string][]*proc.Process
}

// Options are what may differ between deployments. The zero value is one
// process of each service.
type Options struct {
	Replicas map[string]int      // processes of a service, by its name; 0: one
	Flags    map[string][]string // further flags of a service, by its name
	Mongo    bool                // views are in MongoDB, or in what stands in for it; see MongoURI
}

// MongoURI is a variable with the connection string of a MongoDB server. Without
// it a stand-in is run.
const MongoURI = "KITH_TEST_MONGO_URI"

// Build builds every program of the repository at root, a NATS server, and what
// stands in for MongoDB, into bin.
func Build(ctx context.Context, root, bin string) error {
	targets := []string{"./services/kith/cmd/kith"}
	for _, s := range natsauth.Services() {
		targets = append(targets, "./services/"+s+"/cmd/kith-"+s)
	}
	for _, args := range [][]string{
		append([]string{"build", "-o", bin + string(filepath.Separator)}, targets...),
		{"build", "-o", filepath.Join(bin, "nats-server"), "github.com/nats-io/nats-server/v2"},
		{"build", "-o", filepath.Join(bin, "standin"), "./test/mongo/standin"},
	} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// Start runs a deployment of the programs in bin with its files in dir, and
// waits until every service is ready. The caller stops it.
func Start(ctx context.Context, bin, dir string, o Options) (_ *Deployment, err error) {
	d := &Deployment{Options: o, bin: bin, dir: dir, running: map[string][]*proc.Process{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Stop())
		}
	}()
	if err := d.provision(ctx, "--config", filepath.Join(dir, "users.conf")); err != nil {
		return d, err
	}
	if err := d.startNATS(ctx); err != nil {
		return d, err
	}
	if err := d.provision(ctx, "--nats", d.NATS, "--replicas", "1"); err != nil {
		return d, err
	}
	if _, err := vault.CreateMaster(d.masterKey()); err != nil {
		return d, err
	}
	if o.Mongo {
		if err := d.startMongo(ctx); err != nil {
			return d, err
		}
	}
	if err := d.openGate(); err != nil {
		return d, err
	}
	for _, s := range natsauth.Services() {
		for n := range max(1, o.Replicas[s]) {
			if err := d.StartService(ctx, s, n); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

func (d *Deployment) provision(ctx context.Context, args ...string) error {
	args = append([]string{"provision", "--keys", d.keys()}, args...)
	if out, err := exec.CommandContext(ctx, filepath.Join(d.bin, "kith"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("kith %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

func (d *Deployment) keys() string { return filepath.Join(d.dir, "keys") }

// Seed is the file with the key of a user of the NATS server.
func (d *Deployment) Seed(user string) string { return natsauth.SeedFile(d.keys(), user) }

func (d *Deployment) masterKey() string { return filepath.Join(d.dir, "master.key") }

// StartService runs the nth process of a service, from 0, or runs it again
// after it has ended.
func (d *Deployment) StartService(ctx context.Context, name string, n int) error {
	args := append([]string{"--nats-url", d.NATS, "--nats-seed", d.Seed(name), "--nats-monitor", d.Monitor, "--master-key", d.masterKey(), "--data", filepath.Join(d.dir, name+strconv.Itoa(n)),
		"--oidc-issuer", d.URL + "/dev", "--oidc-audience", Audience}, d.Flags[name]...)
	if d.Mongo {
		args = append(args, "--mongo-uri", d.mongoURI, "--mongo-database", d.database+name)
	}
	p, err := proc.Launch(ctx, filepath.Join(d.bin, "kith-"+name), args...)
	if p != nil {
		all := d.running[name]
		if n == len(all) {
			all = append(all, nil)
		}
		all[n] = p
		d.running[name] = all
	}
	if err != nil {
		return err
	}
	d.route()
	return nil
}

// Service are the running processes of a service.
func (d *Deployment) Service(name string) []*proc.Process { return slices.Clone(d.running[name]) }

// startNATS runs a server that flushes before it acknowledges.
func (d *Deployment) startNATS(ctx context.Context) error {
	ports := filepath.Join(d.dir, "ports")
	if err := os.MkdirAll(ports, 0o700); err != nil {
		return err
	}
	config := filepath.Join(d.dir, "nats.conf")
	text := fmt.Sprintf("listen: 127.0.0.1:-1\nhttp: 127.0.0.1:-1\nports_file_dir: %q\njetstream { store_dir: %q, sync_interval: always }\ninclude \"users.conf\"\n", ports, filepath.Join(d.dir, "log"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	d.nats = exec.CommandContext(ctx, filepath.Join(d.bin, "nats-server"), "-c", config)
	if err := d.nats.Start(); err != nil {
		return fmt.Errorf("start the NATS server: %w", err)
	}
	file := filepath.Join(ports, fmt.Sprintf("nats-server_%d.ports", d.nats.Process.Pid))
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		data, err := os.ReadFile(file)
		var said struct{ NATS, Monitoring []string }
		if err == nil && json.Unmarshal(data, &said) == nil && len(said.NATS) > 0 && len(said.Monitoring) > 0 {
			d.NATS, d.Monitor = said.NATS[0], said.Monitoring[0]
			return nil
		}
	}
	return errors.New("the NATS server did not say where it listens within 20 seconds")
}

// startMongo runs what stands in for MongoDB, unless there is a server.
func (d *Deployment) startMongo(ctx context.Context) error {
	d.database = "kith_" + strings.ToLower(rand.Text()[:8]) + "_"
	uri := os.Getenv(MongoURI)
	if uri == "" {
		var err error
		if uri, err = d.startStandin(ctx); err != nil {
			return err
		}
	}
	server, err := url.Parse(uri)
	if err != nil {
		return err
	}
	if d.Database, err = newCut(server.Host); err != nil {
		return err
	}
	d.mongoURI = d.Database.through(server)
	return nil
}

func (d *Deployment) startStandin(ctx context.Context) (uri string, err error) {
	data := filepath.Join(d.dir, "mongo")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", err
	}
	d.mongo = exec.CommandContext(ctx, filepath.Join(d.bin, "standin"), data)
	out, err := d.mongo.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := d.mongo.Start(); err != nil {
		return "", fmt.Errorf("start the stand-in of MongoDB: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the stand-in of MongoDB does not say where it listens: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// openGate opens the one address of the deployment: a path of a service's API
// leads to its processes in turn, /dev to the issuer.
func (d *Deployment) openGate() error {
	d.route()
	mux := http.NewServeMux()
	d.gate = httptest.NewServer(mux)
	d.URL = d.gate.URL
	issuer, err := devissuer.New(devissuer.Config{BaseURL: d.URL + "/dev", Audience: Audience, Known: func(context.Context, string) bool { return true }})
	if err != nil {
		return err
	}
	mux.Handle("/dev/", issuer)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		rest := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/"), "/openapi/")
		name, _, _ := strings.Cut(strings.TrimSuffix(rest, ".json"), "/")
		if name == "system" {
			name = "membership" // each process has its own; one of them answers for all
		}
		if to := (*d.routes.Load())[name]; len(to) > 0 {
			to[d.turn.Add(1)%uint64(len(to))].ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
	return nil
}

// route leads the way in to the processes as they run now.
func (d *Deployment) route() {
	routes := map[string][]*httputil.ReverseProxy{}
	for name, all := range d.running {
		for _, p := range all {
			if u, err := url.Parse(p.URL); err == nil {
				routes[name] = append(routes[name], &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }})
			}
		}
	}
	d.routes.Store(&routes)
}

// Stop ends everything, and returns what did not end well.
func (d *Deployment) Stop() error {
	var errs []error
	for _, all := range d.running {
		for _, p := range all {
			errs = append(errs, p.Stop())
		}
	}
	d.running = nil
	if d.Database != nil {
		d.Database.close()
	}
	if d.gate != nil {
		d.gate.CloseClientConnections()
		d.gate.Close()
	}
	for _, server := range []*exec.Cmd{d.nats, d.mongo} {
		if server != nil && server.Process != nil {
			errs = append(errs, server.Process.Signal(os.Interrupt))
			_ = server.Wait() // ended by a signal
		}
	}
	return errors.Join(errs...)
}
