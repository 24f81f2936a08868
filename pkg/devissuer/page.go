package devissuer

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// The page of signing in has no script, and its style is a file of its own.
//
//go:embed page.tmpl style.css words.json
var pageFiles embed.FS

// shownPeople is how many are offered at a time.
const shownPeople = 20

// page is what is shown.
type page struct {
	Problem string
	Form    bool
	Hint    string
	Search  string
	Params  []param // of the request, for the form of the search
	People  []Person
	More    bool // the search found more

	W      words
	Locale string
	Style  string
}

type param struct{ Name, Value string }

// choice is the page on which somebody is chosen.
func (i *Issuer) choice(r *http.Request, hint, problem string) page {
	q := r.URL.Query()
	p := page{Problem: problem, Form: true, Hint: hint, Search: strings.TrimSpace(q.Get("search"))}
	for name, values := range q {
		if name != "search" && len(values) > 0 {
			p.Params = append(p.Params, param{name, values[0]})
		}
	}
	slices.SortFunc(p.Params, func(a, b param) int { return strings.Compare(a.Name, b.Name) })
	p.People = i.cfg.People(r.Context(), p.Search, shownPeople+1)
	if p.More = len(p.People) > shownPeople; p.More {
		p.People = p.People[:shownPeople]
	}
	return p
}

func (i *Issuer) show(w http.ResponseWriter, r *http.Request, status int, p page) {
	p.Locale = locale(r)
	p.W = i.words[p.Locale]
	p.Style = i.path + "/style.css"
	if p.Problem == unknownLogin {
		p.Problem = p.W.Unknown
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Locale)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"+back(r))
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// An error means that the client has gone.
	_ = i.page.Execute(w, p)
}

// back is where the form leads to in the end: browsers hold that against the
// policy too.
func back(r *http.Request) string {
	g, refusal := request(r.URL.Query())
	u, err := url.Parse(g.redirect)
	if refusal != "" || err != nil {
		return ""
	}
	return " " + (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

func (i *Issuer) sendStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(i.style) // a client that has gone cannot be told
}

// signOut sends the browser back (OpenID Connect RP-Initiated Logout 1.0). The
// issuer remembers nobody, so there is nothing to end.
func (i *Issuer) signOut(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		i.show(w, r, http.StatusBadRequest, page{Problem: "The form cannot be read."})
		return
	}
	to := r.Form.Get("post_logout_redirect_uri")
	if to == "" {
		i.show(w, r, http.StatusOK, page{Problem: i.words[locale(r)].Out})
		return
	}
	u, err := url.Parse(to)
	if err != nil || !ours(u) {
		i.show(w, r, http.StatusBadRequest, page{Problem: "post_logout_redirect_uri must be an http or https address of this machine."})
		return
	}
	if s := r.Form.Get("state"); s != "" {
		q := u.Query()
		q.Set("state", s)
		u.RawQuery = q.Encode()
	}
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// ours reports whether a browser may be sent to u: it is on this machine.
func ours(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Hostname()) && u.Fragment == "" && u.User == nil
}

func locales() []string { return []string{"en", "de"} }

// locale is the language of the page: what the client asks for, else the browser.
func locale(r *http.Request) string {
	m := language.NewMatcher([]language.Tag{language.English, language.German})
	asked, accept := r.URL.Query().Get("ui_locales"), r.Header.Get("Accept-Language")
	if len(asked)+len(accept) > 200 {
		return locales()[0]
	}
	_, n := language.MatchStrings(m, asked, accept)
	return locales()[n]
}

// words of the page, in one language.
type words struct {
	Title, What, Search, Find, People, None, More, Login string
	SignIn                                               string `json:"sign_in"`
	Unknown, Out                                         string
	Roles                                                map[string]string // what they are called, where not as in English
}

// Role is what a role is called.
func (w words) Role(role string) string {
	if word := w.Roles[role]; word != "" {
		return word
	}
	return role
}

// load reads the page, its style and its words.
func (i *Issuer) load() (err error) {
	if i.page, err = template.ParseFS(pageFiles, "page.tmpl"); err != nil {
		return fmt.Errorf("devissuer: %w", err)
	}
	if i.style, err = pageFiles.ReadFile("style.css"); err != nil {
		return fmt.Errorf("devissuer: %w", err)
	}
	data, err := pageFiles.ReadFile("words.json")
	if err == nil {
		err = json.Unmarshal(data, &i.words)
	}
	if err != nil {
		return fmt.Errorf("devissuer: %w", err)
	}
	return nil
}
