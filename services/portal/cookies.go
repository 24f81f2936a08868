package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/sessions"
)

// Names of cookies. With __Host- a browser takes them from this very host and
// by TLS alone. Without TLS the port is in the name: browsers keep the cookies
// of all ports of a machine together.
const (
	hostOnly    = "__Host-"
	cookieKith  = "kith"
	cookieLogin = "kith-login-"
)

func (s *service) cookieName(plain string) string {
	if s.secure() {
		return hostOnly + plain
	}
	return plain + "-" + s.base.Port()
}

// sessionName is that of the session's cookie.
func (s *service) sessionName() string { return s.cookieName(cookieKith) }

// loginName is that of a cookie for the time at the issuer. There is one for
// each sign-in, so that two tabs do not disturb each other.
func (s *service) loginName(state string) string {
	return s.cookieName(cookieLogin + state[:min(len(state), loginPart)])
}

const loginPart = 12 // characters of the state in the name of its cookie

// setCookie sends a cookie that no script can read and that other sites send on
// by a person's own navigation only. An age of 0 or less takes it away.
func (s *service) setCookie(c echo.Context, name, value string, age time.Duration) {
	seconds := int(age.Seconds())
	if seconds <= 0 {
		seconds = -1
	}
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode})
}

// sessionID is the id in the session's cookie; found says that there is such a
// cookie, whatever it holds. One that is not alone is not believed: somebody
// else may have set it.
func (s *service) sessionID(r *http.Request) (id string, found bool) {
	all := r.CookiesNamed(s.sessionName())
	if len(all) != 1 || !sessions.ValidID(all[0].Value) {
		return "", len(all) > 0
	}
	return all[0].Value, true
}

// maxLogins is how many sign-ins a browser may have begun and not ended.
const maxLogins = 5

// forgetLogins takes cookies of sign-ins away that were never finished, when
// there are too many.
func (s *service) forgetLogins(c echo.Context) {
	var names []string
	for _, k := range c.Cookies() {
		if strings.HasPrefix(strings.TrimPrefix(k.Name, hostOnly), cookieLogin) {
			names = append(names, k.Name)
		}
	}
	if len(names) < maxLogins {
		return
	}
	for _, n := range names {
		s.setCookie(c, n, "", 0)
	}
}
