//go:build !newer

package main

import (
	"kith/pkg/es"
	"kith/pkg/fault"
)

const viewVersion = 1

// Put says that a thing was put into the box.
type Put struct {
	Thing string `json:"thing"`
}

// EventType implements es.Event.
func (Put) EventType() string { return "box.put" }

func types() []es.Option { return []es.Option{es.Type[Put]()} }

func put(thing string) es.Event { return Put{thing} }

func label(string) (es.Event, error) {
	return nil, fault.New(fault.NotFound, "Boxes have no labels in this version.")
}

func fold(_ string, d *contents, r es.Recorded) bool {
	if _, ok := r.Data.(Put); ok {
		d.Puts++
		d.Count++
	}
	return true
}
