package portal_test

import (
	"net/http"

	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
)

func named(id, name string) sealed.Text { return sealed.New(id, sealed.Identity, name) }

func role(id string) es.Stream {
	return es.Stream{Context: membership.Context, Aggregate: membership.Role, ID: id}
}

// cookiesOf are those that an answer sets.
func cookiesOf(a answer) []*http.Cookie {
	return (&http.Response{Header: a.header}).Cookies()
}
