package estest_test

import (
	"strings"
	"testing"

	"kith/pkg/es/estest"
)

func TestAdds(t *testing.T) {
	for name, c := range map[string]struct{ older, newer, wrong string }{
		"a field is added":          {`{"a":1}`, `{"a":1,"b":2}`, ""},
		"one within is added":       {`{"a":[{"b":1}]}`, `{"a":[{"b":1,"c":2}]}`, ""},
		"a field goes":              {`{"a":1,"b":2}`, `{"a":1}`, ".b is gone"},
		"one within goes":           {`{"a":[{"b":1}]}`, `{"a":[{}]}`, ".a[0].b is gone"},
		"a field means another":     {`{"a":1}`, `{"a":"1"}`, ".a was 1 and is 1"},
		"a field becomes a list":    {`{"a":{"b":1}}`, `{"a":[1]}`, ".a was"},
		"a list becomes a field":    {`{"a":[1]}`, `{"a":{"b":1}}`, ".a was"},
		"a list has another length": {`{"a":[1]}`, `{"a":[1,2]}`, ".a was"},
		"the newer is none":         {`{}`, `{`, "newer"},
		"the older is none":         {`{`, `{}`, "older"},
	} {
		err := estest.Adds([]byte(c.older), []byte(c.newer))
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %v, want %q", name, err, c.wrong)
		}
	}
}
