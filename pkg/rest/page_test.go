package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"pgregory.net/rapid"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

type after struct {
	Seq uint64 `json:"s"`
	ID  string `json:"i"`
}

func page(query url.Values) (rest.Page, error) {
	r := httptest.NewRequest("GET", "/?"+query.Encode(), nil)
	return rest.PageOf(echo.New().NewContext(r, httptest.NewRecorder()))
}

func TestPageLimits(t *testing.T) {
	for limit, want := range map[string]int{"": 50, "1": 1, "200": 200} {
		if p, err := page(url.Values{"limit": {limit}}); err != nil || p.Limit != want {
			t.Errorf("%q: %v %v", limit, p, err)
		}
	}
	for _, bad := range []string{"0", "201", "-1", "x", "1e2"} {
		_, err := page(url.Values{"limit": {bad}})
		if p := rest.ProblemOf(err); p.Status != 422 || p.Fields[0].Field != "limit" {
			t.Errorf("%q: %+v", bad, p)
		}
	}
}

func TestCursorComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := after{rapid.Uint64().Draw(t, "seq"), rapid.StringMatching(`[a-zäöü0-9 "]{0,40}`).Draw(t, "id")}
		next, err := rest.NextCursor(want)
		if err != nil {
			t.Fatal(err)
		}
		p, err := page(url.Values{"cursor": {next}})
		if err != nil {
			t.Fatal(err)
		}
		var got after
		if found, err := p.Cursor(&got); !found || err != nil || got != want {
			t.Fatal(found, err, got, want)
		}
	})
}

func TestNoCursorIsTheStart(t *testing.T) {
	p, err := page(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got after
	if found, err := p.Cursor(&got); found || err != nil {
		t.Fatal(found, err)
	}
}

func TestListIsNeverNull(t *testing.T) {
	data, err := json.Marshal(rest.NewList[int](nil, ""))
	if err != nil || string(data) != `{"items":[]}` {
		t.Fatalf("%s %v", data, err)
	}
}

// FuzzCursor: a cursor decodes, or is refused by name.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":1,"i":"x"}`)))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":-1}`)))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"x":1}`)))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":1}{}`)))
	f.Add(strings.Repeat("A", 3000))
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := page(url.Values{"cursor": {cursor}})
		if err == nil {
			var v after
			_, err = p.Cursor(&v)
		}
		if err != nil {
			if got := rest.ProblemOf(err); got.Code != fault.Invalid || got.Fields[0].Field != "cursor" {
				t.Fatalf("%+v", got)
			}
		}
	})
}

func TestGarbledCursorsAreRefused(t *testing.T) {
	for _, bad := range []string{"!!", "AAAA", strings.Repeat("A", 3000), base64.RawURLEncoding.EncodeToString([]byte(`{"s":1,"other":2}`)), base64.RawURLEncoding.EncodeToString([]byte(`{"s":"1"}`)), base64.StdEncoding.EncodeToString([]byte(`{"s":1}`))} {
		p, err := page(url.Values{"cursor": {bad}})
		if err == nil {
			var v after
			_, err = p.Cursor(&v)
		}
		if err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
