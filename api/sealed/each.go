package sealed

import (
	"reflect"
	"strconv"
	"strings"
)

var textType = reflect.TypeFor[Text]()

// Map returns a copy of the struct v in which f has replaced every Text that
// is not absent, in nested structs and slices too. Path names the field as the
// JSON does. v itself, and everything it shares, stays untouched.
func Map(v any, f func(path string, t Text) (Text, error)) (any, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct || !holdsText(rv.Type(), nil) {
		return v, nil
	}
	c := reflect.New(rv.Type()).Elem()
	c.Set(rv)
	if err := walk(c, "", f); err != nil {
		return nil, err
	}
	return c.Interface(), nil
}

func walk(v reflect.Value, path string, f func(string, Text) (Text, error)) error {
	if v.Type() == textType {
		t := v.Interface().(Text)
		if t.IsZero() {
			return nil
		}
		t, err := f(path, t)
		if err == nil {
			v.Set(reflect.ValueOf(t))
		}
		return err
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			sf := v.Type().Field(i)
			if !sf.IsExported() || !holdsText(sf.Type, nil) {
				continue
			}
			if err := walk(v.Field(i), join(path, jsonName(sf)), f); err != nil {
				return err
			}
		}
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		for i := range c.Len() {
			if err := walk(c.Index(i), join(path, strconv.Itoa(i)), f); err != nil {
				return err
			}
		}
		v.Set(c)
	}
	return nil
}

func holdsText(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch {
	case t == textType:
		return true
	case seen[t]:
		return false
	case t.Kind() == reflect.Slice:
		return holdsText(t.Elem(), seen)
	case t.Kind() == reflect.Struct:
		if seen == nil {
			seen = map[reflect.Type]bool{}
		}
		seen[t] = true
		for i := range t.NumField() {
			if t.Field(i).IsExported() && holdsText(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

func jsonName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
