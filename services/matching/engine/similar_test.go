package engine_test

import (
	"fmt"
	"testing"

	"kith/pkg/text"
	"kith/services/matching/engine"
)

// Two requests are as long, say what is asked as often and are as like what is
// asked word by word; but the headline of one is just that.
func TestHeadlinesCount(t *testing.T) {
	w := newWorld()
	raise := func(id, title, body string) {
		_, words := w.Read("en", nil, text.Field{Text: title, Weight: 3}, text.Field{Text: body, Weight: 1})
		w.Raise(engine.Request{ID: id, Asker: "a1", Kind: "information", Language: "en", Words: words})
	}
	raise("else", "zebra printer", "kita grippe laptop")
	raise("same", "zebra", "vertrag driver recht vertrag driver recht")
	raise("other", "heating", "door")
	if got := fmt.Sprint(requests(w.Similar("en", w.termsIn("en", "zebra"), nil, "", 5, nil, all))); got != "[same else]" {
		t.Errorf("found %s", got)
	}
}
