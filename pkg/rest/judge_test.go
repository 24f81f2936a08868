package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

const thing = `{"title":"A question","kind":"problem"}`

func TestAuthentication(t *testing.T) {
	a := start(t, handlers{"getThing": func(c echo.Context) error { return c.String(200, rest.PrincipalOf(c).Person) }}, nil)
	t.Run("principal reaches the handler", func(t *testing.T) {
		if w := a.do("GET", "/things/a", "", nil); w.Code != 200 || w.Body.String() != "ada" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
	t.Run("no token is a challenge without error", func(t *testing.T) {
		w := a.do("GET", "/things/a", "", map[string]string{"Authorization": "-"})
		problem(t, w, fault.Unauthenticated, 401)
		if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="kith"` {
			t.Fatal(got)
		}
	})
	t.Run("bad token is a challenge that says why", func(t *testing.T) {
		w := a.do("GET", "/things/a", "", map[string]string{"Authorization": "Bearer old"})
		problem(t, w, fault.Unauthenticated, 401)
		if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="kith", error="invalid_token", error_description="The token has expired."` {
			t.Fatal(got)
		}
	})
	t.Run("two tokens are refused", func(t *testing.T) {
		r := httptest.NewRequest("GET", at("/things/a"), nil)
		r.Header["Authorization"] = []string{"Bearer ada", "Bearer ben"}
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		problem(t, w, fault.Unauthenticated, 401)
	})
	t.Run("failure of the authenticator is internal", func(t *testing.T) {
		problem(t, a.do("GET", "/things/a", "", map[string]string{"Authorization": "Bearer broken"}), fault.Internal, 500)
	})
	t.Run("operation without security wants none", func(t *testing.T) {
		if w := a.do("GET", "/open", "", map[string]string{"Authorization": "-"}); w.Code != 200 {
			t.Fatal(w.Code)
		}
	})
	t.Run("before validation", func(t *testing.T) {
		problem(t, a.do("POST", "/things", "{", map[string]string{"Authorization": "-"}), fault.Unauthenticated, 401)
	})
}

func TestStaleAccessClosesWhatIsAuthenticated(t *testing.T) {
	a := start(t, nil, func(c *rest.Config) { c.Fresh = fresh(false) })
	w := a.do("GET", "/things/a", "", nil)
	problem(t, w, fault.AccessBehind, 503)
	if w.Header().Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	if w := a.do("GET", "/open", "", nil); w.Code != 200 {
		t.Fatal(w.Code)
	}
}

func TestIdempotencyKey(t *testing.T) {
	a := start(t, nil, nil)
	for name, key := range map[string]string{
		"missing": "-", "too long": strings.Repeat("k", 129), "not ASCII": "schlüssel", "control character": "a\tb", "space": "a b",
	} {
		t.Run(name, func(t *testing.T) {
			p := problem(t, a.do("POST", "/things", thing, map[string]string{"Idempotency-Key": key}), fault.Invalid, 422)
			if len(p.Fields) != 1 || p.Fields[0].Field != "Idempotency-Key" {
				t.Fatal(p)
			}
		})
	}
	t.Run("longest", func(t *testing.T) {
		if w := a.do("POST", "/things", thing, map[string]string{"Idempotency-Key": strings.Repeat("~", 128)}); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
	})
	t.Run("not for what is no command", func(t *testing.T) {
		if w := a.do("POST", "/searches", "{}", map[string]string{"Idempotency-Key": "-"}); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
	})
}

func TestMeta(t *testing.T) {
	var last es.Meta
	remember := func(c echo.Context) (err error) {
		if last, err = rest.MetaOf(c); err != nil {
			return err
		}
		return rest.Done(c, 42, http.StatusCreated, map[string]string{"id": "x"})
	}
	a := start(t, handlers{"raiseThing": remember, "dropThing": remember, "search": remember}, nil)
	meta := func(method, target, body string, header map[string]string) es.Meta {
		t.Helper()
		w := a.do(method, target, body, header)
		if w.Code != http.StatusCreated || w.Header().Get("Kith-Seq") != "42" {
			t.Fatal(w.Code, w.Body, w.Header())
		}
		return last
	}
	first := meta("POST", "/things", thing, nil)
	if first.Actor != "ada" || first.Command == "" || first.Correlation != "" || first.Request == "" || first.Traceparent != "" {
		t.Fatalf("%+v", first)
	}
	t.Run("a retry is the same command and request", func(t *testing.T) {
		if got := meta("POST", "/things", thing, nil); got != first {
			t.Fatalf("%+v", got)
		}
	})
	t.Run("the same key with another body is the same command and another request", func(t *testing.T) {
		got := meta("POST", "/things", strings.Replace(thing, "A", "B", 1), nil)
		if got.Command != first.Command || got.Request == first.Request {
			t.Fatalf("%+v", got)
		}
	})
	t.Run("another key or person is another command", func(t *testing.T) {
		if got := meta("POST", "/things", thing, map[string]string{"Idempotency-Key": "2"}); got.Command == first.Command {
			t.Fatal("key")
		}
		if got := meta("POST", "/things", thing, map[string]string{"Authorization": "Bearer ben"}); got.Command == first.Command {
			t.Fatal("person")
		}
	})
	t.Run("another path is another command", func(t *testing.T) {
		if meta("DELETE", "/things/a", "", nil).Command == meta("DELETE", "/things/b", "", nil).Command {
			t.Fatal("path")
		}
	})
	t.Run("trace context is passed on if it is one", func(t *testing.T) {
		good := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		if got := meta("POST", "/things", thing, map[string]string{"traceparent": good}); got.Traceparent != good {
			t.Fatal(got.Traceparent)
		}
		for _, bad := range []string{"x", strings.ToUpper(good), strings.Replace(good, "00-", "01-", 1), "00-" + strings.Repeat("0", 32) + good[35:]} {
			if got := meta("POST", "/things", thing, map[string]string{"traceparent": bad}); got.Traceparent != "" {
				t.Fatal(bad)
			}
		}
	})
	t.Run("what is no command has none", func(t *testing.T) {
		problem(t, a.do("POST", "/searches", "{}", nil), fault.Internal, 500)
	})
}

func TestWaitForPosition(t *testing.T) {
	p := newPlace(7)
	a := start(t, nil, func(c *rest.Config) { c.Position, c.WaitLimit = p, 10*time.Second })
	t.Run("reached: at once", func(t *testing.T) {
		if w := a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": "7"}); w.Code != 200 || w.Header().Get("Kith-Seq") != "7" {
			t.Fatal(w.Code, w.Header())
		}
	})
	t.Run("commands and queries wait until it is reached", func(t *testing.T) {
		var done sync.WaitGroup
		for _, method := range []string{"GET", "DELETE"} {
			done.Go(func() {
				if w := a.do(method, "/things/a", "", map[string]string{"Kith-Seq": "9"}); w.Code != 200 {
					t.Errorf("%s: %d %s", method, w.Code, w.Body)
				} else if method == "GET" && w.Header().Get("Kith-Seq") != "9" {
					t.Error(w.Header())
				}
			})
		}
		p.set(8)
		p.set(9)
		done.Wait()
	})
	t.Run("a token that the process learns of only there is accepted", func(t *testing.T) {
		p := newPlace(7)
		a := start(t, nil, func(c *rest.Config) { c.Position, c.WaitLimit, c.Auth = p, 10*time.Second, issuedAt{p, 8} })
		var done sync.WaitGroup
		done.Go(func() {
			if w := a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": "8"}); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
		p.set(8)
		done.Wait()
		if w := a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": "8"}); w.Code != 200 {
			t.Errorf("afterwards: %d %s", w.Code, w.Body)
		}
	})
	t.Run("a token that is unknown there too is refused as such", func(t *testing.T) {
		p := newPlace(7)
		a := start(t, nil, func(c *rest.Config) { c.Position, c.WaitLimit, c.Auth = p, time.Millisecond, issuedAt{p, 9} })
		problem(t, a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": "8"}), fault.Unauthenticated, 401)
	})
	t.Run("not reached in time: view-behind", func(t *testing.T) {
		a := start(t, nil, func(c *rest.Config) { c.WaitLimit = time.Millisecond })
		w := a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": "9999999999999999999"})
		problem(t, w, fault.ViewBehind, 503)
		if w.Header().Get("Retry-After") != "1" {
			t.Fatal(w.Header())
		}
	})
	t.Run("garbage is refused", func(t *testing.T) {
		for _, bad := range []string{"-1", "x", "1.5", "+1", "12345678901234567890", "0x10"} {
			got := problem(t, a.do("GET", "/things/a", "", map[string]string{"Kith-Seq": bad}), fault.Invalid, 422)
			if got.Fields[0].Field != "Kith-Seq" {
				t.Fatal(bad, got)
			}
		}
	})
}

func TestAnswersToQueriesCarryThePositionOfTheirEnd(t *testing.T) {
	p := newPlace(7)
	a := start(t, handlers{"getThing": func(c echo.Context) error {
		p.set(8) // what the handler reads may already be newer than when it began
		return c.JSON(200, 1)
	}}, func(c *rest.Config) { c.Position = p })
	if w := a.do("GET", "/things/a", "", nil); w.Header().Get("Kith-Seq") != "8" {
		t.Fatal(w.Header())
	}
}

func TestLoadIsShed(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	block := func(c echo.Context) error {
		entered <- struct{}{}
		<-release
		return c.NoContent(204)
	}
	a := start(t, handlers{"raiseThing": block, "importThings": block}, func(c *rest.Config) {
		c.InFlight, c.LargeInFlight, c.MaxBody = 1, 1, 1024
	})
	var done sync.WaitGroup
	done.Go(func() { a.do("POST", "/things", thing, nil) })
	done.Go(func() { a.do("POST", "/imports", "a,b", map[string]string{"Content-Type": "text/csv"}) })
	<-entered
	<-entered
	t.Run("commands", func(t *testing.T) {
		w := a.do("DELETE", "/things/a", "", nil)
		problem(t, w, fault.TooMany, 429)
		if w.Header().Get("Retry-After") == "" {
			t.Fatal("no Retry-After")
		}
	})
	t.Run("large bodies on their own", func(t *testing.T) {
		problem(t, a.do("POST", "/imports", "a,b", map[string]string{"Content-Type": "text/csv"}), fault.TooMany, 429)
	})
	t.Run("queries are not", func(t *testing.T) {
		if w := a.do("GET", "/things/a", "", nil); w.Code != 200 {
			t.Fatal(w.Code)
		}
	})
	close(release)
	done.Wait()
	t.Run("places come free", func(t *testing.T) {
		if w := a.do("DELETE", "/things/a", "", nil); w.Code != 200 {
			t.Fatal(w.Code)
		}
	})
}

func TestIfMatchAndETag(t *testing.T) {
	a := start(t, handlers{
		"getThing": func(c echo.Context) error { rest.SetETag(c, 12); return c.NoContent(200) },
		"editThing": func(c echo.Context) error {
			v, err := rest.IfMatch(c)
			if err != nil {
				return err
			}
			if v != 12 {
				return fault.New(fault.Stale, "Read it again.")
			}
			return rest.Done(c, 8, 204, nil)
		},
	}, nil)
	tag := a.do("GET", "/things/a", "", nil).Header().Get("ETag")
	if w := a.do("PUT", "/things/a", "{}", map[string]string{"If-Match": tag}); w.Code != 204 || w.Header().Get("Kith-Seq") != "8" {
		t.Fatal(w.Code, w.Body)
	}
	problem(t, a.do("PUT", "/things/a", "{}", map[string]string{"If-Match": `"11"`}), fault.Stale, 412)
	p := problem(t, a.do("PUT", "/things/a", "{}", nil), fault.PreconditionReq, 428)
	if !strings.Contains(p.Detail, "If-Match") {
		t.Fatal(p)
	}
	for _, bad := range []string{"*", `W/"12"`, "12", `"x"`, `""`, `"12", "13"`, `"12345678901234567890"`} {
		if p := problem(t, a.do("PUT", "/things/a", "{}", map[string]string{"If-Match": bad}), fault.Invalid, 422); p.Fields[0].Field != "If-Match" {
			t.Fatal(bad, p)
		}
	}
}

func TestWhatPassesIsNoError(t *testing.T) {
	for level, err := range map[string]error{
		"WARN":  fault.New(fault.Unavailable, "The log cannot be reached."),
		"ERROR": errors.New("a mistake of ours"),
	} {
		a := start(t, handlers{"getThing": func(echo.Context) error { return err }}, nil)
		a.do("GET", "/things/a", "", nil)
		if line := a.log.String(); !strings.Contains(line, "request failed") || !strings.Contains(line, `"level":"`+level+`"`) {
			t.Errorf("%v is logged as %s", err, line)
		}
	}
}

func TestClientThatGoesAwayIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := start(t, handlers{"getThing": func(c echo.Context) error {
		cancel()
		return errors.Join(errors.New("load"), c.Request().Context().Err())
	}}, nil)
	r := httptest.NewRequestWithContext(ctx, "GET", at("/things/a"), nil)
	r.Header.Set("Authorization", "Bearer ada")
	a.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(a.log.String(), "request failed") || !strings.Contains(a.log.String(), `"status":499`) {
		t.Fatal(a.log)
	}
}
