package fault_test

import (
	"testing"

	"kith/pkg/fault"
)

func TestWrongLine(t *testing.T) {
	for text, fine := range map[string]bool{
		"": true, "Grüße, 世界 🙂": true, "one\nother": false, "tab\there": false, "\x1b[31mred": false, "\u0085": false, "\xff": false,
	} {
		if reason := fault.WrongLine(text); (reason == "") != fine {
			t.Errorf("%q: %q", text, reason)
		}
	}
}
