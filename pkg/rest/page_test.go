package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
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

// shelf is a list whose handler hands on the page that it is asked for.
type shelf struct {
	*api
	asked func(rest.Page) error
}

func newShelf(t testing.TB) *shelf {
	s := &shelf{}
	s.api = start(t, handlers{"listThings": func(c echo.Context) error {
		p, err := rest.PageOf(c)
		if err != nil {
			return err
		}
		return s.asked(p)
	}}, nil)
	return s
}

// page asks as person; f is given what the handler was. What is wrong with the
// request is returned.
func (s *shelf) page(person string, query url.Values, f func(rest.Page) error) (p rest.Problem) {
	s.asked = f
	w := s.do("GET", "/things?"+query.Encode(), "", map[string]string{"Authorization": "Bearer " + person})
	if w.Code != http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			s.t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
	}
	return p
}

// next is the cursor that person gets for the page after v.
func (s *shelf) next(person string, query url.Values, v any) (next string) {
	if p := s.page(person, query, func(p rest.Page) (err error) { next, err = p.Next(v); return err }); p.Status != 0 {
		s.t.Fatalf("%+v", p)
	}
	return next
}

// read is what the cursor says to person.
func (s *shelf) read(person string, query url.Values, cursor string) (got after, found bool, p rest.Problem) {
	query = url.Values{"cursor": {cursor}, "tag": query["tag"], "limit": query["limit"]}
	p = s.page(person, query, func(p rest.Page) (err error) { found, err = p.Cursor(&got); return err })
	return got, found, p
}

func TestPageLimits(t *testing.T) {
	s := newShelf(t)
	for limit, want := range map[string]int{"": 50, "1": 1, "200": 200} {
		got := 0
		query := url.Values{"limit": {limit}}
		if limit == "" {
			query = nil
		}
		if p := s.page("ada", query, func(p rest.Page) error { got = p.Limit; return nil }); p.Status != 0 || got != want {
			t.Errorf("%q: %v %v", limit, p, got)
		}
	}
	for _, bad := range []string{"0", "201", "-1", "x", "1e2"} {
		p := s.page("ada", url.Values{"limit": {bad}}, func(rest.Page) error { return nil })
		if p.Status != 422 || p.Fields[0].Field != "limit" {
			t.Errorf("%q: %+v", bad, p)
		}
	}
}

func TestCursorComesBackAsItWas(t *testing.T) {
	s := newShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		want := after{rapid.Uint64().Draw(t, "seq"), rapid.StringMatching(`[a-zäöü0-9 "]{0,40}`).Draw(t, "id")}
		if got, found, p := s.read("ada", nil, s.next("ada", nil, want)); !found || p.Status != 0 || got != want {
			t.Fatal(found, p, got, want)
		}
	})
}

func TestCursorSaysNothingToItsHolder(t *testing.T) {
	s := newShelf(t)
	cursor := s.next("ada", nil, after{4711, "secret"})
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "4711") || strings.Contains(string(data), "secret") {
		t.Errorf("%q", data)
	}
	if again := s.next("ada", nil, after{4711, "secret"}); again != cursor {
		t.Error("the same page has two cursors")
	}
}

func TestCursorIsGoodForItsCallerAndListOnly(t *testing.T) {
	s := newShelf(t)
	filtered := url.Values{"tag": {"a"}}
	cursor := s.next("ada", filtered, after{1, "x"})
	if _, found, p := s.read("ada", url.Values{"tag": {"a"}, "limit": {"3"}}, cursor); !found || p.Status != 0 {
		t.Errorf("another limit: %+v", p)
	}
	for name, read := range map[string]func() rest.Problem{
		"another caller": func() rest.Problem { _, _, p := s.read("ben", filtered, cursor); return p },
		"another filter": func() rest.Problem { _, _, p := s.read("ada", url.Values{"tag": {"b"}}, cursor); return p },
		"no filter":      func() rest.Problem { _, _, p := s.read("ada", nil, cursor); return p },
		"another server": func() rest.Problem { _, _, p := newShelf(t).read("ada", filtered, cursor); return p },
	} {
		t.Run(name, func(t *testing.T) {
			if p := read(); p.Code != fault.Invalid || p.Fields[0].Field != "cursor" {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestNoCursorIsTheStart(t *testing.T) {
	s := newShelf(t)
	found := true
	if p := s.page("ada", nil, func(p rest.Page) (err error) { found, err = p.Cursor(new(after)); return err }); found || p.Status != 0 {
		t.Fatal(found, p)
	}
}

func TestCursorOfAnotherShapeIsRefused(t *testing.T) {
	s := newShelf(t)
	for _, other := range []any{map[string]any{"s": 1, "other": 2}, map[string]any{"s": "1"}, map[string]any{"s": -1}, "x", 7} {
		if _, _, p := s.read("ada", nil, s.next("ada", nil, other)); p.Code != fault.Invalid || p.Fields[0].Field != "cursor" {
			t.Errorf("%v: %+v", other, p)
		}
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
	s := newShelf(f)
	f.Add("")
	f.Add("AAAA")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":1,"i":"x"}`)))
	f.Add(s.next("ada", nil, after{1, "x"}))
	f.Add(s.next("ben", nil, after{1, "x"}))
	f.Add(strings.Repeat("A", 3000))
	f.Fuzz(func(t *testing.T, cursor string) {
		s.t = t
		if _, _, p := s.read("ada", nil, cursor); p.Status != 0 && (p.Code != fault.Invalid || p.Fields[0].Field != "cursor") {
			t.Fatalf("%+v", p)
		}
	})
}

func TestGarbledCursorsAreRefused(t *testing.T) {
	s := newShelf(t)
	good := s.next("ada", nil, after{1, "x"})
	for _, bad := range []string{"!!", "AAAA", strings.Repeat("A", 3000), good[1:], good + "A", good + "=",
		base64.RawURLEncoding.EncodeToString([]byte(`{"s":1,"i":"x"}`)), base64.StdEncoding.EncodeToString([]byte(`{"s":1}`))} {
		if _, _, p := s.read("ada", nil, bad); p.Code != fault.Invalid || p.Fields[0].Field != "cursor" {
			t.Errorf("%s is taken: %+v", bad, p)
		}
	}
}
