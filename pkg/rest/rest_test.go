package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/logtest"
	"kith/pkg/rest"
	"kith/pkg/rest/principal"
)

const spec = `
openapi: 3.0.3
info: {title: things, version: "1"}
servers: [{url: /api/test}]
security: [{bearer: []}]
paths:
  /things:
    post:
      operationId: raiseThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
      responses: {"201": {description: raised}}
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 200}}
        - {name: cursor, in: query, schema: {type: string}}
        - {name: tag, in: query, schema: {type: array, items: {type: string, maxLength: 5}}}
      responses: {"200": {description: list}}
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z0-9]{1,26}$", x-kith-reason: must be an id}}
    get:
      operationId: getThing
      responses: {"200": {description: thing}}
    put:
      operationId: editThing
      parameters:
        - {name: If-Match, in: header, required: true, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {type: object, additionalProperties: false, properties: {title: {type: string}}}}}
      responses: {"204": {description: edited}}
    delete:
      operationId: dropThing
      responses: {"204": {description: dropped}}
  /imports:
    post:
      operationId: importThings
      requestBody: {required: true, content: {text/csv: {schema: {type: string, maxLength: 4096}}}}
      responses: {"200": {description: imported}}
  /searches:
    post:
      operationId: search
      x-kith-command: false
      x-kith-strange-query: true
      parameters: [{name: n, in: query, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: found}}
  /choices:
    post:
      operationId: choose
      requestBody:
        required: true
        content:
          application/json:
            schema:
              oneOf: [{$ref: "#/components/schemas/Problem"}, {$ref: "#/components/schemas/Information"}]
              discriminator:
                propertyName: kind
                mapping: {problem: "#/components/schemas/Problem", information: "#/components/schemas/Information"}
      responses: {"200": {description: chosen}}
  /open:
    get:
      operationId: open
      security: []
      responses: {"200": {description: open}}
  /fail:
    get:
      operationId: fail
      parameters: [{name: how, in: query, schema: {type: string}}]
      responses: {"200": {description: never}}
  /slow:
    get:
      operationId: slow
      x-kith-timeout: 0.01
      responses: {"200": {description: never}}
  /events:
    get:
      operationId: events
      responses: {"200": {description: live, content: {text/event-stream: {schema: {type: string}}}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [title, kind]
      properties:
        title: {type: string, minLength: 1, maxLength: 200}
        kind: {type: string, enum: [problem, information, experience]}
        count: {type: integer, minimum: 0, maximum: 10}
        urgent: {type: boolean}
        due: {type: string, format: date-time}
        page: {type: string, format: uri}
        tags: {type: array, maxItems: 3, uniqueItems: true, items: {type: string, maxLength: 10}}
        steps:
          type: array
          items: {type: object, additionalProperties: false, required: [due], properties: {due: {type: string, format: date}}}
    Problem:
      type: object
      additionalProperties: false
      required: [kind, tried]
      properties: {kind: {type: string}, tried: {type: string, maxLength: 5}}
    Information:
      type: object
      additionalProperties: false
      required: [kind, place]
      properties: {kind: {type: string}, place: {type: string}}
`

type tokens struct{ expires time.Time }

func (t tokens) Authenticate(_ context.Context, authorization string) (principal.Principal, error) {
	switch authorization {
	case "Bearer ada", "Bearer ben":
		return principal.Principal{Person: authorization[7:], Login: "login", Expires: t.expires}, nil
	case "Bearer broken":
		return principal.Principal{}, errors.New("key server said: secret detail")
	}
	return principal.Principal{}, fault.New(fault.Unauthenticated, "The token \"has\" expired.")
}

// issuedAt knows every token once the process has reached seq.
type issuedAt struct {
	at  *place
	seq uint64
}

func (i issuedAt) Authenticate(context.Context, string) (principal.Principal, error) {
	if i.at.Position() < i.seq {
		return principal.Principal{}, fault.New(fault.Unauthenticated, "The token is unknown.")
	}
	return principal.Principal{Person: "ada"}, nil
}

// place is a Position that a test moves.
type place struct {
	mu    sync.Mutex
	seq   uint64
	moved chan struct{}
}

func newPlace(seq uint64) *place { return &place{seq: seq, moved: make(chan struct{})} }

func (p *place) Position() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seq
}

func (p *place) set(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq = seq
	close(p.moved)
	p.moved = make(chan struct{})
}

func (p *place) Wait(ctx context.Context, seq uint64) error {
	for {
		p.mu.Lock()
		reached, moved := p.seq >= seq, p.moved
		p.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type fresh bool

func (f fresh) Fresh() bool { return bool(f) }

// handlers are the service under the tests. A handler that is nil answers 200.
type handlers map[string]echo.HandlerFunc

type api struct {
	*rest.Server
	t        testing.TB
	log      *logtest.Buffer
	registry *prometheus.Registry
}

// start makes a server for spec; change may alter its configuration.
func start(t testing.TB, hs handlers, change func(*rest.Config)) *api {
	t.Helper()
	a := &api{t: t, log: &logtest.Buffer{}, registry: prometheus.NewRegistry()}
	cfg := rest.Config{
		Auth: tokens{}, Position: newPlace(7), Fresh: fresh(true), Metrics: a.registry,
		Log: slog.New(slog.NewJSONHandler(a.log, nil)), NewID: func() string { return "made-id" },
	}
	if change != nil {
		change(&cfg)
	}
	doc, err := rest.Load([]byte(spec))
	if err != nil {
		t.Fatal(err)
	}
	if a.Server, err = rest.New(cfg); err != nil {
		t.Fatal(err)
	}
	h := func(id string) echo.HandlerFunc {
		if f := hs[id]; f != nil {
			return f
		}
		return func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"operation": id}) }
	}
	if err := a.Mount(doc, func(r *rest.Router) {
		r.POST("/things", h("raiseThing"))
		r.GET("/things", h("listThings"))
		r.GET("/things/:id", h("getThing"))
		r.PUT("/things/:id", h("editThing"))
		r.DELETE("/things/:id", h("dropThing"))
		r.POST("/imports", h("importThings"))
		r.POST("/searches", h("search"))
		r.POST("/choices", h("choose"))
		r.GET("/open", h("open"))
		r.GET("/fail", h("fail"))
		r.GET("/slow", h("slow"))
		r.GET("/events", h("events"))
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

// at is target below the document's server, unless it is outside of it.
func at(target string) string {
	switch target {
	case "/healthz", "/readyz", "/metrics", "/nowhere":
		return target
	}
	return "/api/test" + target
}

// do sends a request as ada, with a key and JSON, unless header says otherwise
// ("-" removes one).
func (a *api) do(method, target, body string, header map[string]string) *httptest.ResponseRecorder {
	a.t.Helper()
	r := httptest.NewRequest(method, at(target), strings.NewReader(body))
	h := map[string]string{"Authorization": "Bearer ada", "Idempotency-Key": "key-1"}
	if body != "" {
		h["Content-Type"] = "application/json"
	}
	maps.Copy(h, header)
	for k, v := range h {
		if v != "-" {
			r.Header.Set(k, v)
		}
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// problem checks that w is a problem and returns it.
func problem(t testing.TB, w *httptest.ResponseRecorder, code fault.Code, status int) rest.Problem {
	t.Helper()
	var p rest.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	if w.Code != status || p.Status != status || p.Code != code || p.Type != "/problems/"+string(code) || p.Title == "" {
		t.Fatalf("got %d %s, want %d %s", w.Code, w.Body, status, code)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("content type %q", got)
	}
	return p
}

func fieldsOf(p rest.Problem) string {
	var all []string
	for _, f := range p.Fields {
		all = append(all, f.Field+": "+f.Reason)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func TestErrorsOfHandlersBecomeProblems(t *testing.T) {
	for _, tc := range []struct {
		err    error
		code   fault.Code
		status int
		retry  string
	}{
		{fault.New(fault.Forbidden, "Only hosts may do this."), fault.Forbidden, 403, ""},
		{fmt.Errorf("wrapped: %w", fault.New(fault.Stale, "x")), fault.Stale, 412, ""},
		{es.ErrConflict, fault.Conflict, 409, ""},
		{fmt.Errorf("x: %w", es.ErrReused), fault.Reused, 422, ""},
		{es.ErrTooLarge, fault.TooLarge, 413, ""},
		{es.ErrUnavailable, fault.Unavailable, 503, "1"},
		{context.DeadlineExceeded, fault.Unavailable, 503, "1"},
		{fault.New(fault.TooMany, "x"), fault.TooMany, 429, "1"},
		{fault.New("made-up", "secret detail"), fault.Internal, 500, ""},
		{errors.New("secret detail"), fault.Internal, 500, ""},
		{echo.NewHTTPError(400, "secret detail"), fault.Invalid, 422, ""},
		{echo.NewHTTPError(418, "secret detail"), fault.Invalid, 422, ""},
		{echo.NewHTTPError(500, "secret detail"), fault.Internal, 500, ""},
		{echo.ErrUnsupportedMediaType, fault.Unsupported, 415, ""},
	} {
		t.Run(tc.err.Error(), func(t *testing.T) {
			a := start(t, handlers{"fail": func(c echo.Context) error {
				rest.SetETag(c, 3)
				return tc.err
			}}, nil)
			w := a.do("GET", "/fail", "", nil)
			problem(t, w, tc.code, tc.status)
			if got := w.Header().Get("Retry-After"); got != tc.retry {
				t.Errorf("Retry-After %q, want %q", got, tc.retry)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("shows internals: %s", w.Body)
			}
			if w.Header().Get("ETag") != "" || w.Header().Get("Kith-Seq") != "" {
				t.Errorf("a problem carries the headers of an answer: %v", w.Header())
			}
		})
	}
}

func TestInternalErrorsAreLoggedOnceWithTheirCause(t *testing.T) {
	a := start(t, handlers{"fail": func(echo.Context) error { return errors.New("the disk is on fire") }}, nil)
	a.do("GET", "/fail", "", nil)
	if got := strings.Count(a.log.String(), "the disk is on fire"); got != 1 {
		t.Fatalf("logged %d times: %s", got, a.log)
	}
}

func TestPanicIsAnInternalProblem(t *testing.T) {
	values := []int{}
	for says, fail := range map[string]func(){
		"panic: string":      func() { panic("secret detail") },
		"index out of range": func() { values[len(values)]++ },
	} {
		a := start(t, handlers{"fail": func(echo.Context) error { fail(); return nil }}, nil)
		w := a.do("GET", "/fail", "", nil)
		problem(t, w, fault.Internal, 500)
		if log := a.log.String(); !strings.Contains(log, says) || !strings.Contains(log, "rest_test.go") || strings.Contains(w.Body.String()+log, "secret") {
			t.Fatalf("body %s, log %s", w.Body, log)
		}
	}
}

func TestHandlerThatTakesTooLongIsUnavailable(t *testing.T) {
	a := start(t, handlers{"slow": func(c echo.Context) error {
		<-c.Request().Context().Done()
		return fmt.Errorf("query: %w", c.Request().Context().Err())
	}}, nil)
	problem(t, a.do("GET", "/slow", "", nil), fault.Unavailable, 503)
}

func TestUnknownAddressAndMethod(t *testing.T) {
	a := start(t, nil, nil)
	t.Run("unknown address", func(t *testing.T) {
		problem(t, a.do("GET", "/nowhere", "", nil), fault.NotFound, 404)
	})
	t.Run("wrong method names those allowed", func(t *testing.T) {
		w := a.do("PATCH", "/things", "{}", nil)
		problem(t, w, fault.MethodNotAllowed, 405)
		if got := w.Header().Get("Allow"); !strings.Contains(got, "POST") || !strings.Contains(got, "GET") {
			t.Fatalf("Allow %q", got)
		}
	})
	t.Run("made-up addresses are no labels of metrics", func(t *testing.T) {
		families, err := a.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if s := fmt.Sprint(families); strings.Contains(s, "nowhere") || !strings.Contains(s, `"none"`) {
			t.Fatal(s)
		}
	})
	t.Run("HEAD is GET without a body", func(t *testing.T) {
		if w := a.do("HEAD", "/things", "", nil); w.Code != 200 || w.Header().Get("Kith-Seq") != "7" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		if w := a.do("HEAD", "/things?limit=0", "", nil); w.Code != 422 || w.Body.Len() != 0 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

func TestEveryAnswerHasIDAndSecurityHeaders(t *testing.T) {
	a := start(t, nil, nil)
	for _, tc := range []struct{ sent, want string }{
		{"abc-1.2_X", "abc-1.2_X"}, {"bad id\n", "made-id"}, {strings.Repeat("a", 65), "made-id"}, {"", "made-id"},
	} {
		w := a.do("GET", "/nowhere", "", map[string]string{"X-Request-Id": tc.sent})
		if got := w.Header().Get("X-Request-Id"); got != tc.want {
			t.Errorf("id %q, want %q", got, tc.want)
		}
		for k, v := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
			if w.Header().Get(k) != v {
				t.Errorf("%s: %q", k, w.Header().Get(k))
			}
		}
	}
}

func TestLogHoldsNoTextOfTheCaller(t *testing.T) {
	a := start(t, nil, nil)
	a.do("GET", "/things/myname?cursor=mysecret&myparameter=1", "", nil)
	a.do("POST", "/things", `{"mytitle":"mytext"}`, nil)
	a.do("MYMETHOD", "/things", "", nil)
	log := a.log.String()
	if strings.Contains(strings.ToLower(log), "my") || !strings.Contains(log, "/things/:id") {
		t.Fatal(log)
	}
}
