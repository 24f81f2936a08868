package devissuer

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// grant is what a code stands for.
type grant struct {
	login     string
	client    string
	redirect  string
	challenge string // PKCE, S256
	nonce     string
	openID    bool // an ID token is wanted
	refresh   bool // it stands for a sign-in that goes on, not for one to begin
	expires   time.Time
}

const codeLife = time.Minute

// request reads an authorization request. It returns a refusal in words where
// sending the browser back is not safe or makes no sense.
func request(q url.Values) (grant, string) {
	g := grant{
		client: q.Get("client_id"), redirect: q.Get("redirect_uri"),
		challenge: q.Get("code_challenge"), nonce: q.Get("nonce"),
	}
	for _, s := range strings.Fields(q.Get("scope")) {
		g.openID = g.openID || s == "openid"
	}
	u, err := url.Parse(g.redirect)
	switch {
	case err != nil || !ours(u):
		return g, "redirect_uri must be an http or https address of this machine."
	case g.client == "":
		return g, "client_id is missing."
	case q.Get("response_type") != "code":
		return g, "response_type must be code."
	case g.challenge == "" || q.Get("code_challenge_method") != "S256":
		return g, "code_challenge with code_challenge_method S256 (PKCE) is required."
	}
	return g, ""
}

// showSignIn shows who can be signed in.
func (i *Issuer) showSignIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if _, refusal := request(q); refusal != "" {
		i.show(w, r, http.StatusBadRequest, page{Problem: refusal})
		return
	}
	i.show(w, r, http.StatusOK, i.choice(r, q.Get("login_hint"), ""))
}

// signIn sends the browser back with a code for the chosen login.
func (i *Issuer) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		i.show(w, r, http.StatusBadRequest, page{Problem: "The form cannot be read."})
		return
	}
	// The form is sent to the address of the page, so the query is still there.
	q := r.URL.Query()
	g, refusal := request(q)
	if refusal != "" {
		i.show(w, r, http.StatusBadRequest, page{Problem: refusal})
		return
	}
	if g.login = strings.TrimSpace(r.PostForm.Get("login")); !i.may(r.Context(), g.login) {
		i.show(w, r, http.StatusForbidden, i.choice(r, g.login, unknownLogin))
		return
	}
	code, err := i.remember(g, codeLife)
	if err != nil {
		i.show(w, r, http.StatusInternalServerError, page{Problem: "No code could be made."})
		return
	}
	back, err := url.Parse(g.redirect)
	if err != nil {
		i.show(w, r, http.StatusBadRequest, page{Problem: "redirect_uri cannot be read."})
		return
	}
	v := back.Query()
	v.Set("code", code)
	v.Set("iss", i.cfg.BaseURL)
	if s := q.Get("state"); s != "" {
		v.Set("state", s)
	}
	back.RawQuery = v.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// remember keeps g for life under a new code, and forgets codes that have ended.
func (i *Issuer) remember(g grant, life time.Duration) (string, error) {
	code, err := i.randomID()
	if err != nil {
		return "", err
	}
	now := i.cfg.Now()
	g.expires = now.Add(life)
	i.mu.Lock()
	defer i.mu.Unlock()
	for c, old := range i.codes {
		if !now.Before(old.expires) {
			delete(i.codes, c)
		}
	}
	i.codes[code] = g
	return code, nil
}

// redeem takes the grant of code away, whatever becomes of the request: a code
// is good for one attempt.
func (i *Issuer) redeem(code string) (grant, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	g, ok := i.codes[code]
	delete(i.codes, code)
	return g, ok && i.cfg.Now().Before(g.expires)
}
