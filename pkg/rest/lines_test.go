package rest_test

import (
	"math"
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"

	"kith/pkg/rest"
)

func TestLines(t *testing.T) {
	a := start(t, handlers{"raiseThing": func(c echo.Context) error {
		l := rest.NewLines(c, 9)
		l.Write(map[string]int{"done": 1})
		l.Write(math.NaN()) // no JSON: nothing half written
		l.Write(rest.ProblemOf(c.Request().Context().Err()).Code)
		return nil
	}}, nil)
	w := a.do("POST", "/things", `{"title":"t","kind":"problem"}`, nil)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-ndjson" || w.Header().Get("Kith-Seq") != "9" || !w.Flushed {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got := w.Body.String(); got != "{\"done\":1}\n\"internal\"\n" {
		t.Errorf("%q", got)
	}
}

func TestCreated(t *testing.T) {
	a := start(t, handlers{"raiseThing": func(c echo.Context) error { return rest.Created(c, "abc", 7, nil) }}, nil)
	w := a.do("POST", "/things", `{"title":"t","kind":"problem"}`, nil)
	if got := w.Body.String(); w.Code != http.StatusCreated || w.Header().Get("Kith-Seq") != "7" || got != "{\"id\":\"abc\",\"seq\":7}\n" {
		t.Errorf("%d %v %q", w.Code, w.Header(), got)
	}
}
