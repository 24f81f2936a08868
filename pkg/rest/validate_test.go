package rest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

func TestWrongFieldsAreNamedInWords(t *testing.T) {
	a := start(t, nil, nil)
	for name, tc := range map[string]struct{ body, want string }{
		"missing":        {`{}`, "kind: is required\ntitle: is required"},
		"unknown":        {`{"title":"x","kind":"problem","colour":1}`, "colour: is not a known field"},
		"other case":     {`{"Title":"x","title":"x","kind":"problem"}`, "Title: is not a known field"},
		"wrong type":     {`{"title":1,"kind":"problem","urgent":"yes","tags":"x"}`, "tags: must be a list\ntitle: must be text\nurgent: must be true or false"},
		"null":           {`{"title":null,"kind":"problem"}`, "title: must not be null"},
		"too long":       {`{"title":"` + strings.Repeat("ä", 201) + `","kind":"problem"}`, "title: at most 200 characters are allowed"},
		"empty":          {`{"title":"","kind":"problem"}`, "title: must not be empty"},
		"enum":           {`{"title":"x","kind":"gossip"}`, "kind: must be one of problem, information, experience"},
		"range":          {`{"title":"x","kind":"problem","count":11}`, "count: must be at most 10"},
		"fraction":       {`{"title":"x","kind":"problem","count":1.5}`, "count: must be a whole number"},
		"formats":        {`{"title":"x","kind":"problem","due":"2026-02-30T00:00:00Z","page":"/here"}`, "due: must be a time such as 2026-01-31T09:30:00Z\npage: must be an address such as https://example.org/page"},
		"lists":          {`{"title":"x","kind":"problem","tags":["a","a","b","c"]}`, "tags: must have at most 3 entries\ntags: must not have the same entry twice"},
		"in a list":      {`{"title":"x","kind":"problem","steps":[{"due":"2026-01-31"},{"due":"tomorrow","x":1},{}]}`, "steps[1].due: must be a date such as 2026-01-31\nsteps[1].x: is not a known field\nsteps[2].due: is required"},
		"no object":      {`[]`, "body: must be an object"},
		"null body":      {`null`, "body: must not be null"},
		"no JSON":        {"{\n  \"title\": nope}", "body: is not JSON from line 2, column 13 on"},
		"cut":            {`{"title":"x"`, "body: is not JSON from line 1, column 12 on"},
		"trailing data":  {thing + `{}`, "body: is not JSON from line 1, column 40 on"},
		"wrong encoding": {"{\"title\":\"M\xfcller\",\"kind\":\"problem\"}", "body: must be UTF-8"},
		"no body":        {"", "body: is required"},
	} {
		t.Run(name, func(t *testing.T) {
			p := problem(t, a.do("POST", "/things", tc.body, nil), fault.Invalid, 422)
			if got := fieldsOf(p); got != tc.want {
				t.Fatalf("got\n%s\nwant\n%s", got, tc.want)
			}
			if !strings.HasPrefix(p.Detail, p.Fields[0].Field+": ") {
				t.Fatalf("detail %q", p.Detail)
			}
		})
	}
	t.Run("line of a syntax error", func(t *testing.T) {
		p := problem(t, a.do("POST", "/things", "{\n\n!", nil), fault.Invalid, 422)
		if p.Fields[0].Line != 3 {
			t.Fatal(p)
		}
	})
	t.Run("never more than twenty", func(t *testing.T) {
		p := problem(t, a.do("POST", "/things", `{"x":[`+strings.Repeat("1,", 50)+`1],"steps":[`+strings.Repeat("{},", 50)+`{}]}`, nil), fault.Invalid, 422)
		if len(p.Fields) != 20 || !strings.HasSuffix(p.Detail, "and more") {
			t.Fatal(len(p.Fields), p.Detail)
		}
	})
	t.Run("values are not repeated", func(t *testing.T) {
		w := a.do("POST", "/things", `{"title":7,"kind":"mysecret","due":"mysecret","tags":["mysecretmysecret"]}`, nil)
		if problem(t, w, fault.Invalid, 422); strings.Contains(w.Body.String(), "mysecret") {
			t.Fatal(w.Body)
		}
	})
}

func TestAlternativesByDiscriminator(t *testing.T) {
	a := start(t, nil, nil)
	for body, want := range map[string]string{
		`{"kind":"problem","tried":"it all"}`: "tried: at most 5 characters are allowed",
		`{"kind":"problem","place":"x"}`:      "place: is not a known field\ntried: is required",
		`{"kind":"information"}`:              "place: is required",
		`{"kind":"gossip"}`:                   "kind: must be one of information, problem",
		`{"kind":7}`:                          "kind: must be one of information, problem",
		`{}`:                                  "kind: is required",
		`"problem"`:                           "body: does not fit any of the allowed forms",
		`{"kind":"information","place":"x","tried":7}`: "tried: is not a known field",
	} {
		t.Run(body, func(t *testing.T) {
			if got := fieldsOf(problem(t, a.do("POST", "/choices", body, nil), fault.Invalid, 422)); got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if w := a.do("POST", "/choices", `{"kind":"information","place":"x"}`, nil); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
}

func TestParametersAreNamedInWords(t *testing.T) {
	a := start(t, nil, nil)
	for target, want := range map[string]string{
		"/things?limit=0":               "limit: must be at least 1",
		"/things?limit=x&limit2=3":      "limit2: is not a parameter of this address\nlimit: must be a whole number",
		"/things?limit=":                "limit: must not be empty",
		"/things?limit=1&limit=2":       "limit: may be given only once",
		"/things?limit=1%zz":            "query: is not well encoded",
		"/things?cursor=%ff":            "cursor: must be UTF-8",
		"/things?tag=a&tag=toolong":     "tag[1]: at most 5 characters are allowed",
		"/things/NO":                    "id: must be an id",
		"/things/a%2Fb":                 "id: must be an id",
		"/things?%00%0Ainjected=1&x=%3": "query: is not well encoded",
		"/things?%00%0Ainjected=1":      "injected: is not a parameter of this address",
	} {
		t.Run(target, func(t *testing.T) {
			if got := fieldsOf(problem(t, a.do("GET", target, "", nil), fault.Invalid, 422)); !strings.Contains(got, want) && got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	for _, target := range []string{"/things", "/things?limit=200&tag=a&tag=b&cursor=", "/things/abc"} {
		if w := a.do("GET", target, "", nil); w.Code != 200 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func TestStrangeParametersArePassedOverWhereTheContractSaysSo(t *testing.T) {
	a := start(t, nil, nil)
	if w := a.do("POST", "/searches?n=1&strange=1&strange=%ff", "{}", nil); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := fieldsOf(problem(t, a.do("POST", "/searches?n=x&strange=1", "{}", nil), fault.Invalid, 422)); got != "n: must be a whole number" {
		t.Errorf("got %s", got)
	}
}

func TestAHeaderThatMayComeOnceIsNamedWhenItComesTwice(t *testing.T) {
	a := start(t, nil, nil)
	for name, values := range map[string][]string{
		"Kith-Seq": {"1", "2"}, "Last-Event-Id": {"1", "2"}, "Content-Type": {"application/json", "text/csv"}, "Idempotency-Key": {"1", "2"},
	} {
		r := httptest.NewRequest("POST", at("/things"), strings.NewReader(thing))
		r.Header = http.Header{"Authorization": {"Bearer ada"}, "Idempotency-Key": {"1"}, "Content-Type": {"application/json"}}
		r.Header[name] = values
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if got := fieldsOf(problem(t, w, fault.Invalid, 422)); got != name+": may be given only once" {
			t.Errorf("%s twice: %s", name, got)
		}
	}
}

func TestBodyThatIsNotWanted(t *testing.T) {
	a := start(t, nil, func(c *rest.Config) { c.MaxBody = 256 })
	long := strings.Repeat(" ", 257)
	t.Run("too large", func(t *testing.T) {
		p := problem(t, a.do("POST", "/things", long, nil), fault.TooLarge, 413)
		if !strings.Contains(p.Detail, "256 bytes") {
			t.Fatal(p.Detail)
		}
	})
	t.Run("too large without a length", func(t *testing.T) {
		r := httptest.NewRequest("POST", at("/things"), io.MultiReader(strings.NewReader(long)))
		r.Header = http.Header{"Authorization": {"Bearer ada"}, "Idempotency-Key": {"1"}, "Content-Type": {"application/json"}}
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		problem(t, w, fault.TooLarge, 413)
	})
	t.Run("a route may allow more, up to its own limit", func(t *testing.T) {
		csv := map[string]string{"Content-Type": "text/csv; charset=utf-8"}
		if w := a.do("POST", "/imports", strings.Repeat("x", 4096), csv); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		problem(t, a.do("POST", "/imports", strings.Repeat("x", 4097), csv), fault.TooLarge, 413)
	})
	t.Run("other content type", func(t *testing.T) {
		for _, ct := range []string{"text/plain", "-", "application/xml", "garbage;;"} {
			p := problem(t, a.do("POST", "/things", thing, map[string]string{"Content-Type": ct}), fault.Unsupported, 415)
			if !strings.Contains(p.Detail, "application/json") {
				t.Fatal(p.Detail)
			}
		}
	})
	t.Run("compressed", func(t *testing.T) {
		problem(t, a.do("POST", "/things", thing, map[string]string{"Content-Encoding": "gzip"}), fault.Unsupported, 415)
	})
	t.Run("where none is taken", func(t *testing.T) {
		p := problem(t, a.do("DELETE", "/things/a", "{}", nil), fault.Invalid, 422)
		if got := fieldsOf(p); got != "body: must be empty" {
			t.Fatal(got)
		}
	})
}

func TestDecodeIsStrict(t *testing.T) {
	type inner struct {
		Due string `json:"due"`
	}
	type input struct {
		Title string  `json:"title"`
		N     int8    `json:"n"`
		Inner inner   `json:"inner"`
		Steps []inner `json:"steps"`
	}
	bind := false
	a := start(t, handlers{"search": func(c echo.Context) error {
		var in input
		var err error
		if bind {
			err = c.Bind(&in)
		} else {
			err = rest.Decode(c, &in)
		}
		if err != nil {
			return err
		}
		return c.JSON(200, in)
	}}, nil)
	for body, want := range map[string]string{
		`{"title":"x","x":1}`: "x: is not a known field",
		`{"title":1}`:         "title: must be text",
		`{"n":300}`:           "n: must be a whole number in range",
		`{"inner":{"due":1}}`: "inner.due: must be text",
		`{"inner":[]}`:        "inner: must be an object",
	} {
		for _, bind = range []bool{false, true} {
			p := problem(t, a.do("POST", "/searches", body, nil), fault.Invalid, 422)
			if got := fieldsOf(p); got != want {
				t.Errorf("%s (bind %v): %s", body, bind, got)
			}
		}
	}
	if w := a.do("POST", "/searches", `{"title":"ü"}`, nil); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
}

func TestMountRefuses(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n"
	get := func(path, extra string) string {
		return head + "  " + path + ":\n    get:\n      operationId: op\n" + extra + "      responses: {'200': {description: ok}}\n"
	}
	ok := func(c echo.Context) error { return nil }
	for name, tc := range map[string]struct {
		spec     string
		register func(*rest.Router)
		want     string
	}{
		"a handler without an operation": {get("/a", ""), func(r *rest.Router) { r.GET("/a", ok); r.POST("/a", ok) }, "POST /a is not in"},
		"an operation without a handler": {get("/a", ""), func(*rest.Router) {}, "has no handler"},
		"a route twice":                  {get("/a", ""), func(r *rest.Router) { r.GET("/a", ok); r.GET("/a", ok) }, "mounted twice"},
		"a path the router misreads":     {get("/a:b", ""), func(*rest.Router) {}, "have a meaning"},
		"a token nobody can judge":       {get("/a", "      security: [{b: []}]\n") + "components: {securitySchemes: {b: {type: http, scheme: bearer}}}\n", func(*rest.Router) {}, "Config.Auth is nil"},
		"an extension of another type":   {get("/a", "      x-kith-command: maybe\n"), func(*rest.Router) {}, "x-kith-command"},
		"no operationId":                 {strings.Replace(get("/a", ""), "operationId: op", "summary: s", 1), func(*rest.Router) {}, "operationId"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, nil, nil)
			doc, err := rest.Load([]byte(tc.spec))
			if err != nil {
				t.Fatal(err)
			}
			srv := a.Server
			if strings.Contains(tc.want, "Auth") {
				srv = bare(t)
			}
			if err := srv.Mount(doc, tc.register); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("%v", err)
			}
		})
	}
	t.Run("a route of another document", func(t *testing.T) {
		doc, err := rest.Load([]byte(strings.Replace(get("/things", ""), "paths:", "servers: [{url: /api/test/}]\npaths:", 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := start(t, nil, nil).Mount(doc, func(r *rest.Router) { r.GET("/things", ok) }); err == nil {
			t.Fatal("no error")
		}
	})
	t.Run("OpenAPI 3.1", func(t *testing.T) {
		if _, err := rest.Load([]byte(strings.Replace(get("/a", ""), "3.0.3", "3.1.0", 1))); err == nil {
			t.Fatal("no error")
		}
	})
}

// generated is what oapi-codegen's RegisterHandlers asks of a router.
type generated interface {
	CONNECT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	DELETE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	HEAD(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	OPTIONS(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	PATCH(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	POST(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	PUT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
	TRACE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
}

var _ generated = (*rest.Router)(nil)

// FuzzBody: whatever is sent, the answer is a problem of the caller's or
// success, never a panic or an internal error.
func FuzzBody(f *testing.F) {
	for _, s := range []string{thing, `{}`, `[1]`, `null`, `{"steps":[{"due":{}}]}`, `{"kind":"problem"}`, "\xff", `{"tags":[[],{}]}`, `{"kind":{"a":[null]},"count":1e999}`, strings.Repeat("[", 200)} {
		f.Add([]byte(s))
	}
	a := start(f, nil, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/things", "/choices", "/searches"} {
			r := httptest.NewRequest("POST", at(path), bytes.NewReader(body))
			r.Header = http.Header{"Authorization": {"Bearer ada"}, "Idempotency-Key": {"1"}, "Content-Type": {"application/json"}}
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// FuzzAddress: the same for paths and queries.
func FuzzAddress(f *testing.F) {
	for _, s := range [][2]string{{"a", "limit=1"}, {"%2f", "limit[]=1&limit=0x1"}, {"", "tag=a,b&tag="}, {"\x00", "cursor=%00;x"}, {"a/b", "&&==&"}} {
		f.Add(s[0], s[1])
	}
	a := start(f, nil, nil)
	f.Fuzz(func(t *testing.T, id, query string) {
		for _, u := range []*url.URL{{Path: at("/things"), RawQuery: query}, {Path: at("/things/") + id, RawQuery: query}, {Path: "/x", RawPath: at("/things/") + id}} {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL = u
			r.Header.Set("Authorization", "Bearer ada")
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%v: %d %s", u, w.Code, w.Body)
			}
		}
	})
}
