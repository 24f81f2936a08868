package mongo_test

import (
	"regexp"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"

	"kith/pkg/view/viewmongo"
)

// schema is that of MongoDB's validators, as far as ours use it. FerretDB has
// none, so the gate judges documents by it.
type schema struct {
	Required   []string `bson:"required"`
	Properties map[string]struct {
		BsonType any    `bson:"bsonType"`
		Minimum  *int64 `bson:"minimum"`
	} `bson:"properties"`
}

// envelope is the schema of every view's collection.
func envelope() (schema, error) {
	var command struct {
		Validator struct {
			Schema schema `bson:"$jsonSchema"`
		} `bson:"validator"`
	}
	commands, err := viewmongo.Commands(definition())
	if err == nil {
		err = bson.UnmarshalExtJSON([]byte(commands[0]), false, &command)
	}
	return command.Validator.Schema, err
}

func (s schema) allows(doc bson.Raw) bool {
	for _, field := range s.Required {
		if _, err := doc.LookupErr(field); err != nil {
			return false
		}
	}
	for field, p := range s.Properties {
		v, err := doc.LookupErr(field)
		if err != nil {
			continue
		}
		types, ok := p.BsonType.(bson.A)
		if !ok {
			types = bson.A{p.BsonType}
		}
		names := map[bsontype.Type]string{bson.TypeString: "string", bson.TypeInt32: "int", bson.TypeInt64: "long"}
		if !slices.Contains(types, any(names[v.Type])) {
			return false
		}
		if n, ok := v.AsInt64OK(); ok && p.Minimum != nil && n < *p.Minimum {
			return false
		}
	}
	return true
}

var ofView = regexp.MustCompile(`_v[0-9]+(_[0-9]+)?$`)

// valid reports whether MongoDB would store what s writes.
func valid(s statement) bool {
	return !there.ferret || !ofView.MatchString(s.Collection) || there.envelope.allows(s.U)
}

func TestValidator(t *testing.T) {
	s, err := envelope()
	if err != nil || len(s.Required) == 0 || len(s.Properties) == 0 {
		t.Fatalf("the validator is %v, %v", s, err)
	}
	for _, tc := range []struct {
		name string
		doc  bson.D
		want bool
	}{
		{"a document", bson.D{{Key: "_id", Value: "a"}, {Key: "seq", Value: int64(1)}, {Key: "doc", Value: "{}"}, {Key: "k_x", Value: "61"}}, true},
		{"a position alone", bson.D{{Key: "_id", Value: "a"}, {Key: "seq", Value: int64(1)}}, true},
		{"the checkpoint", bson.D{{Key: "_id", Value: int32(0)}, {Key: "seq", Value: int64(1)}}, true},
		{"no position", bson.D{{Key: "_id", Value: "a"}, {Key: "doc", Value: "{}"}}, false},
		{"a position that is none", bson.D{{Key: "_id", Value: "a"}, {Key: "seq", Value: int64(-1)}}, false},
		{"a position of the wrong type", bson.D{{Key: "_id", Value: "a"}, {Key: "seq", Value: 1.5}}, false},
		{"a document that is no text", bson.D{{Key: "_id", Value: "a"}, {Key: "seq", Value: int64(1)}, {Key: "doc", Value: bson.D{}}}, false},
	} {
		raw, err := bson.Marshal(tc.doc)
		if err != nil {
			t.Fatal(err)
		}
		same(t, tc.name, s.allows(raw), tc.want)
	}
}
