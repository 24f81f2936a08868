package view

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Order reads the fields of an index out of documents. Backends share it, so
// that cursors and orders mean the same on each.
type Order struct {
	Index  Index
	fields []field
	id     string // of index and document type, for cursors
}

type field struct {
	name string
	desc bool
	path []int
	kind kind
}

// kind is what a field holds, as far as its order is concerned.
type kind int

const (
	unordered kind = iota
	text
	boolean
	integer
	natural
	instant
	texts // a list of strings: the document stands once for each
)

func kindOf(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.String:
		return text
	case reflect.Bool:
		return boolean
	case reflect.Int, reflect.Int64:
		return integer
	case reflect.Uint64:
		return natural
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return texts
		}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return instant
		}
	}
	return unordered
}

// NewOrder prepares ix for documents like doc, a *D. It returns ErrQuery for
// fields that do not exist or have no order. Fields of kind string, bool, int,
// int64, uint64, time.Time and lists of strings have one.
func NewOrder(ix Index, doc any) (*Order, error) {
	t := reflect.TypeOf(doc).Elem()
	o := &Order{Index: ix, id: t.String() + "\x00" + ix.Name + "\x00" + strings.Join(ix.Fields, "\x00")}
	for _, name := range ix.Fields {
		f := field{name: strings.TrimPrefix(name, "-"), desc: strings.HasPrefix(name, "-")}
		sf, ok := byJSONName(t, f.name)
		if !ok {
			return nil, fmt.Errorf("%w: index %s names the field %q, which %s does not have", ErrQuery, ix.Name, f.name, t)
		}
		f.path, f.kind = sf.Index, kindOf(sf.Type)
		if f.kind == unordered || throughPointer(t, f.path) {
			return nil, fmt.Errorf("%w: field %q of %s has no order", ErrQuery, f.name, t)
		}
		o.fields = append(o.fields, f)
	}
	return o, nil
}

func byJSONName(t reflect.Type, name string) (reflect.StructField, bool) {
	if name == "" || name == "-" {
		return reflect.StructField{}, false
	}
	for _, f := range reflect.VisibleFields(t) {
		if n, _, _ := strings.Cut(f.Tag.Get("json"), ","); n == name && f.IsExported() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// throughPointer reports whether path leads through an embedded pointer, which
// may be nil in a document.
func throughPointer(t reflect.Type, path []int) bool {
	for _, i := range path[:len(path)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// Keys are the sortable keys under which doc stands in the index: one, or one
// for each element of a list field. Comparing keys as bytes compares documents.
// No key is the beginning of another, and none ends in zero.
func (o *Order) Keys(key string, doc any) []string {
	b, ends := o.AppendKeys(nil, nil, key, doc)
	keys, start := make([]string, len(ends)), 0
	for i, end := range ends {
		keys[i] = string(b[start:end])
		start = end
	}
	return keys
}

// AppendKeys appends the keys to b, one behind another, and to ends where in b
// each of them ends.
func (o *Order) AppendKeys(b []byte, ends []int, key string, doc any) ([]byte, []int) {
	return o.spread(b, ends, o.fields, key, reflect.ValueOf(doc).Elem(), len(b))
}

// spread completes the key that begins at start with fields and the document's
// key. After a list field it goes on once for each element, with a copy of the
// beginning.
func (o *Order) spread(b []byte, ends []int, fields []field, key string, v reflect.Value, start int) ([]byte, []int) {
	for i, f := range fields {
		fv := v.FieldByIndex(f.path)
		if f.kind != texts {
			b = appendField(b, f, fv)
			continue
		}
		begun := len(b) - start
		for j := range fv.Len() {
			at := start
			if j > 0 {
				at = len(b)
				b = append(b, b[start:start+begun]...)
			}
			b = appendText(b, fv.Index(j).String(), f.desc)
			b, ends = o.spread(b, ends, fields[i+1:], key, v, at)
		}
		if fv.Len() == 0 {
			b = b[:start]
		}
		return b, ends
	}
	b = appendText(b, key, false)
	return b, append(ends, len(b))
}

// Same reports whether two documents of one key stand at the same place.
func (o *Order) Same(one, other any) bool {
	a, b := reflect.ValueOf(one).Elem(), reflect.ValueOf(other).Elem()
	for _, f := range o.fields {
		if !sameField(f.kind, a.FieldByIndex(f.path), b.FieldByIndex(f.path)) {
			return false
		}
	}
	return true
}

func sameField(k kind, a, b reflect.Value) bool {
	switch k {
	case text:
		return a.String() == b.String()
	case boolean:
		return a.Bool() == b.Bool()
	case integer:
		return a.Int() == b.Int()
	case natural:
		return a.Uint() == b.Uint()
	case instant:
		return instantOf(a).Equal(instantOf(b))
	case texts:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if a.Index(i).String() != b.Index(i).String() {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// Prefix is the common beginning of the keys of all documents whose first
// fields equal values. It returns ErrQuery for values of another kind than the
// field's, for too many values, and when a list field is left open, under
// which documents would come more than once. A non-negative int may stand for
// a uint64.
func (o *Order) Prefix(values []any) (string, error) {
	if len(values) > len(o.fields) {
		return "", fmt.Errorf("%w: index %s has %d fields, not %d", ErrQuery, o.Index.Name, len(o.fields), len(values))
	}
	var b []byte
	for i, f := range o.fields {
		if i >= len(values) {
			if f.kind == texts {
				return "", fmt.Errorf("%w: index %s wants a value for the list field %s", ErrQuery, o.Index.Name, f.name)
			}
			continue
		}
		v := reflect.ValueOf(values[i])
		if f.kind == natural && v.IsValid() && kindOf(v.Type()) == integer && v.Int() >= 0 {
			v = reflect.ValueOf(uint64(v.Int()))
		}
		if f.kind == texts {
			f.kind = text // one element is asked for
		}
		if !v.IsValid() || kindOf(v.Type()) != f.kind {
			return "", fmt.Errorf("%w: field %s cannot equal a %T", ErrQuery, f.name, values[i])
		}
		b = appendField(b, f, v)
	}
	return string(b), nil
}

// Listed reports whether the index has a list field, so that a document may
// stand in it more than once, or not at all.
func (o *Order) Listed() bool {
	return slices.ContainsFunc(o.fields, func(f field) bool { return f.kind == texts })
}

// Cut divides a sortable key, or a prefix of some, behind the last list field.
// All keys of a document have the same tail. Without a list field head is
// empty; if sortKey ends before that field does, tail is.
func (o *Order) Cut(sortKey string) (head, tail string) {
	at, end := 0, 0
	for _, f := range o.fields {
		if at += widthOf(f, sortKey[at:]); f.kind == texts {
			end = at
		}
	}
	return sortKey[:end], sortKey[end:]
}

// widthOf is how many bytes of b, which begins with a value of f, are that
// value's.
func widthOf(f field, b string) int {
	n := len(b)
	switch f.kind {
	case boolean:
		n = 1
	case integer, natural:
		n = 8
	case instant:
		n = 12
	case text, texts:
		mark, last := byte(0), byte(1)
		if f.desc {
			mark, last = ^mark, ^last
		}
		for i := 0; i+1 < len(b); i++ {
			if b[i] != mark {
				continue
			}
			if b[i+1] == last {
				return i + 2
			}
			i++
		}
	}
	return min(n, len(b))
}

// Cursor is the sortable key in a form for clients, with a checksum that ties
// it to the index. It is not secret: it shows the key and the ordered fields
// of the document that it stands at.
func (o *Order) Cursor(sortKey string) string {
	return base64.RawURLEncoding.EncodeToString(append(o.checksum(sortKey), sortKey...))
}

// ParseCursor returns the sortable key of c. It returns ErrCursor unless c is a
// cursor of this index within prefix.
func (o *Order) ParseCursor(c, prefix string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(c)
	if err != nil || len(b) < 4 {
		return "", ErrCursor
	}
	sortKey := string(b[4:])
	if string(b[:4]) != string(o.checksum(sortKey)) || !strings.HasPrefix(sortKey, prefix) {
		return "", ErrCursor
	}
	return sortKey, nil
}

func (o *Order) checksum(sortKey string) []byte {
	h := fnv.New32a()
	_, _ = h.Write([]byte(o.id + "\x00" + sortKey))
	return h.Sum(nil)
}

// appendField writes v so that bytes compare as values do: numbers big-endian
// with the sign flipped, times as seconds and nanoseconds, strings with 0x00
// escaped and a terminator; all bits inverted for descending order. No value's
// bytes are the beginning of another's.
func appendField(b []byte, f field, v reflect.Value) []byte {
	start := len(b)
	switch f.kind {
	case text:
		return appendText(b, v.String(), f.desc)
	case boolean:
		if v.Bool() {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	case integer:
		b = binary.BigEndian.AppendUint64(b, uint64(v.Int())^(1<<63))
	case natural:
		b = binary.BigEndian.AppendUint64(b, v.Uint())
	case instant:
		// Not UnixNano, which is undefined before 1678: the zero time is common.
		t := instantOf(v)
		b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^(1<<63))
		b = binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
	}
	return invert(b, start, f.desc)
}

func appendText(b []byte, s string, desc bool) []byte {
	start := len(b)
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		b = append(append(b, s[:i]...), 0, 0xff)
		s = s[i+1:]
	}
	return invert(append(append(b, s...), 0, 1), start, desc)
}

func invert(b []byte, start int, desc bool) []byte {
	if desc {
		for i := start; i < len(b); i++ {
			b[i] = ^b[i]
		}
	}
	return b
}

// instantOf reads a time without copying it to the heap where it can.
func instantOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}
