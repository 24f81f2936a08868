package estest

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Adds returns an error that names a value of the JSON document older which is
// not in newer as well: nil says that newer only adds to it. Schemas that are
// es.Additive MUST be so.
func Adds(older, newer []byte) error {
	var a, b any
	if err := json.Unmarshal(older, &a); err != nil {
		return fmt.Errorf("older: %w", err)
	}
	if err := json.Unmarshal(newer, &b); err != nil {
		return fmt.Errorf("newer: %w", err)
	}
	return adds("", a, b)
}

func adds(at string, older, newer any) error {
	switch o := older.(type) {
	case map[string]any:
		n, ok := newer.(map[string]any)
		if !ok {
			break
		}
		for k, v := range o {
			there, ok := n[k]
			if !ok {
				return fmt.Errorf("%s.%s is gone", at, k)
			}
			if err := adds(at+"."+k, v, there); err != nil {
				return err
			}
		}
		return nil
	case []any:
		n, ok := newer.([]any)
		if !ok || len(n) != len(o) {
			break
		}
		for i := range o {
			if err := adds(fmt.Sprintf("%s[%d]", at, i), o[i], n[i]); err != nil {
				return err
			}
		}
		return nil
	default:
		if reflect.DeepEqual(older, newer) {
			return nil
		}
	}
	return fmt.Errorf("%s was %v and is %v", at, older, newer)
}
