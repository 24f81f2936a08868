package notification

import (
	"kith/api/events/community"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/view"
)

// addressDoc is where mail reaches a person.
type addressDoc struct {
	Name  sealed.Text `json:"name"`
	Email sealed.Text `json:"email,omitzero"`
}

// addressesView holds name and address of everybody who is not erased; key:
// the person. It has no index.
func addressesView() view.Spec[addressDoc] {
	return view.Spec[addressDoc]{
		Name: "notification-mail-addresses", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case membership.PersonRegistered, membership.PersonChanged, membership.PersonErased:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(_ string, d *addressDoc, r es.Recorded) bool {
			switch e := r.Data.(type) {
			case membership.PersonRegistered:
				d.Name, d.Email = e.Name, e.Email
			case membership.PersonChanged:
				d.Name, d.Email = e.Name, e.Email
			default:
				return false
			}
			return true
		},
	}
}

// titleDoc is what a request is called.
type titleDoc struct {
	Title sealed.Text `json:"title"`
}

// titlesView holds the titles of requests that were neither imported nor
// retracted; key: the request. It has no index.
func titlesView() view.Spec[titleDoc] {
	return view.Spec[titleDoc]{
		Name: "notification-mail-titles", Version: 1,
		Keys: func(r es.Recorded) []string {
			switch r.Data.(type) {
			case community.RequestRaised, community.RequestCorrected, community.RequestRetracted:
				return []string{r.Stream.ID}
			}
			return nil
		},
		Fold: func(_ string, d *titleDoc, r es.Recorded) bool {
			switch e := r.Data.(type) {
			case community.RequestRaised:
				d.Title = e.Title
				return !r.Meta.Imported
			case community.RequestCorrected:
				d.Title = e.Title
				return !r.Meta.Imported
			default:
				return false
			}
		},
	}
}
