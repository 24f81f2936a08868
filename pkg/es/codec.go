package es

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Codec turns events into JSON and back. It knows every event type of the
// process; an older schema is lifted to the newest one before it is decoded.
// It is immutable after construction and safe for concurrent use.
type Codec struct{ types map[string]kind }

type kind struct {
	proto  Event
	schema int
	since  int // oldest schema whose readers can read the newest
	decode func([]byte) (Event, error)
	lift   map[int]func(json.RawMessage) (json.RawMessage, error)
}

// Type makes events of type T known to a codec.
func Type[T Event](upcasts ...Upcast) Option {
	var proto T
	return register(proto, upcasts, func(b []byte) (Event, error) {
		var v T
		err := unmarshal(b, &v)
		return v, err
	})
}

// Proto makes events of the type of e known to a codec, for callers who have a
// list of events and not their types. e is a struct value.
func Proto(e Event, upcasts ...Upcast) Option {
	typ := reflect.TypeOf(e)
	return register(e, upcasts, func(b []byte) (Event, error) {
		v := reflect.New(typ)
		err := unmarshal(b, v.Interface())
		return v.Elem().Interface().(Event), err
	})
}

// unmarshal is encoding/json's next version, which reads a log in half the time.
// It forgives what the present one does: whatever was written can be read.
func unmarshal(b []byte, v any) error {
	return jsonv2.Unmarshal(b, v, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func register(proto Event, upcasts []Upcast, decode func([]byte) (Event, error)) Option {
	return func(c *Codec) {
		k := kind{
			proto: proto, schema: schemaOf(proto), decode: decode,
			lift: map[int]func(json.RawMessage) (json.RawMessage, error){},
		}
		k.since = k.schema
		if a, ok := proto.(Additive); ok {
			k.since = a.ReadableSince()
		}
		for _, u := range upcasts {
			k.lift[u.From] = u.Lift
		}
		c.types[proto.EventType()] = k
	}
}

// Upcast lifts stored data from schema version From to From+1.
type Upcast struct {
	From int
	Lift func(json.RawMessage) (json.RawMessage, error)
}

// Option adds event types to a codec.
type Option func(*Codec)

// NewCodec makes a codec of the given types.
func NewCodec(types ...Option) *Codec {
	c := &Codec{types: map[string]kind{}}
	for _, add := range types {
		add(c)
	}
	return c
}

// Encode returns the stored form of e. It fails for types the codec does not
// know, for a ReadableSince that is no version, for plain personal fields, and
// with ErrTooLarge.
func (c *Codec) Encode(e Event) (data []byte, schema int, err error) {
	k, ok := c.types[e.EventType()]
	if !ok {
		return nil, 0, fmt.Errorf("es: event type %q is not registered", e.EventType())
	}
	if k.since < 1 || k.since > k.schema {
		return nil, 0, fmt.Errorf("es: %s of schema version %d is readable since %d, which is not within 1 to %d", e.EventType(), k.schema, k.since, k.schema)
	}
	data, err = json.Marshal(e)
	if err != nil {
		return nil, 0, fmt.Errorf("es: encode %s: %w", e.EventType(), err)
	}
	if len(data) > MaxEvent {
		return nil, 0, fmt.Errorf("%w: %s has %d bytes, at most %d are allowed", ErrTooLarge, e.EventType(), len(data), MaxEvent)
	}
	return data, k.schema, nil
}

// Decode never fails: what cannot be read comes back as Unreadable. Fields
// that this version does not know are passed over, so that a newer service can
// write beside an older one. Where the newest schema only adds to an older one,
// an upcast is needed only if absence is not what the older one meant.
func (c *Codec) Decode(typ string, schema int, data []byte) Event {
	k, ok := c.types[typ]
	if !ok {
		return Unreadable{fmt.Errorf("%w: unknown event type %q", ErrNewer, typ)}
	}
	if schema < 1 {
		return Unreadable{fmt.Errorf("es: %s has schema version %d", typ, schema)}
	}
	if schema > k.schema {
		return Unreadable{fmt.Errorf("%w: %s has schema version %d, this process reads 1 to %d", ErrNewer, typ, schema, k.schema)}
	}
	for v := schema; v < k.schema; v++ {
		lift, ok := k.lift[v]
		if !ok && v >= k.since {
			continue
		}
		if !ok {
			return Unreadable{fmt.Errorf("es: %s cannot be lifted from schema version %d", typ, v)}
		}
		var err error
		if data, err = lift(data); err != nil {
			return Unreadable{fmt.Errorf("es: lift %s from schema version %d: %w", typ, v, err)}
		}
	}
	e, err := k.decode(data)
	if err != nil {
		return Unreadable{fmt.Errorf("es: decode %s: %w", typ, err)}
	}
	return e
}

// readable is the schema as which this process can read data of version schema
// whose writer says that readers of version since can: the newest that it
// knows, where that is older and not too old.
func (c *Codec) readable(typ string, schema, since int) int {
	if k, ok := c.types[typ]; ok && schema > k.schema && since >= 1 && since <= k.schema {
		return k.schema
	}
	return schema
}

// Types returns a zero event of every known type, sorted by type.
func (c *Codec) Types() []Event {
	all := make([]Event, 0, len(c.types))
	for _, k := range c.types {
		all = append(all, k.proto)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].EventType() < all[j].EventType() })
	return all
}

func schemaOf(e Event) int {
	if v, ok := e.(Versioned); ok {
		return v.SchemaVersion()
	}
	return 1
}
