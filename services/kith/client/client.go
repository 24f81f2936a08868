// Package client speaks with Kith over its public API: it signs in, makes
// commands that can be retried, reads its own writes, and turns problem
// documents into errors.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"kith/pkg/fault"
)

// Client speaks as one person. It is safe for concurrent use.
type Client struct {
	Base  string // URL of the server, without a final slash
	Token string // bearer token
	HTTP  *http.Client

	seq atomic.Uint64 // highest position that was answered: what this person has seen
}

// Problem is an error of the server's, as RFC 9457 has it.
type Problem struct {
	Status int           `json:"status"`
	Title  string        `json:"title"`
	Detail string        `json:"detail"`
	Code   fault.Code    `json:"code"`
	Fields []fault.Field `json:"fields"`
}

// Error says what happened, with every field that was wrong.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Detail)
	if p.Detail == "" {
		b.WriteString(p.Title)
	}
	for _, f := range p.Fields {
		if f.Line > 0 {
			fmt.Fprintf(&b, "\n  line %d: %s: %s", f.Line, f.Field, f.Reason)
		} else if len(p.Fields) > 1 {
			fmt.Fprintf(&b, "\n  %s: %s", f.Field, f.Reason)
		}
	}
	return b.String()
}

// CodeOf returns the code of the Problem in err's chain, "" if there is none.
func CodeOf(err error) fault.Code {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}

// Pool is an HTTP client for many people who act at the same time.
func Pool(connections int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	return &http.Client{Transport: t}
}

// SignIn gets a token of the development issuer for login.
func SignIn(ctx context.Context, h *http.Client, base, login string) (*Client, error) {
	form := url.Values{"grant_type": {"password"}, "username": {login}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/dev/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := h.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w (is Kith running there?)", base, err)
	}
	defer resp.Body.Close()
	var out struct {
		Token       string `json:"access_token"`
		Description string `json:"error_description"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&out); err != nil || out.Token == "" {
		return nil, fmt.Errorf("sign in as %s: %s (%s); is Kith running with --dev?", login, resp.Status, out.Description)
	}
	return &Client{Base: base, Token: out.Token, HTTP: h}, nil
}

// Request is what Do sends.
type Request struct {
	Method, Path string
	Body         any    // encoded as JSON, unless it is an io.Reader
	Type         string // of an io.Reader body
	Key          string // Idempotency-Key; empty: a new one
	Header       http.Header
}

const (
	maxTries  = 8
	maxAnswer = 64 << 20 // bytes
)

// Get asks for path and decodes the answer into out, which may be nil.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	_, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path}, out)
	return err
}

// Post gives a command and decodes the answer into out, which may be nil.
func (c *Client) Post(ctx context.Context, path string, body, out any) error {
	_, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body}, out)
	return err
}

// Do sends r, retrying what the server was too busy for, with the same key, so
// that a command happens once. Returns *Problem for what the server refuses.
func (c *Client) Do(ctx context.Context, r Request, out any) (http.Header, error) {
	in, err := r.complete()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(in) // a retry sends it again
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		resp, err := c.send(ctx, r, bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		wait, again := retryAfter(resp)
		if again && try < maxTries {
			resp.Body.Close()
			select {
			case <-time.After(wait):
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		defer resp.Body.Close()
		return resp.Header, c.read(resp, out)
	}
}

// Open sends r and returns the body of the answer for reading while it comes.
func (c *Client) Open(ctx context.Context, r Request) (io.ReadCloser, error) {
	in, err := r.complete()
	if err != nil {
		return nil, err
	}
	resp, err := c.send(ctx, r, in)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		defer resp.Body.Close()
		return nil, c.read(resp, nil)
	}
	return resp.Body, nil
}

// complete gives the request a key if it has none, and returns its body.
func (r *Request) complete() (io.Reader, error) {
	if r.Key == "" {
		r.Key = uuid.NewString()
	}
	switch b := r.Body.(type) {
	case nil:
		return http.NoBody, nil
	case io.Reader:
		return b, nil
	}
	data, err := json.Marshal(r.Body)
	return bytes.NewReader(data), err
}

func (c *Client) send(ctx context.Context, r Request, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, c.Base+r.Path, body)
	if err != nil {
		return nil, err
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	if r.Method != http.MethodGet {
		req.Header.Set("Idempotency-Key", r.Key)
	}
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
		if r.Type != "" {
			req.Header.Set("Content-Type", r.Type)
		}
	}
	if seq := c.seq.Load(); seq > 0 {
		req.Header.Set("Kith-Seq", strconv.FormatUint(seq, 10))
	}
	return c.HTTP.Do(req)
}

func (c *Client) read(resp *http.Response, out any) error {
	if seq, err := strconv.ParseUint(resp.Header.Get("Kith-Seq"), 10, 64); err == nil {
		c.Seen(seq)
	}
	body := io.LimitReader(resp.Body, maxAnswer)
	if resp.StatusCode >= 300 {
		p := &Problem{Status: resp.StatusCode, Title: resp.Status}
		_ = json.NewDecoder(body).Decode(p) // what is no problem document keeps the status as its title
		return p
	}
	if out == nil || resp.StatusCode == http.StatusNoContent {
		_, err := io.Copy(io.Discard, body)
		return err
	}
	return json.NewDecoder(body).Decode(out)
}

// Position is the highest position that was answered so far.
func (c *Client) Position() uint64 { return c.seq.Load() }

// Seen makes the following requests wait until the server has seen seq.
func (c *Client) Seen(seq uint64) {
	for {
		old := c.seq.Load()
		if seq <= old || c.seq.CompareAndSwap(old, seq) {
			return
		}
	}
}

// retryAfter says whether and when the same request may succeed.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	s, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || s < 0 || s > 30 {
		s = 1
	}
	return time.Duration(s) * time.Second, true
}
