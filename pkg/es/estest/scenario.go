package estest

import (
	"reflect"
	"testing"

	"kith/pkg/es"
	"kith/pkg/fault"
)

// Past is what has happened to an aggregate whose state is S.
type Past[S any] struct {
	t     testing.TB
	state S
}

// Outcome is what a decision came to.
type Outcome struct {
	t     testing.TB
	event es.Event
	err   error
}

// Given folds what has happened, at positions from 1 on. An es.Recorded may
// stand among the events where its meta data matters; its position stays.
func Given[S any](t testing.TB, fold func(*S, es.Recorded), events ...any) Past[S] {
	t.Helper()
	p := Past[S]{t: t}
	for i, e := range events {
		r := es.Recorded{Seq: uint64(i) + 1}
		switch e := e.(type) {
		case es.Recorded:
			r = e
			if r.Seq == 0 {
				r.Seq = uint64(i) + 1
			}
		case es.Event:
			r.Data = e
		default:
			t.Fatalf("given %T, which is no event", e)
		}
		if r.Type == "" {
			r.Type = r.Data.EventType()
		}
		fold(&p.state, r)
	}
	return p
}

// When makes a decision on what has happened.
func (p Past[S]) When(decide func(S) (es.Event, error)) Outcome {
	p.t.Helper()
	e, err := decide(p.state)
	return Outcome{p.t, e, err}
}

// Then expects the decision to be this event.
func (o Outcome) Then(want es.Event) {
	o.t.Helper()
	switch {
	case o.err != nil:
		o.t.Errorf("failed with %v, want %s", o.err, describe(want))
	case !reflect.DeepEqual(o.event, want):
		o.t.Errorf("decided\n%s, want\n%s", describe(o.event), describe(want))
	}
}

// Nothing expects the decision to change nothing.
func (o Outcome) Nothing() {
	o.t.Helper()
	if o.err != nil || o.event != nil {
		o.t.Errorf("decided %s, %v; want nothing", describe(o.event), o.err)
	}
}

// Fails expects the decision to be refused with this code.
func (o Outcome) Fails(want fault.Code) {
	o.t.Helper()
	switch {
	case o.err == nil:
		o.t.Errorf("decided %s, want the refusal %s", describe(o.event), want)
	case fault.CodeOf(o.err) != want:
		o.t.Errorf("failed with %s (%v), want %s", fault.CodeOf(o.err), o.err, want)
	}
}
