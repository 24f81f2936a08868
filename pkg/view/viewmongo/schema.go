package viewmongo

import (
	"fmt"
	"regexp"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/view"
)

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,95}$`)

// baseOf names the collection of a view's version, and what belongs to it.
func baseOf(d view.Definition) (string, error) {
	if !validName.MatchString(d.Name) || d.Version < 0 {
		return "", fmt.Errorf("viewmongo: view %q version %d cannot name a collection", d.Name, d.Version)
	}
	return fmt.Sprintf("%s_v%d", d.Name, d.Version), nil
}

// nameOf is the collection of a base that a rebuild has made as its nth; the
// base's own is that which there was before any.
func nameOf(base string, n int64) string {
	if n == 0 {
		return base
	}
	return fmt.Sprintf("%s_%d", base, n)
}

// Commands of a schema. Each can be repeated; see Backend.provide.
const (
	create        = "create"
	createIndexes = "createIndexes"
)

// Commands make the collection of a view in MongoDB, and its indexes, each in
// Extended JSON. They are the same for the same definition. It returns
// view.ErrQuery for indexes that the documents cannot have.
func Commands(d view.Definition) ([]string, error) {
	base, err := baseOf(d)
	if err != nil {
		return nil, err
	}
	indexes, err := newIndexes(d)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, c := range commands(base, indexes) {
		// Relaxed: numbers as such, as one writes them by hand.
		text, err := bson.MarshalExtJSON(c, false, false)
		if err != nil {
			return nil, fmt.Errorf("write the commands of view %s: %w", d.Name, err)
		}
		all = append(all, string(text))
	}
	return all, nil
}

func commands(collection string, indexes []*index) []bson.D {
	all := []bson.D{{{Key: create, Value: collection}, {Key: "validator", Value: envelope()}}}
	if len(indexes) == 0 {
		return all
	}
	specs := make(bson.A, len(indexes))
	for i, ix := range indexes {
		specs[i] = bson.D{{Key: "key", Value: ix.keys()}, {Key: "name", Value: ix.name()}}
	}
	return append(all, bson.D{{Key: createIndexes, Value: collection}, {Key: "indexes", Value: specs}})
}

// envelope is what every stored document has. What is in doc is the view's.
func envelope() bson.D {
	return bson.D{{Key: "$jsonSchema", Value: bson.D{
		{Key: "required", Value: bson.A{keyField, seqField}},
		{Key: "properties", Value: bson.D{
			{Key: keyField, Value: bson.D{{Key: "bsonType", Value: bson.A{"string", "int"}}}}, // int: the checkpoint
			{Key: seqField, Value: bson.D{{Key: "bsonType", Value: "long"}, {Key: "minimum", Value: int32(0)}}},
			{Key: docField, Value: bson.D{{Key: "bsonType", Value: "string"}}},
		}},
	}}}
}
