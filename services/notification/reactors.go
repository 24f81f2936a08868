package notification

import "kith/pkg/react"

// Names of reactors. They are part of command ids and never change.
const mailReactor = "notification-mail"

// reactors are none without mail: the inbox is a view, and streams follow it.
func (s *service) reactors() []react.Reactor {
	if s.mailer == nil {
		return nil
	}
	return []react.Reactor{{
		Name: mailReactor, From: react.Now, InFlight: 4, Handle: s.mailer.handle,
		Subjects: []string{
			"evt.community.community.*", "evt.community.charter.*", "evt.community.request.*",
			"evt.matching.proposal.*", "evt.matching.buddy.*", "evt.matching.round.*", "evt.membership.membership.*",
		},
	}}
}
