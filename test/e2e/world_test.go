// Package e2e walks through Kith from outside: the all-in-one with its own
// log, spoken to over HTTP, every answer checked against the OpenAPI documents.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/fault"
	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// world is a running Kith.
type world struct {
	t    *testing.T
	url  string
	http *http.Client
	stop func() error
	js   jetstream.JetStream // of the log, for tests that need more than the API

	specs []*openapi3.T
}

// settings are those of the all-in-one in dir, for development.
func settings(dir string) kith.Settings {
	return kith.Settings{Settings: host.Settings{Addr: "127.0.0.1:0", Data: dir, Log: "error"}, Target: []string{"all"}, Dev: true}
}

// start runs the all-in-one in dir on a free port until the test ends or stop is called.
func start(t *testing.T, dir string) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p, err := kith.Open(ctx, settings(dir))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	w := &world{t: t, url: p.URL(), js: p.JS}
	var once sync.Once
	w.stop = func() (err error) {
		once.Do(func() { cancel(); err = <-done })
		return err
	}
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Errorf("Kith ended with: %v", err)
		}
	})
	eventually(t, "Kith is ready", func() bool { return p.App.Ready() })
	w.checkContract()
	return w
}

// checkContract holds every answer from now on against the OpenAPI documents.
func (w *world) checkContract() {
	w.http = &http.Client{Transport: &contract{t: w.t, routes: w.documents(append(kith.Targets(), "system")...)}}
}

// documents reads the OpenAPI documents from the server, as a stranger would.
func (w *world) documents(modules ...string) []routers.Router {
	var all []routers.Router
	for _, name := range modules {
		resp, err := http.Get(w.url + host.ContractPath(name))
		if err != nil {
			w.t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			w.t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(data)
		if err != nil {
			w.t.Fatalf("OpenAPI document of %s: %v", name, err)
		}
		w.specs = append(w.specs, doc)
		router, err := gorillamux.NewRouter(doc)
		if err != nil {
			w.t.Fatalf("OpenAPI document of %s: %v", name, err)
		}
		all = append(all, router)
	}
	return all
}

// as signs a person in at the development issuer.
func (w *world) as(login string) *person {
	w.t.Helper()
	c, err := client.SignIn(w.t.Context(), http.DefaultClient, w.url, login)
	if err != nil {
		w.t.Fatal(err)
	}
	c.HTTP = w.http
	p := &person{Client: c, t: w.t, login: login}
	var me struct{ Person struct{ ID string } }
	p.get("/api/membership/me", &me)
	p.id = me.Person.ID
	return p
}

// person is somebody who is signed in.
type person struct {
	*client.Client
	t         *testing.T
	id, login string
}

func (p *person) get(path string, out any) {
	p.t.Helper()
	if err := p.Get(p.t.Context(), path, out); err != nil {
		p.t.Fatalf("%s: GET %s: %v", p.login, path, err)
	}
}

func (p *person) post(path string, body, out any) {
	p.t.Helper()
	if err := p.Post(p.t.Context(), path, body, out); err != nil {
		p.t.Fatalf("%s: POST %s: %v", p.login, path, err)
	}
}

// edit puts body with the ETag that path has now.
func (p *person) edit(path string, body any) {
	p.t.Helper()
	header, err := p.Do(p.t.Context(), client.Request{Method: http.MethodGet, Path: path}, nil)
	if err == nil {
		_, err = p.Do(p.t.Context(), client.Request{Method: http.MethodPut, Path: path, Body: body,
			Header: http.Header{"If-Match": {header.Get("ETag")}}}, nil)
	}
	if err != nil {
		p.t.Fatalf("%s: PUT %s: %v", p.login, path, err)
	}
}

// refused gives a command that must end in a problem of one of the codes.
func (p *person) refused(method, path string, body any, codes ...fault.Code) {
	p.t.Helper()
	_, err := p.Do(p.t.Context(), client.Request{Method: method, Path: path, Body: body}, nil)
	for _, c := range codes {
		if client.CodeOf(err) == c {
			return
		}
	}
	p.t.Errorf("%s: %s %s ended in %q (%v), want one of %v", p.login, method, path, client.CodeOf(err), err, codes)
}

// asProblem returns the problem that err is, if it is one.
func asProblem(err error) (*client.Problem, bool) {
	return errors.AsType[*client.Problem](err)
}

// contract checks every answer against the documents.
type contract struct {
	t      *testing.T
	routes []routers.Router
}

// RoundTrip implements http.RoundTripper.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if kind := resp.Header.Get("Content-Type"); kind == "text/event-stream" || kind == "application/x-ndjson" {
		return resp, nil // read while it comes
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err := c.check(r, resp, body); err != nil {
		c.t.Errorf("%s %s answered %d against its contract: %v\n%.2000s", r.Method, r.URL.Path, resp.StatusCode, err, body)
	}
	return resp, nil
}

func (c *contract) check(r *http.Request, resp *http.Response, body []byte) error {
	for _, router := range c.routes {
		route, params, err := router.FindRoute(r)
		if errors.Is(err, routers.ErrPathNotFound) || errors.Is(err, routers.ErrMethodNotAllowed) {
			continue
		}
		if err != nil {
			return err
		}
		in := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
			Status:                 resp.StatusCode, Header: resp.Header,
			Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
		}
		in.SetBodyBytes(body)
		return openapi3filter.ValidateResponse(r.Context(), in)
	}
	return fmt.Errorf("no document has this operation")
}

// eventually fails the test unless ok becomes true within 20 seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	within(t, 20*time.Second, what, ok)
}

// within fails the test unless ok becomes true in time.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about within %v that %s", limit, what)
		}
	}
}
