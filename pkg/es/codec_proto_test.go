package es_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kith/pkg/es"
)

type planted struct {
	Tree string `json:"tree"`
	Age  int    `json:"age"`
}

func (planted) EventType() string  { return "tree.planted" }
func (planted) SchemaVersion() int { return 2 }

// A codec made from a value reads and writes like one made from the type.
func TestProtoEqualsType(t *testing.T) {
	lift := es.Upcast{From: 1, Lift: func(b json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage(strings.Replace(string(b), `"name"`, `"tree"`, 1)), nil
	}}
	for name, c := range map[string]*es.Codec{
		"type":  es.NewCodec(es.Type[planted](lift)),
		"proto": es.NewCodec(es.Proto(planted{}, lift)),
	} {
		t.Run(name, func(t *testing.T) {
			data, schema, err := c.Encode(planted{"oak", 3})
			if err != nil || schema != 2 || string(data) != `{"tree":"oak","age":3}` {
				t.Fatalf("encoded %s, version %d, %v", data, schema, err)
			}
			if got := c.Decode("tree.planted", 2, data); got != (planted{"oak", 3}) {
				t.Errorf("decoded %#v", got)
			}
			if got := c.Decode("tree.planted", 1, []byte(`{"name":"elm"}`)); got != (planted{Tree: "elm"}) {
				t.Errorf("lifted %#v", got)
			}
			if got, ok := c.Decode("tree.planted", 2, []byte(`{"age":"old"}`)).(es.Unreadable); !ok {
				t.Errorf("malformed data decoded to %#v", got)
			}
			if all := c.Types(); len(all) != 1 || all[0] != (planted{}) {
				t.Errorf("types are %#v", all)
			}
		})
	}
}
