package viewmongo

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/view"
)

// index is one order of a view's documents. MongoDB's index is over fields
// that hold sortable keys of view.Order, in hexadecimal digits: strings are
// ordered by their bytes, binary data by its length first.
//
// Without a list field that is one field with the whole key. With one, a
// document would have several keys in one field, by the smallest of which
// MongoDB sorts whatever is asked for. But queries fix the list field: so the
// keys are cut behind it, their heads are an array to be equal to, and the tail
// that is the same for all is what is ranged over and sorted by.
//
// So every query is an equality on the first field, if there are two, and a
// range on the last, which the index gives in its order: none scans or sorts.
type index struct {
	order      *view.Order
	head, tail string // names of fields; no head without a list field
}

func newIndexes(d view.Definition) ([]*index, error) {
	var all []*index
	for _, ix := range d.Indexes {
		if slices.ContainsFunc(all, func(other *index) bool { return other.order.Index.Name == ix.Name }) {
			return nil, fmt.Errorf("%w: view %s has two indexes %q", view.ErrQuery, d.Name, ix.Name)
		}
		o, err := view.NewOrder(ix, d.New())
		if err != nil {
			return nil, err
		}
		made := &index{order: o, tail: "k_" + plain(ix.Name)}
		if o.Listed() {
			made.head = "h_" + plain(ix.Name)
		}
		all = append(all, made)
	}
	return all, nil
}

// plain spells name so that it can be part of a field's.
func plain(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// name is the index's in the database. It says what is in it: documents that
// were folded for an index of other fields do not stand in this one.
func (ix *index) name() string {
	return ix.order.Index.Name + ":" + strings.Join(ix.order.Index.Fields, ",")
}

// keys is the index in MongoDB's terms.
func (ix *index) keys() bson.D {
	if ix.head == "" {
		return bson.D{{Key: ix.tail, Value: int32(1)}}
	}
	return bson.D{{Key: ix.head, Value: int32(1)}, {Key: ix.tail, Value: int32(1)}}
}

// fields place a document in the index; there are none if its list is empty.
func (ix *index) fields(key string, doc any) bson.D {
	keys := ix.order.Keys(key, doc)
	if len(keys) == 0 {
		return nil
	}
	_, tail := ix.order.Cut(keys[0])
	fields := bson.D{{Key: ix.tail, Value: digits(tail)}}
	if ix.head == "" {
		return fields
	}
	heads := make([]string, len(keys))
	for i, k := range keys {
		head, _ := ix.order.Cut(k)
		heads[i] = digits(head)
	}
	slices.Sort(heads)
	return append(fields, bson.E{Key: ix.head, Value: slices.Compact(heads)})
}

// seek is a query within the index.
type seek struct {
	filter, sort bson.D
	head         string // of the keys of all rows
}

// seek finds what stands behind prefix, and behind the key after unless that
// is empty.
func (ix *index) seek(prefix, after string) seek {
	head, tail := ix.order.Cut(prefix)
	from := bson.E{Key: "$gte", Value: digits(tail)}
	if after != "" {
		from = bson.E{Key: "$gt", Value: digits(after[len(head):])}
	}
	// No digit is a "g": it ends all that begins with the prefix.
	span := bson.E{Key: ix.tail, Value: bson.D{from, {Key: "$lt", Value: digits(tail) + "g"}}}
	s := seek{filter: bson.D{span}, sort: bson.D{{Key: ix.tail, Value: 1}}, head: head}
	if ix.head != "" {
		s.filter = bson.D{{Key: ix.head, Value: digits(head)}, span}
	}
	return s
}

func digits(key string) string { return hex.EncodeToString([]byte(key)) }

// cursor is that of a document whose tail field holds tail.
func (ix *index) cursor(head, tail string) (string, error) {
	key, err := hex.DecodeString(tail)
	if err != nil {
		return "", fmt.Errorf("read the key of index %s: %w", ix.order.Index.Name, err)
	}
	return ix.order.Cursor(head + string(key)), nil
}
