package portal

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// Paths that are not the application's.
const (
	pathAPI    = "/api/"
	pathPortal = "/portal/"
)

// headerKith is sent by the application with what changes something. A page of
// another origin cannot send it without asking first, which nobody allows.
const headerKith = "X-Kith"

// keySession is where a request of a session says so.
const keySession = "kith session"

// gate stands before every route of the process. It lets a browser into the
// API: the session's token takes the place of its cookie. What comes with an
// Authorization header is a machine's, is judged by that alone, and takes no
// session along.
func (s *service) gate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if s.secure() {
			c.Response().Header().Set(headerTransport, transportFor)
		}
		switch {
		case strings.HasPrefix(r.URL.Path, pathPortal):
			if err := s.own(r); err != nil {
				return err
			}
			return next(c)
		case strings.HasPrefix(r.URL.Path, pathAPI):
			id, found := s.sessionID(r)
			if found && r.Header.Get(echo.HeaderAuthorization) == "" {
				return s.enter(c, id, next)
			}
			r.Header.Del(echo.HeaderCookie)
			return s.pass(c, next)
		}
		return s.orPage(c, next(c))
	}
}

// own returns Forbidden unless a page of this origin, or no page at all, sends
// the request. Reading is held to it too: an auditor's reading is recorded.
func (s *service) own(r *http.Request) error {
	const wayOut = "Requests with the cookie of a session are taken from Kith's own pages only."
	if safe(r.Method) {
		// To sign in one is led from anywhere, and back from the issuer.
		site := r.Header.Get("Sec-Fetch-Site")
		if strings.HasPrefix(r.URL.Path, pathAPI) && (site == "cross-site" || site == "same-site") {
			return fault.New(fault.Forbidden, wayOut)
		}
		return nil
	}
	if err := s.origin.Check(r); err != nil {
		return &fault.Error{Code: fault.Forbidden, Detail: wayOut, Err: err}
	}
	if r.Header.Get(headerKith) != "1" {
		return fault.New(fault.Forbidden, "Send the header %s: 1 with what changes something. %s", headerKith, wayOut)
	}
	return nil
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// enter answers a request of a session.
func (s *service) enter(c echo.Context, id string, next echo.HandlerFunc) error {
	r := c.Request()
	if err := s.own(r); err != nil {
		return err
	}
	stream := streams(r)
	h, err := s.find(r.Context(), id)
	if err == nil && !stream { // a page that is left open is nobody's doing
		h, err = s.seen(r.Context(), h)
	}
	if err == nil {
		h, err = s.fresh(r.Context(), id, h, stream)
	}
	if err != nil {
		return s.gone(c, err)
	}
	ctx, done := r.Context(), func() {}
	if safe(r.Method) { // a command is judged and done in one step, and soon answered
		ctx, done = s.live.add(ctx, h, stream, s.life(h))
	}
	defer done()
	// Only now: what ended the session before would be missed.
	if !s.core.Access.Active(h.Person) {
		return s.gone(c, errSignedOut())
	}
	if stream {
		if _, err := s.find(ctx, id); err != nil {
			return s.gone(c, err)
		}
	}
	whole := r.Context()
	r = r.WithContext(ctx)
	r.Header.Del(echo.HeaderCookie)
	r.Header.Set(echo.HeaderAuthorization, "Bearer "+h.Access)
	c.SetRequest(r)
	c.Set(keySession, h.Key)
	if err = s.pass(c, next); err != nil && ctx.Err() != nil && whole.Err() == nil {
		return s.gone(c, errSignedOut())
	}
	return err
}

// gone takes the cookie away with a session that has ended.
func (s *service) gone(c echo.Context, err error) error {
	if fault.CodeOf(err) == fault.Unauthenticated {
		s.setCookie(c, s.sessionName(), "", 0)
	}
	return err
}

// pass goes on to the services, here or elsewhere.
func (s *service) pass(c echo.Context, next echo.HandlerFunc) error {
	if s.proxy == nil {
		return next(c)
	}
	return s.proxy.pass(c, next)
}

// streams reports whether live events are asked for.
func streams(r *http.Request) bool {
	return strings.Contains(r.Header.Get(echo.HeaderAccept), "text/event-stream")
}

// orPage answers with the application where there is no route: it has addresses
// of its own.
func (s *service) orPage(c echo.Context, err error) error {
	if !errors.Is(err, echo.ErrNotFound) || c.Response().Committed {
		return err
	}
	r := c.Request()
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !s.site.page(r.URL.Path) {
		return err
	}
	c.SetPath("/*") // what people make up must not become a label
	return s.site.index(c)
}

// pages is app.Module.Pages.
func (s *service) pages(e *echo.Echo) {
	e.Use(s.gate)
	s.site.routes(e)
	s.fail.routes(e)
}
