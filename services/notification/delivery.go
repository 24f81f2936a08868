package notification

import (
	events "kith/api/events/notification"
	"kith/pkg/es"
)

// channelMail is the one channel there is beside the inbox.
const channelMail = "mail"

// delivery is one message to one person on one channel.
type delivery struct{ settled bool }

// deliveryID is the id of the delivery of what event is about to person.
func deliveryID(event, person, channel string) string { return es.ID(event, person, channel) }

func foldDelivery(d *delivery, r es.Recorded) {
	switch r.Data.(type) {
	case events.DeliverySent, events.DeliveryFailed:
		d.settled = true
	}
}

// Settle records what the channel did, once.
func (d delivery) Settle(e es.Event) (es.Event, error) {
	if d.settled {
		return nil, nil
	}
	return e, nil
}
