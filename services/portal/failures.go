package portal

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

// What a browser is shown when nobody could be signed in: before there is a
// session there is no application.
//
//go:embed pages/failure.tmpl pages/style.css
var pageFiles embed.FS

const (
	pathStyle = "/portal/style.css"
	kindCSS   = "text/css; charset=utf-8"
)

// Reasons for which a sign-in does not come about, beside the codes of faults.
var (
	errCancelled = errors.New("portal: cancelled at the issuer")
	errForeign   = errors.New("portal: this browser has not begun the sign-in, or too long ago")
)

func errUnasked() error {
	return &fault.Error{Code: fault.Invalid, Detail: "This sign-in was not begun in this browser, or took too long. Begin again.", Err: errForeign}
}

// errNotSignedIn is what an issuer says that has signed nobody in. Its words are
// for the log; they may say who.
func errNotSignedIn(code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required":
		return &fault.Error{Code: fault.Forbidden, Detail: "The sign-in was cancelled. Begin again.", Err: errCancelled}
	}
	return issuerDown(fmt.Errorf("portal: the issuer says %.64q", code))
}

// loginOutcome is a label of metrics.
func loginOutcome(err error) string {
	if errors.Is(err, errCancelled) {
		return "cancelled"
	}
	return outcome(err)
}

// failures shows what went wrong.
type failures struct {
	page    *template.Template
	style   []byte
	locales language.Matcher
}

func newFailures() (f failures, err error) {
	if f.page, err = template.ParseFS(pageFiles, "pages/failure.tmpl"); err != nil {
		return f, fmt.Errorf("portal: %w", err)
	}
	if f.style, err = pageFiles.ReadFile("pages/style.css"); err != nil {
		return f, fmt.Errorf("portal: %w", err)
	}
	f.locales = language.NewMatcher([]language.Tag{language.English, language.German})
	return f, nil
}

// routes adds what the page needs.
func (f failures) routes(e *echo.Echo) {
	e.GET(pathStyle, func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.Blob(http.StatusOK, kindCSS, f.style)
	})
}

// locale is the language that a browser asks for: en or de.
func (f failures) locale(r *http.Request) string {
	accept := r.Header.Get("Accept-Language")
	if len(accept) > 200 {
		return "en"
	}
	_, i := language.MatchStrings(f.locales, accept)
	return []string{"en", "de"}[i]
}

// answer shows err to a browser as a page with the way to try again, which
// leads to the path to; others get the problem.
func (f failures) answer(c echo.Context, err error, to string) error {
	if !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html") {
		return err
	}
	p := rest.ProblemOf(err)
	locale := f.locale(c.Request())
	words := wordsFor(err)[locale]
	var b bytes.Buffer
	if e := f.page.Execute(&b, map[string]string{
		"Locale": locale, "Title": words.title, "What": words.what, "Again": words.again, "Style": pathStyle,
		"To": pathLogin + "?" + url.Values{"to": {to}}.Encode(), "ID": c.Response().Header().Get(echo.HeaderXRequestID),
	}); e != nil {
		return e
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Language", locale)
	h.Set("Vary", "Accept, Accept-Language")
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	return c.HTMLBlob(p.Status, b.Bytes())
}

type words struct{ title, what, again string }

// wordsFor says what err means to the person, in every language.
func wordsFor(err error) map[string]words {
	switch code := fault.CodeOf(err); {
	case errors.Is(err, errCancelled):
		return map[string]words{
			"en": {"You are not signed in", "The sign-in was cancelled.", "Sign in"},
			"de": {"Nicht angemeldet", "Die Anmeldung wurde abgebrochen.", "Anmelden"},
		}
	case errors.Is(err, errForeign):
		return map[string]words{
			"en": {"Please sign in again", "This sign-in was not begun in this browser, or it took too long.", "Sign in again"},
			"de": {"Bitte noch einmal anmelden", "Diese Anmeldung wurde nicht in diesem Browser begonnen, oder sie hat zu lange gedauert.", "Noch einmal anmelden"},
		}
	case code == fault.Forbidden:
		return map[string]words{
			"en": {"You cannot use Kith yet", "Your sign-in worked, but nobody is known here by your login, or you have been deactivated. An administrator of Kith can change that.", "Try again"},
			"de": {"Noch kein Zugang zu Kith", "Die Anmeldung hat geklappt, aber hier ist niemand mit dieser Kennung bekannt, oder der Zugang ist deaktiviert. Die Administration von Kith kann das ändern.", "Noch einmal versuchen"},
		}
	case code == fault.Unavailable || code == fault.AccessBehind:
		return map[string]words{
			"en": {"Signing in does not work at the moment", "What Kith needs for it does not answer. It usually works again after a moment.", "Try again"},
			"de": {"Die Anmeldung geht gerade nicht", "Was Kith dafür braucht, antwortet nicht. Meist geht es nach einem Augenblick wieder.", "Noch einmal versuchen"},
		}
	default:
		return map[string]words{
			"en": {"You are not signed in", "The sign-in did not work. If it goes on like this, tell whoever looks after Kith the number below.", "Try again"},
			"de": {"Nicht angemeldet", "Die Anmeldung hat nicht geklappt. Wenn das so bleibt, hilft denen, die Kith betreuen, die Nummer unten.", "Noch einmal versuchen"},
		}
	}
}
