// Package sealed is the form that personal text takes outside the moment in
// which it is written or read: encrypted with a key of the person whose it is.
//
// A Text that has not been sealed cannot be marshalled, printed or stored, so
// a forgotten seal is an error at once and never a leak.
package sealed

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Class says which of a person's two keys seals a text.
type Class string

const (
	// Identity seals who somebody is: name, address, profile. Erasure always
	// destroys this key.
	Identity Class = "identity"
	// Content seals what somebody wrote. Its author chooses at erasure whether
	// this key goes too.
	Content Class = "content"
)

// ErrUnsealed is returned when a plain text is about to be stored.
var ErrUnsealed = errors.New("sealed: text has not been sealed")

// Text is one personal field. Its zero value is the absent text.
//
// The stored form is one string: v1:person:class:event:field:base64url(nonce+ciphertext).
// Event and field are the additional data of the encryption, so that a
// ciphertext moved to another event or field does not open.
type Text struct {
	wire string // sealed form; empty while plain
	open *plain // before sealing only
}

// plain is a text that is to be sealed.
type plain struct {
	text, owner string
	class       Class
}

// New is a plain text of person, to be sealed with that person's key of class.
// An empty text is the zero Text.
func New(person string, class Class, text string) Text {
	if text == "" {
		return Text{}
	}
	return Text{open: &plain{text, person, class}}
}

// Box is what a sealed Text consists of.
type Box struct {
	Person string
	Class  Class
	Event  string // id of the event that brought the text
	Field  string // path of the field in that event, as in JSON: "body", "helpers.2.topic"
	Bytes  []byte // nonce followed by the ciphertext
}

// Seal is the Text that stores b.
func Seal(b Box) Text {
	return Text{wire: strings.Join([]string{
		"v1", b.Person, string(b.Class), b.Event, b.Field,
		base64.RawURLEncoding.EncodeToString(b.Bytes),
	}, ":")}
}

// Box takes a sealed Text apart. It returns an error for plain, absent or
// malformed texts.
func (t Text) Box() (Box, error) {
	if t.wire == "" {
		return Box{}, ErrUnsealed
	}
	var p [6]string
	rest, more := t.wire, true
	for i := range p {
		if !more {
			return Box{}, errors.New("sealed: malformed text")
		}
		p[i], rest, more = strings.Cut(rest, ":")
	}
	if more || p[0] != "v1" {
		return Box{}, errors.New("sealed: malformed text")
	}
	b, err := base64.RawURLEncoding.DecodeString(p[5])
	if err != nil {
		return Box{}, fmt.Errorf("sealed: malformed text: %w", err)
	}
	return Box{Person: p[1], Class: Class(p[2]), Event: p[3], Field: p[4], Bytes: b}, nil
}

// IsZero reports whether there is no text at all.
func (t Text) IsZero() bool { return t.wire == "" && t.open == nil }

// Plain returns the text and its owner before it is sealed; ok is false for
// sealed and absent texts.
func (t Text) Plain() (person string, class Class, text string, ok bool) {
	if t.open == nil {
		return "", "", "", false
	}
	return t.open.owner, t.open.class, t.open.text, true
}

// String never shows the text, so that logs and errors cannot leak it.
func (t Text) String() string {
	if t.IsZero() {
		return ""
	}
	return "[sealed]"
}

// GoString never shows the text either.
func (t Text) GoString() string { return "sealed.Text(" + t.String() + ")" }

// Format keeps every verb of fmt, %+v among them, from showing the text.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// MarshalJSON returns the stored form, and ErrUnsealed for a plain text.
func (t Text) MarshalJSON() ([]byte, error) {
	if t.open != nil {
		return nil, ErrUnsealed
	}
	return json.Marshal(t.wire)
}

// UnmarshalJSON accepts the stored form only.
func (t *Text) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"v1:`)) && bytes.IndexByte(b, '\\') < 0 {
		// Nothing is escaped, as in every text that was sealed: reading a log
		// would spend much of its time on looking at it a second time.
		*t = Text{wire: string(b[1 : len(b)-1])}
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s != "" && !strings.HasPrefix(s, "v1:") {
		return errors.New("sealed: not a sealed text")
	}
	*t = Text{wire: s}
	return nil
}
