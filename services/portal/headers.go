package portal

import (
	"net/http"
	"net/url"
	"strings"
)

// yearSeconds is how long browsers remember to come by TLS.
const yearSeconds = "31536000"

// That browsers come by TLS alone from now on, whatever they were sent.
const (
	headerTransport = "Strict-Transport-Security"
	transportFor    = "max-age=" + yearSeconds
)

// headers are those of every page and file: nothing is run, shown or asked of
// anybody but this origin, and no other page gets hold of one of these. The
// issuer is where a form may lead to.
func headers(base *url.URL, issuer string) http.Header {
	form := "'self'"
	if u, err := url.Parse(issuer); err == nil && u.Host != "" && u.Host != base.Host {
		form += " " + u.Scheme + "://" + u.Host
	}
	policy := []string{
		"default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
		"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action " + form,
	}
	h := http.Header{}
	if base.Scheme == "https" {
		policy = append(policy, "upgrade-insecure-requests")
		h.Set(headerTransport, transportFor)
	}
	h.Set("Content-Security-Policy", strings.Join(policy, "; "))
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	return h
}
