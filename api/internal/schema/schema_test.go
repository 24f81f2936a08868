package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"kith/api/internal/schema"
	"kith/api/sealed"
)

// describe reads the events' source from the module's root.
func describe(t *testing.T) []schema.Doc {
	t.Helper()
	t.Chdir("../..")
	docs, err := schema.Describe()
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// What is committed is what the code says. A schema that was written once
// never changes.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	t.Chdir("../..")
	files, err := schema.Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(path)
		switch {
		case os.IsNotExist(err):
			t.Errorf("%s is missing: run make generate", path)
		case err != nil:
			t.Error(err)
		case !bytes.Equal(got, want) && filepath.Ext(path) == ".json":
			t.Errorf("%s differs from the code: %s", path, schema.NewVersion)
		case !bytes.Equal(got, want):
			t.Errorf("%s is out of date: run make generate", path)
		}
	}
}

// An event that was ever written stays described, and every schema there is
// belongs to an event that exists.
func TestNoSchemaIsLostOrLeftOver(t *testing.T) {
	newest := map[string]int{} // context/type → version
	for _, d := range describe(t) {
		newest[d.Context+"/"+d.Type] = d.Version()
		for v := 1; v < d.Version(); v++ {
			old := strings.Replace(d.Path, versionSuffix(d.Version()), versionSuffix(v), 1)
			if _, err := os.Stat(old); err != nil {
				t.Errorf("the schema of an older version is gone: %v", err)
			}
		}
	}
	files, err := filepath.Glob("schema/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	for _, f := range files {
		rel := strings.TrimPrefix(filepath.ToSlash(f), "schema/")
		if i := strings.LastIndex(rel, ".v"); newest[rel[:i]] == 0 {
			t.Errorf("%s describes no event; events that lie in logs must stay readable", f)
		}
	}
}

func versionSuffix(v int) string { return fmt.Sprintf(".v%d.json", v) }

func TestEveryEventHasADocComment(t *testing.T) {
	for _, d := range describe(t) {
		if d.Schema.Description == "" {
			t.Errorf("%s (%T) has no doc comment", d.Type, d.Event)
		}
	}
}

// Whatever a service writes keeps to the schema, the empty event too.
func TestEventsKeepToTheirSchema(t *testing.T) {
	for _, d := range describe(t) {
		s := compile(t, d)
		t.Run(d.Type, func(t *testing.T) {
			if err := validate(s, d.Event); err != nil {
				t.Errorf("zero value: %v", err)
			}
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(reflect.TypeOf(d.Event)).Elem()
				fill(t, v)
				if err := validate(s, v.Interface()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// A schema refuses what no service writes.
func TestSchemasRefuse(t *testing.T) {
	for _, d := range describe(t) {
		if d.Type != "person.registered" {
			continue
		}
		s := compile(t, d)
		for rule, text := range map[string]string{
			"a plain personal text":    `{"name":"Ada","language":"en"}`,
			"an unknown field":         `{"name":"","language":"en","grade":"A13"}`,
			"a missing field":          `{"name":""}`,
			"a field of another type":  `{"name":"","language":7}`,
			"null for something fixed": `{"name":null,"language":"en"}`,
		} {
			t.Run(rule, func(t *testing.T) {
				if err := s.Validate(decode(t, text)); err == nil {
					t.Error("was accepted")
				}
			})
		}
	}
}

func compile(t *testing.T, d schema.Doc) *validator.Schema {
	t.Helper()
	b, err := json.Marshal(d.Schema)
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("event.json", decode(t, string(b))); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, text string) any {
	t.Helper()
	v, err := validator.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func validate(s *validator.Schema, event any) error {
	b, err := json.Marshal(event)
	if err != nil {
		return err
	}
	v, err := validator.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// fill draws a value for every field of v.
func fill(t *rapid.T, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *sealed.Text:
		if rapid.Bool().Draw(t, "text") {
			*x = sealed.Seal(sealed.Box{
				Person: "p1", Class: rapid.SampledFrom([]sealed.Class{sealed.Identity, sealed.Content}).Draw(t, "class"),
				Event: "e1", Field: "title", Bytes: rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "bytes"),
			})
		}
		return
	case *time.Time:
		*x = time.UnixMilli(rapid.Int64Range(0, 4102444800000).Draw(t, "time")).UTC()
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(t, value)
			v.SetMapIndex(reflect.ValueOf(rapid.String().Draw(t, "key")), value)
		}
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	default:
		t.Fatalf("no generator for %v", v.Type())
	}
}
