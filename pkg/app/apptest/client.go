package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Response is what the process answered.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON decodes the body into v.
func (r Response) JSON(v any) error { return json.Unmarshal(r.Body, v) }

// Problem is the code of a problem document, "" for other answers.
func (r Response) Problem() string {
	var p struct {
		Type string `json:"type"`
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/problem+json") || r.JSON(&p) != nil {
		return ""
	}
	return p.Type[strings.LastIndexByte(p.Type, '/')+1:]
}

// Option changes a request before it is sent.
type Option func(*http.Request)

// Header sets a header.
func Header(name, value string) Option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Do sends a request as person ("" for nobody): body is JSON-encoded unless it
// is nil or a string. Commands get a new Idempotency-Key unless opts set one.
// Queries wait for everything that happened before.
func (s *System) Do(person, method, path string, body any, opts ...Option) Response {
	s.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	s.Settle()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	if person != "" {
		req.Header.Set("Authorization", "Bearer "+person)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		s.serial++
		req.Header.Set("Idempotency-Key", "test-"+strconv.Itoa(s.serial))
	}
	for _, o := range opts {
		o(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Settle()
	return Response{resp.StatusCode, resp.Header, data}
}

// Must is Do that fails the test unless the status is want.
func (s *System) Must(want int, person, method, path string, body any, opts ...Option) Response {
	s.t.Helper()
	r := s.Do(person, method, path, body, opts...)
	if r.Status != want {
		s.t.Fatalf("%s %s answered %d, not %d: %s", method, path, r.Status, want, r.Body)
	}
	return r
}

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
