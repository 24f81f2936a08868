package view

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Order reads the fields of an index out of documents. Backends share it, so
// that cursors and orders mean the same on each.
type Order struct {
	Index  Index
	fields []field
}

type field struct {
	name string
	desc bool
	path []int
	list bool // a []string
}

// NewOrder prepares ix for documents like doc, a *D. It returns ErrQuery for
// fields that do not exist or have no order.
func NewOrder(ix Index, doc any) (*Order, error) {
	o := &Order{Index: ix}
	t := reflect.TypeOf(doc).Elem()
	for _, name := range ix.Fields {
		f := field{name: strings.TrimPrefix(name, "-"), desc: strings.HasPrefix(name, "-")}
		sf, ok := byJSONName(t, f.name)
		if !ok {
			return nil, fmt.Errorf("%w: index %s names the field %q, which %s does not have", ErrQuery, ix.Name, f.name, t)
		}
		f.path, f.list = sf.Index, sf.Type.Kind() == reflect.Slice
		if !orderable(sf.Type) {
			return nil, fmt.Errorf("%w: field %q of %s has no order", ErrQuery, f.name, t)
		}
		o.fields = append(o.fields, f)
	}
	return o, nil
}

func byJSONName(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if n, _, _ := strings.Cut(f.Tag.Get("json"), ","); n == name && f.IsExported() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func orderable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	default:
		return t == reflect.TypeFor[time.Time]()
	}
}

// Keys are the sortable keys under which doc stands in the index: one, or one
// for each element of a list field. Comparing keys as bytes compares documents.
func (o *Order) Keys(key string, doc any) []string {
	v := reflect.ValueOf(doc).Elem()
	keys := [][]byte{nil}
	for _, f := range o.fields {
		fv := v.FieldByIndex(f.path)
		if !f.list {
			for i := range keys {
				keys[i] = appendValue(keys[i], fv, f.desc)
			}
			continue
		}
		var spread [][]byte
		for i := range fv.Len() {
			for _, k := range keys {
				spread = append(spread, appendValue(append([]byte(nil), k...), fv.Index(i), f.desc))
			}
		}
		keys = spread
	}
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = string(appendValue(k, reflect.ValueOf(key), false))
	}
	return out
}

// Prefix is the common beginning of the keys of all documents whose first
// fields equal values.
func (o *Order) Prefix(values []any) (string, error) {
	if len(values) > len(o.fields) {
		return "", fmt.Errorf("%w: index %s has %d fields, not %d", ErrQuery, o.Index.Name, len(o.fields), len(values))
	}
	var b []byte
	for i, val := range values {
		v := reflect.ValueOf(val)
		if !v.IsValid() || !orderable(v.Type()) || v.Kind() == reflect.Slice {
			return "", fmt.Errorf("%w: field %s cannot equal a %T", ErrQuery, o.fields[i].name, val)
		}
		b = appendValue(b, v, o.fields[i].desc)
	}
	return string(b), nil
}

// Cursor hides a sortable key; ParseCursor shows it again.
func Cursor(sortKey string) string { return base64.RawURLEncoding.EncodeToString([]byte(sortKey)) }

// ParseCursor returns ErrCursor unless c is a cursor within prefix.
func ParseCursor(c, prefix string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || !strings.HasPrefix(string(b), prefix) {
		return "", ErrCursor
	}
	return string(b), nil
}

// appendValue writes v so that bytes compare as values do: numbers big-endian
// with the sign flipped, strings with 0x00 escaped and a terminator, all bits
// inverted for descending order.
func appendValue(b []byte, v reflect.Value, desc bool) []byte {
	start := len(b)
	if t, ok := v.Interface().(time.Time); ok {
		b = binary.BigEndian.AppendUint64(b, uint64(t.UnixNano())^(1<<63))
	} else {
		switch v.Kind() {
		case reflect.Bool:
			if v.Bool() {
				b = append(b, 1)
			} else {
				b = append(b, 0)
			}
		case reflect.Int, reflect.Int64:
			b = binary.BigEndian.AppendUint64(b, uint64(v.Int())^(1<<63))
		case reflect.Uint64:
			b = binary.BigEndian.AppendUint64(b, v.Uint())
		case reflect.String:
			for _, c := range []byte(v.String()) {
				if b = append(b, c); c == 0 {
					b = append(b, 0xff)
				}
			}
			b = append(b, 0, 1)
		}
	}
	if desc {
		for i := start; i < len(b); i++ {
			b[i] = ^b[i]
		}
	}
	return b
}
