package portal

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzBackTo shows that no wish leads a browser to another origin, whether the
// path is sent alone or behind the address.
func FuzzBackTo(f *testing.F) {
	for _, to := range []string{"/a?b=c#d", "//evil.example", "/\\evil.example", "https://evil.example", "/%2f/evil.example", "/.//evil.example", "/..//evil", "javascript:x", "/\x00", ""} {
		f.Add(to)
	}
	const address = "https://kith.example"
	base, err := url.Parse(address + "/portal/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to string) {
		got := backTo(to)
		for _, location := range []string{got, address + got} {
			u, err := base.Parse(location)
			if err != nil || u.Scheme != "https" || u.Host != "kith.example" || u.User != nil || !strings.HasPrefix(got, "/") || strings.ContainsAny(got, "\\\r\n\t ") {
				t.Errorf("%q leads to %q: %v", to, got, err)
			}
		}
	})
}
