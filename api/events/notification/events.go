// Package notification holds the events of the notification service: what
// people want to hear of, what a channel did, and what was read.
package notification

// Context is the second part of the subject of every event in this package.
const Context = "notification"

// Aggregates of the context, the third part of the subject.
const (
	Preferences = "preferences" // the stream id is the person's
	Delivery    = "delivery"    // one message to one person on one channel
	Inbox       = "inbox"       // read marks; the stream id is the person's
)

// Rule says what happens to notifications of one kind from one community.
type Rule struct {
	Community string `json:"community,omitempty"` // empty: every community
	Kind      string `json:"kind,omitempty"`      // empty: every kind
	Inbox     bool   `json:"inbox"`
	Mail      bool   `json:"mail"`
}

// PreferencesChanged replaces a person's rules; the most specific one holds.
type PreferencesChanged struct {
	Rules []Rule `json:"rules"`
}

// DeliverySent says that a channel has taken the message. The stream id is
// derived from item, person and channel.
type DeliverySent struct {
	Person    string `json:"person"`
	Channel   string `json:"channel"`    // mail
	Kind      string `json:"kind"`       // of the notification
	Item      string `json:"item"`       // id of the event it is about
	MessageID string `json:"message_id"` // stable over retries
}

// DeliveryFailed says that a channel has refused the message for good.
type DeliveryFailed struct {
	Person  string `json:"person"`
	Channel string `json:"channel"`
	Kind    string `json:"kind"`
	Item    string `json:"item"`
	Code    string `json:"code"` // the channel's own code, "550"
}

// InboxRead marks items as read: those up to a position, and single ones.
type InboxRead struct {
	UpTo  uint64   `json:"up_to,omitempty"` // position in the log
	Items []string `json:"items,omitempty"` // at most 200
}

func (PreferencesChanged) EventType() string { return "preferences.changed" }
func (DeliverySent) EventType() string       { return "delivery.sent" }
func (DeliveryFailed) EventType() string     { return "delivery.failed" }
func (InboxRead) EventType() string          { return "inbox.read" }
