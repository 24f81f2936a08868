//go:build newer

package main

import (
	"encoding/json"

	"kith/pkg/es"
)

const viewVersion = 2

// Put says that Count things were put into the box. Version 1 had no count: one
// thing each.
type Put struct {
	Thing string `json:"thing"`
	Count int    `json:"count,omitempty"`
}

// EventType implements es.Event.
func (Put) EventType() string { return "box.put" }

// SchemaVersion implements es.Versioned.
func (Put) SchemaVersion() int { return 2 }

// ReadableSince implements es.Additive.
func (Put) ReadableSince() int { return 1 }

// Labelled is new, and so is nothing that the older version can read.
type Labelled struct {
	Label string `json:"label"`
}

// EventType implements es.Event.
func (Labelled) EventType() string { return "box.labelled" }

func types() []es.Option {
	return []es.Option{es.Type[Labelled](), es.Type[Put](es.Upcast{From: 1, Lift: func(b json.RawMessage) (json.RawMessage, error) {
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			return nil, err
		}
		v["count"] = 1
		return json.Marshal(v)
	}})}
}

// put puts two: what the older version makes of it differs.
func put(thing string) es.Event { return Put{thing, 2} }

func label(label string) (es.Event, error) { return Labelled{label}, nil }

func fold(_ string, d *contents, r es.Recorded) bool {
	switch e := r.Data.(type) {
	case Put:
		d.Puts++
		d.Count += e.Count
	case Labelled:
		d.Label = e.Label
	}
	return true
}
