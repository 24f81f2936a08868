package portal

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/app"
	"kith/pkg/fault"
	"kith/pkg/natsauth"
)

// proxy leads to services in other processes.
type proxy struct {
	core  app.Core
	to    map[string]*url.URL // by the name in the path
	usual http.RoundTripper
	long  http.RoundTripper
}

// system is the part of the API that every process has of its own.
const system = "system"

// systemOf is whose process is meant where nobody says so.
const systemOf = "membership"

const (
	dialLimit   = 3 * time.Second
	answerLimit = 40 * time.Second // for an answer to begin; services take 30 s and wait 2 s
	longLimit   = time.Hour        // where a file is taken in
	maxBody     = 33 << 20         // bytes; a little more than what any service takes, which says so better
	bodyLimit   = 2 * time.Minute  // for a large body to be received
	largeBody   = 256 << 10        // bytes
	writeLimit  = 30 * time.Second // for a browser to take a part of an answer
)

// newProxy returns a proxy to the services that template leads to.
func newProxy(core app.Core, template string) *proxy {
	p := &proxy{core: core, to: map[string]*url.URL{}, usual: transport(answerLimit), long: transport(longLimit)}
	for _, service := range natsauth.Services() {
		if service == name {
			continue
		}
		if u, err := serviceURL(template, service); err == nil { // as checked with the settings
			p.to[service] = u
		}
	}
	return p
}

func transport(answer time.Duration) *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: dialLimit, KeepAlive: 30 * time.Second}).DialContext, TLSHandshakeTimeout: dialLimit,
		ResponseHeaderTimeout: answer, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
		DisableCompression: true, ForceAttemptHTTP2: true,
	}
}

// leadsTo is the part of the API that a request is for, and the service that has to
// answer it; "" if it is this process. Of /api/system/, which every process has of
// its own, the query says whose is meant. Where it does not, machines are told of
// this process and people of another: the one that they come through is none of theirs.
func leadsTo(c echo.Context) (part, service string) {
	r := c.Request()
	// As it was sent: what is between here and the service may read it otherwise
	// than we do, so names are taken literally, and nothing leads upwards.
	part, _, _ = strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), pathAPI), "/")
	if service = part; part != system {
		return part, service
	}
	if service = r.URL.Query().Get("service"); service == "" && c.Get(keySession) != nil {
		service = systemOf
	}
	return part, service
}

// pass answers with what the service answers.
func (p *proxy) pass(c echo.Context, next echo.HandlerFunc) error {
	r := c.Request()
	part, service := leadsTo(c)
	to := p.to[service]
	if to == nil || slices.Contains(strings.FieldsFunc(r.URL.Path, func(r rune) bool { return r == '/' || r == '\\' }), "..") {
		return next(c)
	}
	c.SetPath(pathAPI + part + "/*") // the label of metrics and log
	if r.ContentLength > maxBody {
		return &http.MaxBytesError{Limit: maxBody}
	}
	ctl := http.NewResponseController(c.Response())
	if r.ContentLength > largeBody || r.ContentLength < 0 { // a recorder in a test has no deadlines
		_ = ctl.SetReadDeadline(time.Now().Add(bodyLimit))
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
	end := p.trace(c)
	var failed error
	rp := httputil.ReverseProxy{
		FlushInterval: -1, // events are never held back
		Rewrite: func(out *httputil.ProxyRequest) {
			out.SetURL(to)
			strip(out.Out.Header)
			out.Out.Header.Set(echo.HeaderXRequestID, c.Response().Header().Get(echo.HeaderXRequestID))
		},
		Transport: p.transport(r),
		ModifyResponse: func(resp *http.Response) error {
			resp.Header.Del("Set-Cookie")
			own(c.Response().Header(), resp.Header)
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
	}
	defer func() { end(c.Response().Status) }()
	rp.ServeHTTP(&patient{c.Response(), ctl}, c.Request())
	return p.explain(c.Request().Context(), service, failed)
}

// strip takes away what only stands between this process and the browser.
func strip(h http.Header) {
	h.Del(headerKith)
	h.Del("Upgrade")
	h.Del("Connection")
}

// own takes away from the answer here what the service's answer has as well.
func own(here, theirs http.Header) {
	for k := range theirs {
		here.Del(k)
	}
}

// transport waits long only where what is sent is no JSON: an import is read
// before it is answered.
func (p *proxy) transport(r *http.Request) http.RoundTripper {
	kind := r.Header.Get(echo.HeaderContentType)
	if !safe(r.Method) && kind != "" && !strings.HasPrefix(kind, echo.MIMEApplicationJSON) {
		return p.long
	}
	return p.usual
}

// trace puts the request into the trace of the browser's; a stream has no span,
// which would last for hours.
func (p *proxy) trace(c echo.Context) (end func(status int)) {
	r := c.Request()
	if streams(r) {
		return func(int) {}
	}
	method := r.Method
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		method = "other"
	}
	ctx, span := p.core.Tracer.Request(r.Context(), method, c.Path(), "proxy", r.Header.Get("Traceparent"))
	c.SetRequest(r.WithContext(ctx))
	if t := span.Traceparent(); t != "" {
		r.Header.Set("Traceparent", t)
	}
	return span.Answered
}

// explain turns a failure to reach a service into one that says what to do.
func (p *proxy) explain(ctx context.Context, service string, err error) error {
	if err == nil {
		return nil
	}
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLong
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &fault.Error{Code: fault.Unavailable, Err: err,
		Detail: "The " + service + " service does not answer at the moment. Repeat the request with the same Idempotency-Key: it is done at most once."}
}

// patient gives a browser a time to take each part of an answer, however long
// the whole takes; without a limit one that stops reading would hold it for ever.
type patient struct {
	http.ResponseWriter
	ctl *http.ResponseController
}

// Write implements http.ResponseWriter.
func (p *patient) Write(b []byte) (int, error) {
	_ = p.ctl.SetWriteDeadline(time.Now().Add(writeLimit))
	return p.ResponseWriter.Write(b)
}

// Unwrap lets the deadlines of the connection be set, and parts be sent.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
