// Package library holds the events of the library: what members of communities
// have learned and keep for others.
package library

import "kith/api/sealed"

// Context is the second part of the subject of every event in this package.
const Context = "library"

// Practice is the aggregate of the context, the third part of the subject.
const Practice = "practice"

// PracticeRecorded keeps what somebody has learned. What resolved a request is
// kept by reference: its words stay where they are. Recorded again, it replaces
// what was.
type PracticeRecorded struct {
	Community string      `json:"community"`
	Author    string      `json:"author"` // person id
	Title     sealed.Text `json:"title,omitzero"`
	Text      sealed.Text `json:"text,omitzero"`
	Request   string      `json:"request,omitempty"`  // the resolved request, instead of title and text
	Response  string      `json:"response,omitempty"` // the response that resolved it
}

func (PracticeRecorded) EventType() string { return "practice.recorded" }
