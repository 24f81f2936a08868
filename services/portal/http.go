package portal

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"kith/api/events/membership"
	api "kith/api/openapi/portalapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

const (
	pathLogin    = "/portal/login"
	pathCallback = "/portal/callback"
	pathHome     = "/"
)

// pending is a sign-in while the browser is at the issuer. The browser keeps it
// sealed, so that any process can go on.
type pending struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // PKCE
	To       string    `json:"to"`
	Began    time.Time `json:"began"`
}

// loginLife is how long somebody may take at the issuer.
const loginLife = 15 * time.Minute

// Login answers GET /portal/login.
func (s *service) Login(c echo.Context, params api.LoginParams) error {
	to := backTo(rest.Value(params.To))
	// Without TLS an address of this machine is as good as another, but cookies
	// belong to one of them. With it the names of proxies are none of our business.
	if !s.secure() && c.Request().Host != s.base.Host {
		return s.sendOn(c, s.address()+pathLogin+"?"+url.Values{"to": {to}}.Encode())
	}
	p := pending{To: to, Began: s.core.Now()}
	for _, random := range []*string{&p.State, &p.Nonce, &p.Verifier} {
		*random = oauth2.GenerateVerifier()
	}
	at, err := s.issuer.authURL(p, s.fail.locale(c.Request()))
	if err != nil {
		return s.fail.answer(c, err, to)
	}
	kept, err := s.signIn.seal(p.State, p)
	if err != nil {
		return err
	}
	s.forgetLogins(c)
	s.setCookie(c, s.loginName(p.State), kept, loginLife)
	return s.sendOn(c, at)
}

// Callback answers GET /portal/callback.
func (s *service) Callback(c echo.Context, params api.CallbackParams) error {
	to, err := s.signedIn(c, params)
	s.metrics.logins.WithLabelValues(loginOutcome(err)).Inc()
	if err != nil {
		s.core.Log.Info("somebody was not signed in", "cause", err)
		return s.fail.answer(c, err, to)
	}
	return s.sendOn(c, s.address()+to)
}

// signedIn begins the session of a browser that comes back from the issuer.
func (s *service) signedIn(c echo.Context, params api.CallbackParams) (to string, err error) {
	ctx := c.Request().Context()
	p, err := s.pendingOf(c, rest.Value(params.State))
	if err != nil {
		return pathHome, err
	}
	// Used up, whatever becomes of it.
	s.setCookie(c, s.loginName(p.State), "", 0)
	if iss := rest.Value(params.Iss); iss != "" && iss != s.core.Issuer {
		return p.To, errUnasked()
	}
	if e := rest.Value(params.Error); e != "" || rest.Value(params.Code) == "" {
		return p.To, errNotSignedIn(e)
	}
	g, err := s.issuer.redeem(ctx, p, rest.Value(params.Code))
	if err != nil {
		return p.To, err
	}
	who, err := s.core.Auth.Authenticate(ctx, "Bearer "+g.access)
	if err != nil {
		return p.To, err
	}
	t := tokens{Access: g.access, Refresh: g.refresh, ID: g.id, Expires: who.Expires}
	if err := s.fits(t); err != nil {
		return p.To, err
	}
	_, id, err := s.begin(ctx, who.Person, t)
	if err != nil {
		return p.To, err
	}
	if old, found := s.sessionID(c.Request()); found { // of whoever sat here before
		if h, err := s.store.Get(ctx, old); err == nil {
			if err := s.end(ctx, h.Key); err != nil {
				s.core.Log.Warn("the session before was not ended", "error", err)
			}
		}
	}
	s.setCookie(c, s.sessionName(), id, s.cfg.Lifetime)
	return p.To, nil
}

// pendingOf is the sign-in that this browser began with state.
func (s *service) pendingOf(c echo.Context, state string) (p pending, err error) {
	cookies := c.Request().CookiesNamed(s.loginName(state))
	if state == "" || len(cookies) != 1 || s.signIn.open(state, cookies[0].Value, &p) != nil ||
		subtle.ConstantTimeCompare([]byte(p.State), []byte(state)) != 1 || s.core.Now().Sub(p.Began) > loginLife {
		return pending{}, errUnasked()
	}
	return p, nil
}

// sendOn sends a browser to an address that was judged.
func (s *service) sendOn(c echo.Context, to string) error {
	return c.Redirect(http.StatusSeeOther, to)
}

// backTo is the path of this address that a caller asks to be led to, home if
// it is anything else: addresses of others, such as //evil.example, \evil, and
// what browsers make of them.
func backTo(to string) string {
	u, err := url.Parse(to)
	if err != nil || to == "" || to[0] != '/' || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\") ||
		strings.ContainsFunc(to, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) ||
		u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.HasPrefix(u.Path, "//") ||
		strings.HasPrefix(u.Path, pathPortal) || strings.HasPrefix(u.Path, pathAPI) {
		return pathHome
	}
	return to
}

// GetSession answers GET /portal/session.
func (s *service) GetSession(c echo.Context) error {
	h, err := s.current(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	person, _ := s.core.Access.Person(h.Person)
	name, err := s.nameOf(ctx, h.Person)
	if err != nil {
		return err
	}
	out := api.Session{
		Person: h.Person, Name: name, Roles: []api.SessionRoles{}, Language: person.Language,
		Organisation: api.Organisation{Name: s.cfg.Organisation, Accent: rest.Optional(s.cfg.Accent), German: api.OrganisationGerman(s.cfg.German)},
		Dev:          s.cfg.Development, Expires: s.ends(h),
	}
	for _, r := range person.Roles {
		out.Roles = append(out.Roles, api.SessionRoles(r))
	}
	return c.JSON(http.StatusOK, out)
}

// current is the session of a request to the portal itself.
func (s *service) current(c echo.Context) (held, error) {
	id, _ := s.sessionID(c.Request())
	if id == "" {
		return held{}, s.gone(c, errSignedOut())
	}
	h, err := s.find(c.Request().Context(), id)
	return h, s.gone(c, err)
}

// nameOf is what a person is called now, from the events that say so.
func (s *service) nameOf(ctx context.Context, person string) (string, error) {
	var named sealed.Text
	stream := es.Stream{Context: membership.Context, Aggregate: membership.Person, ID: person}
	for r, err := range s.core.Events.Load(ctx, stream, 0) {
		if err != nil {
			return "", err
		}
		switch e := r.Data.(type) {
		case membership.PersonRegistered:
			named = e.Name
		case membership.PersonChanged:
			named = e.Name
		}
	}
	o := s.core.Vault.Opener(ctx)
	return rest.Value(o.Text(named)), o.Err
}

// Logout answers POST /portal/logout.
func (s *service) Logout(c echo.Context, _ api.LogoutParams) error {
	h, err := s.current(c)
	s.setCookie(c, s.sessionName(), "", 0)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return c.JSON(http.StatusOK, api.Ended{To: pathHome})
	}
	if err == nil {
		err = s.end(c.Request().Context(), h.Key)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, api.Ended{To: s.issuer.endURL(h.ID, s.address()+pathHome)})
}

// endAllLimit is how long the end of all sessions may take.
const endAllLimit = 10 * time.Second

// EndSessions answers POST /portal/sessions/end.
func (s *service) EndSessions(c echo.Context, _ api.EndSessionsParams) error {
	h, err := s.current(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), endAllLimit)
	defer cancel()
	n, err := s.store.EndAll(ctx, func(person string, _ time.Time) bool { return person == h.Person })
	if err != nil {
		return err
	}
	s.setCookie(c, s.sessionName(), "", 0)
	return c.JSON(http.StatusOK, api.Ended{To: s.issuer.endURL(h.ID, s.address()+pathHome), Ended: &n})
}
