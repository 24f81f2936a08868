// Package deployment runs Kith as an organisation would: a NATS server and
// every service as processes of their own, behind one address.
package deployment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

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
	NATS    string // of the servers with the log
	Monitor string // of those servers' states
	// Database is the way to the database of the views, if there is one.
	Database *Cut

	Options
	bin, dir string
	servers  *Servers
	mongo    *Mongo // nil: views are in memory
	mongoURI string
	database string // beginning of the names of the services' databases
	gate     *httptest.Server
	inside   *httptest.Server // leads to services alone: what the portal calls them by
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
	Nodes    int                 // NATS servers, each with a copy of the log: 1 or 3; 0: 1
}

// Build builds every program of the repository at root, a NATS server, and what
// stands in for MongoDB, into bin.
func Build(ctx context.Context, root, bin string) error {
	targets := []string{"./services/kith/cmd/kith"}
	for _, s := range natsauth.Services() {
		targets = append(targets, "./services/"+s+"/cmd/kith-"+s)
	}
	if err := gobuild(ctx, root, append([]string{"-o", bin + string(filepath.Separator)}, targets...)...); err != nil {
		return err
	}
	return BuildServers(ctx, root, bin)
}

// BuildServers builds what Kith needs of others: a NATS server, and what stands
// in for MongoDB.
func BuildServers(ctx context.Context, root, bin string) error {
	if err := gobuild(ctx, root, "-o", filepath.Join(bin, "nats-server"), "github.com/nats-io/nats-server/v2"); err != nil {
		return err
	}
	return gobuild(ctx, root, "-o", filepath.Join(bin, "standin"), "./test/mongo/standin")
}

func gobuild(ctx context.Context, root string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", strings.Join(args, " "), err, out)
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
	users := filepath.Join(dir, "users.conf")
	if err := d.provision(ctx, "--config", users); err != nil {
		return d, err
	}
	if d.servers, err = StartServers(ctx, bin, dir, ServerOptions{Nodes: o.Nodes, Users: users}); err != nil {
		return d, err
	}
	d.NATS, d.Monitor = d.servers.URL, strings.Join(d.servers.Monitors, ",")
	if err := d.provision(ctx, "--nats", d.NATS, "--replicas", strconv.Itoa(max(1, o.Nodes))); err != nil {
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
// after it has ended, and waits until it is ready.
func (d *Deployment) StartService(ctx context.Context, name string, n int) error {
	p, err := d.BeginService(ctx, name, n)
	if err != nil {
		return err
	}
	return p.Ready(ctx)
}

// BeginService is StartService for one that cannot be ready yet.
func (d *Deployment) BeginService(ctx context.Context, name string, n int) (*proc.Process, error) {
	args := []string{"--nats-url", d.NATS, "--nats-seed", d.Seed(name), "--nats-monitor", d.Monitor, "--master-key", d.masterKey(), "--data", filepath.Join(d.dir, name+strconv.Itoa(n)),
		"--oidc-issuer", d.URL + "/dev", "--oidc-audience", Audience}
	if name == portal {
		args = append(args, "--portal-url", d.URL, "--portal-services", d.inside.URL)
	}
	if d.Mongo {
		args = append(args, "--mongo-uri", d.mongoURI, "--mongo-database", d.database+name)
	}
	p, err := proc.Begin(ctx, filepath.Join(d.bin, "kith-"+name), append(args, d.Flags[name]...)...)
	if err != nil {
		return nil, err
	}
	all := d.running[name]
	if n == len(all) {
		all = append(all, nil)
	}
	all[n] = p
	d.running[name] = all
	d.route()
	return p, nil
}

// Service are the running processes of a service.
func (d *Deployment) Service(name string) []*proc.Process { return slices.Clone(d.running[name]) }

// StopService ends every process of a service.
func (d *Deployment) StopService(name string) error {
	var errs []error
	for _, p := range d.running[name] {
		errs = append(errs, p.Stop())
	}
	delete(d.running, name)
	d.route()
	return errors.Join(errs...)
}

// Connect leads to the log as one of its users. The caller closes the connection.
func (d *Deployment) Connect(user string) (*nats.Conn, jetstream.JetStream, error) {
	opts, err := natsauth.Options(user, d.Seed(user), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(d.NATS, opts...)
	if err != nil {
		return nil, nil, err
	}
	js, err := natsauth.JetStream(nc, user)
	return nc, js, err
}

// startMongo runs what stands in for MongoDB, unless there is a server.
func (d *Deployment) startMongo(ctx context.Context) (err error) {
	d.database = "kith_" + strings.ToLower(rand.Text()[:8]) + "_"
	if d.mongo, err = StartMongo(ctx, d.bin, d.dir); err != nil {
		return err
	}
	server, err := url.Parse(d.mongo.URI)
	if err != nil {
		return err
	}
	if d.Database, err = newCut(server.Host); err != nil {
		return err
	}
	d.mongoURI = d.Database.through(server)
	return nil
}

// portal is the service that everything leads to which is no other's, and what a
// browser asks of the others.
const portal = "portal"

// openGate opens the one address of the deployment: a path of a service's API
// leads with a token to its processes in turn, /dev to the issuer, and all else
// to the portal.
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
		api, contract := strings.HasPrefix(r.URL.Path, "/api/"), strings.HasPrefix(r.URL.Path, "/openapi/")
		if contract || api && r.Header.Get("Authorization") != "" {
			d.lead(w, r, serviceOf(r.URL.Path))
			return
		}
		d.lead(w, r, portal)
	})
	d.inside = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.lead(w, r, serviceOf(r.URL.Path)) }))
	return nil
}

// serviceOf is whose path it is.
func serviceOf(path string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, "/api/"), "/openapi/")
	name, _, _ := strings.Cut(strings.TrimSuffix(rest, ".json"), "/")
	if name == "system" {
		return "membership" // each process has its own; one of them answers for all
	}
	return name
}

// lead passes a request on to one of the processes of a service.
func (d *Deployment) lead(w http.ResponseWriter, r *http.Request, name string) {
	if to := (*d.routes.Load())[name]; len(to) > 0 {
		to[d.turn.Add(1)%uint64(len(to))].ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

// route leads the way in to the processes as they run now.
func (d *Deployment) route() {
	routes := map[string][]*httputil.ReverseProxy{}
	for name, all := range d.running {
		for _, p := range all {
			if u, err := url.Parse(p.URL); err == nil {
				routes[name] = append(routes[name], &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
					r.SetURL(u)
					r.Out.Host = r.In.Host // cookies and addresses are those of the way in
				}})
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
	for _, s := range []*httptest.Server{d.gate, d.inside} {
		if s != nil {
			s.CloseClientConnections()
			s.Close()
		}
	}
	if d.servers != nil {
		errs = append(errs, d.servers.Stop())
	}
	if d.mongo != nil {
		errs = append(errs, d.mongo.Stop())
	}
	return errors.Join(errs...)
}
