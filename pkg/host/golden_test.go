package host_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kith/api/events"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/host"
)

var write = flag.Bool("write-golden", false, "write the files of schemas that have none yet")

const golden = "testdata/events"

// Every schema that was ever written has a file of an event with every field
// set. The files stay as they are for ever: a log is never rewritten, so each
// must be read by every later version, and nothing of it be lost unless an
// upcast says what becomes of it.
func TestEverySchemaEverWrittenIsRead(t *testing.T) {
	codec := host.Codec()
	newest := map[string]bool{}
	for _, e := range events.All() {
		data, schema, err := codec.Encode(full(reflect.TypeOf(e.Event)).(es.Event))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(golden, fmt.Sprintf("%s.v%d.json", e.Event.EventType(), schema))
		newest[path] = true
		have, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) && *write {
			have, err = indented(t, data), os.WriteFile(path, indented(t, data), 0o644)
		}
		if err != nil {
			t.Errorf("%s version %d has no file; go test ./host -write-golden writes it: %v", e.Event.EventType(), schema, err)
			continue
		}
		additive(t, e.Event, schema, have)
		if string(have) != string(indented(t, data)) {
			t.Errorf("%s has changed without a new SchemaVersion: it is written as\n%s\nand was as\n%s", path, indented(t, data), have)
		}
	}
	files, err := filepath.Glob(filepath.Join(golden, "*.json"))
	if err != nil || len(files) < len(newest) {
		t.Fatalf("%d files for %d events, %v", len(files), len(newest), err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		i := strings.LastIndex(name, ".v")
		var schema int
		if _, err := fmt.Sscan(name[i+2:], &schema); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		e := codec.Decode(name[:i], schema, data)
		if bad, ok := e.(es.Unreadable); ok {
			t.Errorf("%s cannot be read any more: %v", path, bad)
			continue
		}
		if again, _, err := codec.Encode(e); newest[path] && (err != nil || string(indented(t, again)) != string(data)) {
			t.Errorf("%s is read as something else: %s, %v", path, again, err)
		}
	}
}

// additive holds newest, the file of the schema in which e is written, against
// those whose readers are said to read it.
func additive(t *testing.T, e events.Event, schema int, newest []byte) {
	a, ok := e.(es.Additive)
	if !ok {
		return
	}
	for v := a.ReadableSince(); v < schema; v++ {
		older, err := os.ReadFile(filepath.Join(golden, fmt.Sprintf("%s.v%d.json", e.EventType(), v)))
		if err != nil {
			t.Error(err)
			continue
		}
		if err := estest.Adds(older, newest); err != nil {
			t.Errorf("%s is said to be readable since version %d, but does not only add to version %d: %v", e.EventType(), a.ReadableSince(), v, err)
		}
	}
}

func indented(t *testing.T, data []byte) []byte {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// full is a value of a type with everything in it set.
func full(t reflect.Type) any {
	v := reflect.New(t).Elem()
	fill(v, "value")
	return v.Interface()
}

func fill(v reflect.Value, name string) {
	switch v.Interface().(type) {
	case sealed.Text:
		v.Set(reflect.ValueOf(sealed.Seal(sealed.Box{Person: "person", Class: sealed.Content, Event: "event", Field: name, Bytes: []byte("sealed " + name)})))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), fmt.Sprint(name, i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, name+" key")
		fill(value, name+" value")
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint64:
		v.SetUint(1 << 60)
	case reflect.Float64:
		v.SetFloat(0.25)
	default:
		panic(fmt.Sprintf("an event has a field of kind %s: %s", v.Kind(), name))
	}
}
