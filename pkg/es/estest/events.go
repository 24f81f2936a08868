package estest

import (
	"encoding/json"

	"kith/api/sealed"
	"kith/pkg/es"
)

// The events of the suite: a box into which things are put.

// Opened begins a box.
type Opened struct {
	Label string `json:"label"`
}

// EventType implements es.Event.
func (Opened) EventType() string { return "box.opened" }

// Put adds Count things. Version 1 had no count: one thing each.
type Put struct {
	Thing string      `json:"thing"`
	Count int         `json:"count"`
	Note  sealed.Text `json:"note,omitzero"`
}

// EventType implements es.Event.
func (Put) EventType() string { return "box.put" }

// SchemaVersion implements es.Versioned.
func (Put) SchemaVersion() int { return 2 }

// ReadableSince implements es.Additive: who knows no count reads one thing.
func (Put) ReadableSince() int { return 1 }

// Strange is known to no codec of the suite.
type Strange struct{}

// EventType implements es.Event.
func (Strange) EventType() string { return "box.strange" }

// Codec knows Opened and Put.
func Codec() *es.Codec {
	return es.NewCodec(es.Type[Opened](), es.Type[Put](es.Upcast{From: 1, Lift: func(b json.RawMessage) (json.RawMessage, error) {
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			return nil, err
		}
		v["count"] = 1
		return json.Marshal(v)
	}}))
}

// Box is the stream of box id.
func Box(id string) es.Stream { return es.Stream{Context: "test", Aggregate: "box", ID: id} }

// Command is the meta data of a command without anything else.
func Command(id string) es.Meta { return es.Meta{Command: id} }
