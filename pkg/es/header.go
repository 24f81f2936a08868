package es

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Header names: CloudEvents 1.0 in the binary mode of its NATS binding, with
// Kith's extension attributes. NATS headers are case-sensitive.
//
// What belongs together is one attribute of two parts, and what a reader can
// conclude is left out: every header is paid for at every start, by each
// process that follows the log (ADR 10).
const (
	hID          = "ce-id"
	hType        = "ce-type"
	hSource      = "ce-source"
	hSpec        = "ce-specversion"
	hTime        = "ce-time"
	hSchema      = "ce-schema"      // version;oldest version whose readers can read it; left out: 1
	hCommand     = "ce-command"     // id;request
	hCause       = "ce-cause"       // id;position
	hCorrelation = "ce-correlation" // left out: the command's id
	hActor       = "ce-actor"       // id;access
	hReason      = "ce-reason"
	hOccurred    = "ce-occurred"
	hImported    = "ce-imported"
	hTraceparent = "traceparent"
)

// between the parts of an attribute; no first part has it.
const between = ";"

// Envelope is the stored form of an event: EncodeEnvelope's result.
type Envelope struct {
	ID string
	Stored
}

// EncodeEnvelope makes the stored form of e in s. Its bytes depend on its
// arguments alone.
func (c *Codec) EncodeEnvelope(s Stream, m Meta, now time.Time, e Event) (Envelope, error) {
	if err := s.Valid(); err != nil {
		return Envelope{}, err
	}
	if m.Command == "" {
		return Envelope{}, fmt.Errorf("es: %s has no command id", e.EventType())
	}
	for _, first := range []string{m.Command, m.Cause, m.Actor} {
		if strings.Contains(first, between) {
			return Envelope{}, fmt.Errorf("es: %s: the id %q contains %q", e.EventType(), first, between)
		}
	}
	data, schema, err := c.Encode(e)
	if err != nil {
		return Envelope{}, err
	}
	id := EventID(s, m.Command)
	h := make(map[string][]string, 16)
	set := func(k, v string) {
		if v != "" {
			h[k] = []string{v}
		}
	}
	set(hID, id)
	set(hType, e.EventType())
	set(hSource, "/"+s.Context+"/"+s.Aggregate+"/"+s.ID)
	set(hSpec, "1.0")
	set(hTime, now.UTC().Format(time.RFC3339Nano))
	if schema != 1 {
		oldest := ""
		if since := c.types[e.EventType()].since; since < schema {
			oldest = strconv.Itoa(since)
		}
		set(hSchema, join(strconv.Itoa(schema), oldest))
	}
	set(hCommand, join(m.Command, m.Request))
	set(hCause, join(m.Cause, position(m.CauseSeq)))
	if m.Correlation != m.Command {
		set(hCorrelation, m.Correlation)
	}
	set(hActor, join(m.Actor, position(m.Access)))
	set(hReason, m.Reason)
	if !m.OccurredAt.IsZero() {
		set(hOccurred, m.OccurredAt.UTC().Format(time.RFC3339Nano))
	}
	if m.Imported {
		set(hImported, "true")
	}
	set(hTraceparent, m.Traceparent)
	return Envelope{ID: id, Stored: Stored{Header: h, Data: data}}, nil
}

// DecodeEnvelope never fails: whatever is wrong with headers or data becomes
// Data = Unreadable.
func (c *Codec) DecodeEnvelope(seq uint64, subject string, st Stored) Recorded {
	r := Recorded{Seq: seq, Stored: st}
	get := func(k string) string {
		if v := st.Header[k]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	bad := func(err error) {
		if r.Data == nil {
			r.Data = Unreadable{err}
		}
	}
	var err error
	if r.Stream, err = ParseStream(subject); err != nil {
		bad(err)
	}
	number := func(k, v string) uint64 {
		if v == "" {
			return 0
		}
		n, err := strconv.ParseUint(v, 10, 63)
		if err != nil {
			bad(fmt.Errorf("es: header %s: %w", k, err))
		}
		return n
	}
	instant := func(k string) time.Time {
		v := get(k)
		if v == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			bad(fmt.Errorf("es: header %s: %w", k, err))
		}
		return t.UTC()
	}
	parts := func(k string) (first, second string) {
		first, second, _ = strings.Cut(get(k), between)
		return first, second
	}
	r.ID, r.Type, r.Schema, r.Time = get(hID), get(hType), 1, instant(hTime)
	since := 0
	if v, oldest := parts(hSchema); v != "" {
		r.Schema = int(number(hSchema, v))
		if since = r.Schema; oldest != "" {
			since = int(number(hSchema, oldest))
		}
	}
	m := &r.Meta
	var access, causeSeq string
	m.Command, m.Request = parts(hCommand)
	m.Actor, access = parts(hActor)
	m.Access = number(hActor, access)
	m.Cause, causeSeq = parts(hCause)
	m.CauseSeq = number(hCause, causeSeq)
	if m.Correlation = get(hCorrelation); m.Correlation == "" {
		m.Correlation = m.Command
	}
	m.Reason, m.Traceparent = get(hReason), get(hTraceparent)
	m.OccurredAt, m.Imported = instant(hOccurred), get(hImported) == "true"
	detach(&r.ID, &r.Type, &r.Meta.Command, &r.Meta.Request, &r.Meta.Cause, &r.Meta.Correlation,
		&r.Meta.Actor, &r.Meta.Reason, &r.Meta.Traceparent)
	if r.Data == nil {
		r.Data = c.Decode(r.Type, c.readable(r.Type, r.Schema, since), st.Data)
	}
	return r
}

// join makes an attribute of two parts; the second may be missing.
func join(first, second string) string {
	if second == "" {
		return first
	}
	return first + between + second
}

// detach copies the parts into one string of their own. The client cuts the
// values of headers out of the whole header of a message: a view that kept a
// single id would keep all of it, several times as much as its document.
func detach(parts ...*string) {
	n := 0
	for _, p := range parts {
		n += len(*p)
	}
	var b strings.Builder
	b.Grow(n)
	for _, p := range parts {
		b.WriteString(*p)
	}
	all := b.String()
	for _, p := range parts {
		*p, all = all[:len(*p)], all[len(*p):]
	}
}

func position(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}
